"""The project package: the floor both apps stand on, and the roof that joins them."""

from portal.celery import app as celery_app

__all__ = ["celery_app"]
