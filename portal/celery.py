"""The Celery app. Its settings are the CELERY_ ones of portal.settings."""

import os
from mmap import mmap
from typing import Any

from celery import Celery
from celery.signals import worker_shutting_down

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")

app = Celery("portal")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
told_to_stop = mmap(-1, 1)  # shared with a worker's children, of which none hears TERM


@worker_shutting_down.connect
def tell_children(**kwargs: Any) -> None:
    told_to_stop[0] = 1


def is_stopping() -> bool:
    """Whether this worker was told to end: long tasks leave the rest to another one."""
    return told_to_stop[0] == 1
