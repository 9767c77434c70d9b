"""The product's settings on the tests' own ground. TEST_DATABASE=postgres chooses real PostgreSQL."""

import os

from tests import services

os.environ.pop("TRIAL", None)
os.environ |= {
    "SECRET_KEY": "only for tests, and the same in every process they start",
    "ALLOWED_HOSTS": "testserver,localhost,127.0.0.1,portal.example",
    "SITE_URL": "https://portal.example",
    "DATABASE_URL": services.database_url(os.environ.get("TEST_DATABASE", "sqlite")),
    "REDIS_URL": "redis://127.0.0.1:1/0",
    "EMAIL_URL": "smtp://127.0.0.1:1",
    "MEDIA_ROOT": str(services.scratch() / "media"),
    "VAR_DIR": str(services.scratch() / "var"),
}

from portal.settings import *  # noqa: F403

if DATABASES["default"]["ENGINE"].endswith("sqlite3"):  # noqa: F405
    # A file as in production, not the memory that Django would take: threads meet the same locks.
    DATABASES["default"]["TEST"] = {"NAME": str(services.scratch() / "test.sqlite3")}  # noqa: F405

STORAGES = {
    "default": {"BACKEND": "portal.storage.WholeFileStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
STATIC_ROOT.mkdir(parents=True, exist_ok=True)  # noqa: F405
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
