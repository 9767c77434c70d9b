"""The WSGI application: Django, and before it the front that replays public answers."""

import ctypes
import gc
import os
from importlib import import_module

from django.conf import settings
from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")
django = get_wsgi_application()

from portal.front import MEGABYTE, Front  # noqa: E402 -- the front reads models, which Django has to load first

import_module(settings.ROOT_URLCONF)  # with all views, so that nobody who comes first waits for them
# One heap for all threads, where the C library has such a choice: each heap keeps the memory of its largest answer.
# Large answers get memory of their own, which is given back with them instead of leaving holes in the heap.
allot = getattr(ctypes.CDLL(None), "mallopt", lambda parameter, value: 0)
allot(-8, 1)  # M_ARENA_MAX
allot(-3, MEGABYTE // 4)  # M_MMAP_THRESHOLD
gc.collect()
gc.freeze()  # what is loaded now stays: looking through it again and again would cost each request
gc.set_threshold(20_000)  # hardly anything of a request is left to it, so it needn't look ten times as often
application = Front(django, limit=0 if settings.DEBUG else 64 * MEGABYTE)
