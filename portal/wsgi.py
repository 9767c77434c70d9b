"""The WSGI application: Django, and before it the front that replays public answers."""

import gc
import os

from django.conf import settings
from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")
django = get_wsgi_application()

from portal.front import MEGABYTE, Front  # noqa: E402 -- the front reads models, which Django has to load first

gc.collect()
gc.freeze()  # what is loaded now stays: looking through it again and again would cost each request
application = Front(django, limit=0 if settings.DEBUG else 64 * MEGABYTE)
