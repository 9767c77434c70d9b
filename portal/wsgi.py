"""The WSGI application: Django, and before it what says again what it answered before, to all or to one who repeats."""

import ctypes
import gc
import os
import sys
from importlib import import_module

from django.conf import settings
from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")
django = get_wsgi_application()

# They read models, which Django has to load first.
from portal.bell import bell  # noqa: E402
from portal.echo import Echo  # noqa: E402
from portal.front import MEGABYTE, Front  # noqa: E402
from registration.addresses import clean_address  # noqa: E402

# What is loaded and made at its first use is made now: all who come when registration opens would wait for it.
import_module(settings.ROOT_URLCONF)
clean_address("name@example.org")
bell.lift()
# One heap for all threads, where the C library has such a choice: each heap keeps the memory of its largest answer.
# Large answers get memory of their own, which is given back with them instead of leaving holes in the heap.
allot = getattr(ctypes.CDLL(None), "mallopt", lambda parameter, value: 0)
allot(-8, 1)  # M_ARENA_MAX
allot(-3, MEGABYTE // 4)  # M_MMAP_THRESHOLD
gc.collect()
gc.freeze()  # what is loaded now stays: looking through it again and again would cost each request
sys.setswitchinterval(0.001)  # a thread that has the lock on the seats goes on sooner
gc.set_threshold(20_000)  # hardly anything of a request is left to it, so it needn't look ten times as often
application = Front(Echo(django), limit=0 if settings.DEBUG else 64 * MEGABYTE)
