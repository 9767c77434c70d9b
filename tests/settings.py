"""The product's settings on the tests' own ground. TEST_DATABASE=postgres chooses real PostgreSQL."""

import os
import tempfile

from tests import services

os.environ.pop("TRIAL", None)
os.environ |= {
    "SECRET_KEY": "only for tests, and the same in every process they start",
    "ALLOWED_HOSTS": "testserver,localhost,127.0.0.1,portal.example",
    "SITE_URL": "https://portal.example",
    "DATABASE_URL": services.database_url(os.environ.get("TEST_DATABASE", "sqlite")),
    "REDIS_URL": os.environ.get("REDIS_URL", "redis://127.0.0.1:1/0"),
    "EMAIL_URL": os.environ.get("EMAIL_URL", "smtp://127.0.0.1:1"),
    "MEDIA_ROOT": os.environ.get("MEDIA_ROOT") or tempfile.mkdtemp(prefix="lectern-media-"),
}

from portal.settings import *  # noqa: F403

STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
