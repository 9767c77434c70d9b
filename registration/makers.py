"""What makes and reads paper and workbooks, and other large things, loaded when one is first asked for: a process that
serves pages would carry them otherwise."""

from typing import Any

from django.conf import settings
from django.utils.module_loading import import_string


def maker(name: str) -> Any:
    return import_string(settings.MAKERS[name])
