"""The product's settings without the guard that SWITCHED_OFF names, for tests that want to see the failure."""

from portal.settings import *  # noqa: F403
from portal.settings import INSTALLED_APPS

INSTALLED_APPS = [*INSTALLED_APPS, "tests.chaos.apps.SwitchedConfig"]
