"""All settings. Values that differ between machines come from the environment and nowhere else.

Safe in production by default: without SECRET_KEY and ALLOWED_HOSTS it refuses to start. TRIAL=1 (set by
`manage.py` when neither is given) keeps everything in `var/` and answers loopback only.
"""

from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

import dj_database_url
from django.utils.csp import CSP

from portal import environment as env

BASE_DIR = Path(__file__).resolve().parent.parent
VAR = Path(env.text("VAR_DIR", str(BASE_DIR / "var")))
TRIAL = env.boolean("TRIAL")
DEBUG = env.boolean("DEBUG")
SECRET_KEY = env.text("SECRET_KEY", env.stored_secret(VAR / "secret_key") if TRIAL else None)
SECRET_KEY_FALLBACKS = env.words("SECRET_KEY_FALLBACKS", "")
ALLOWED_HOSTS = env.words("ALLOWED_HOSTS", "localhost,127.0.0.1,[::1]" if TRIAL else None)
PORT = env.integer("PORT", 8000)  # of `manage.py run`
SITE_URL = env.text("SITE_URL", f"http://localhost:{PORT}" if TRIAL else f"https://{ALLOWED_HOSTS[0]}").rstrip("/")
TRUSTED_PROXY_COUNT = env.integer("TRUSTED_PROXY_COUNT", 0)

INSTALLED_APPS = [
    "portal.apps.PortalConfig",
    "sessions_app.apps.SessionsConfig",
    "registration.apps.RegistrationConfig",
    "portal.apps.OrganizersAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "portal.middleware.request_id",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.middleware.csp.ContentSecurityPolicyMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "portal.middleware.open_to_other_sites",
    "portal.middleware.readable",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "portal.audit.audited",
    "portal.middleware.EventMiddleware",
    "registration.middleware.ViewerMiddleware",
    "portal.middleware.discreet",
]

ROOT_URLCONF = "portal.urls"
WSGI_APPLICATION = "portal.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
            "builtins": ["portal.templatetags.words", "portal.templatetags.look"],
        },
    }
]

DATABASES = {
    "default": dj_database_url.parse(
        env.text("DATABASE_URL", f"sqlite:///{VAR / 'db.sqlite3'}" if TRIAL else None),
        conn_max_age=60,
        conn_health_checks=True,
    )
}
if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    DATABASES["default"]["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        # Each thread has a cache of its own, in kB, over that of the system.
        "init_command": "PRAGMA journal_mode=WAL;PRAGMA synchronous=NORMAL;PRAGMA cache_size=-500;",
    }
else:
    planned = {"server_side_binding": True, "prepare_threshold": 5}  # see docs/decisions/010-plain-sql.md
    DATABASES["default"]["ENGINE"] = "portal.postgresql"
    DATABASES["default"]["OPTIONS"] = planned | DATABASES["default"].get("OPTIONS", {})
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

LANGUAGE_CODE = "en"
USE_I18N = False
FORMAT_MODULE_PATH = "portal.formats"
TIME_ZONE = "UTC"
USE_TZ = True

STATIC_URL = "static/"
STATIC_ROOT = VAR / "static"
MEDIA_ROOT = Path(env.text("MEDIA_ROOT", str(VAR / "media")))
STORAGES = {
    "default": {"BACKEND": "portal.storage.WholeFileStorage"},
    "staticfiles": {"BACKEND": "portal.sheets.BundlingStorage"},
}
if TRIAL:  # static files straight from the apps: nothing to collect first
    STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    WHITENOISE_USE_FINDERS = True
REQUIRE_SECOND_FACTOR = env.boolean("REQUIRE_SECOND_FACTOR")  # of who logs in to the admin
AUDIT_DAYS = env.integer("AUDIT_DAYS", 90)  # who did what from where; the history has no addresses and stays
ERASURES_FILE = VAR / "erasures"  # survives a restored database; see docs/operations.md
FILE_UPLOAD_PERMISSIONS = 0o640
MATERIAL_MAX_MEGABYTES = 100

SITE_HOST = urlsplit(SITE_URL).hostname or "localhost"
DEFAULT_FROM_EMAIL = env.text("DEFAULT_FROM_EMAIL", f"Lectern <lectern@{SITE_HOST}>")
EMAIL_URL = env.text("EMAIL_URL", "")
TRIAL_MAIL_DIR = VAR / "mail" if TRIAL and not EMAIL_URL else None
if TRIAL_MAIL_DIR:
    MAILERS = {
        "default": {
            "BACKEND": "django.core.mail.backends.filebased.EmailBackend",
            "OPTIONS": {"file_path": str(TRIAL_MAIL_DIR)},
        }
    }
else:
    MAILERS = {"default": env.mailer(env.text("EMAIL_URL"))}

MAIL_RATE = env.number("MAIL_RATE", 0)  # mass mails a second by all workers together; 0 is as fast as it goes
MAIL_LEASE = env.integer("MAIL_LEASE", 75)  # seconds a sender has for a mail: longer than a task may live
MAIL_FIRST_GAP = env.integer("MAIL_FIRST_GAP", 10)  # seconds until the second try; each further gap is twice as long
MAIL_LONGEST_GAP = env.integer("MAIL_LONGEST_GAP", 3600)
MAIL_TRIES = env.integer("MAIL_TRIES", 80)  # with the gaps above, three days
MAIL_SWEEP = env.integer("MAIL_SWEEP", 30)  # seconds between two looks for mails that nobody was woken for
MAIL_LOST_PERCENT = env.integer("MAIL_LOST_PERCENT", 5)  # of a mailing, undeliverable: it stops by itself

# "user:password" for the webhook of the mail provider, which is closed while this is empty.
ANYMAIL = {"WEBHOOK_SECRET": env.text("MAIL_WEBHOOK_SECRET", "")}

# The renderer of each kind of mail: takes the outbox row, gives a portal.mail.Letter.
LETTERS = {
    "confirm": "registration.letters.confirm",
    "confirmed": "registration.letters.confirmed",
    "waitlisted": "registration.letters.waitlisted",
    "promoted": "registration.letters.promoted",
    "cancelled": "registration.letters.cancelled",
    "again": "registration.letters.again",
    **{
        kind: f"registration.replies.{kind}"
        for kind in ("awaiting", "declined", "lapsed", "link", "lab_seat", "transfer", "passed_on")
    },
    "follow": "registration.letters.follow",
    "release": "registration.circulars.release",
    "proof": "registration.proofs.proof",
    "stopped": "registration.circulars.stopped",
    "announcement": "registration.circulars.announcement",
    "materials": "registration.circulars.materials",
    "due": "registration.duties.due",
    "unreleased": "registration.duties.unreleased",
    "unsent": "registration.duties.unsent",
}

# The people of each kind of mass mail: takes a portal.mailings mailing and how many, gives the Step from its cursor on.
AUDIENCES = {
    "release": "registration.notices.step",
    "announcement": "registration.announcements.step",
    "materials": "registration.digests.step",
}

# What makes and reads paper and workbooks: registration.makers loads it when it is first asked for.
MAKERS = {
    "sheet": "registration.typesetting.Sheet",
    "missing_letters": "registration.typesetting.missing",
    "workbook": "registration.workbooks.workbook",
    "read_workbook": "openpyxl.load_workbook",
    "throwaway_domains": "disposable_email_domains.blocklist",
}

# Who is told of a speaker taken out of all releases, in the transaction of that.
REDACTED = "registration.purging.remember_speaker"

# What a file with a whole event has beside the program, by its name there; see sessions_app/importers/sections.py.
SECTIONS = {
    "materials": "sessions_app.importers.materials.Materials",
    "registration": "registration.terms.Terms",
}

TRIAL_BROKER = VAR / "broker" / "url"  # written by `manage.py run`, for commands in another terminal
REDIS_URL = env.text("REDIS_URL", env.noted(TRIAL_BROKER, "redis://localhost:6379/0") if TRIAL else None)
CELERY_BROKER_URL = REDIS_URL
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "visibility_timeout": 180,
    "unacked_restore_interval": 10,
    "unacked_restore_throttle": 1,
    "socket_connect_timeout": 2,
    "socket_timeout": 30,
}
CELERY_TASK_PUBLISH_RETRY = False
CELERY_TASK_IGNORE_RESULT = True
CELERY_RESULT_BACKEND_THREAD_SAFE = True  # there is none, so all threads share it instead of each loading its own
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_TASK_TIME_LIMIT = 120
CELERY_TASK_SOFT_TIME_LIMIT = 90
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_ENABLE_REMOTE_CONTROL = False
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BEAT_SCHEDULER = "celery.beat:Scheduler"  # in memory: intervals have nothing to remember
CELERY_BEAT_SCHEDULE = {
    "sweep the outbox": {"task": "portal.tasks.sweep", "schedule": timedelta(seconds=MAIL_SWEEP)},
    "forget what is kept no longer": {"task": "registration.tasks.forget", "schedule": timedelta(hours=1)},
    "free the seats held too long": {"task": "registration.tasks.expire", "schedule": timedelta(minutes=1)},
    "release at a set time": {"task": "registration.tasks.release_due", "schedule": timedelta(seconds=15)},
    "send announcements": {"task": "registration.tasks.announce", "schedule": timedelta(seconds=30)},
    "tell of new materials": {"task": "registration.tasks.digest", "schedule": timedelta(minutes=10)},
    "remind of the final program": {"task": "registration.tasks.remind", "schedule": timedelta(minutes=10)},
}

SECURE_CSP = {
    "default-src": [CSP.SELF],
    "img-src": [CSP.SELF, "data:"],
    "object-src": [CSP.NONE],
    "base-uri": [CSP.NONE],
    "frame-ancestors": [CSP.NONE],
    "form-action": [CSP.SELF],
}
IS_HTTPS = SITE_URL.startswith("https:")
SECURE_SSL_REDIRECT = False  # the proxy's duty; see docs/operations.md
SECURE_HSTS_SECONDS = 31_536_000 if IS_HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = False
# Whether all names under the domain speak TLS is its owner's to say; to redirect to it is the proxy's duty.
SILENCED_SYSTEM_CHECKS = ["security.W005", "security.W008", "security.W021"]
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if TRUSTED_PROXY_COUNT else None
X_FRAME_OPTIONS = "DENY"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = IS_HTTPS
SESSION_COOKIE_NAME = "__Host-sessionid" if IS_HTTPS else "sessionid"
CSRF_COOKIE_NAME = "__Host-csrftoken" if IS_HTTPS else "csrftoken"
CSRF_COOKIE_HTTPONLY = True
CSRF_TRUSTED_ORIGINS = [SITE_URL]
CSRF_FAILURE_VIEW = "portal.views.csrf_failure"
LOGIN_URL = "admin:login"
LOGIN_REDIRECT_URL = "admin:index"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in ("UserAttributeSimilarityValidator", "MinimumLengthValidator", "CommonPasswordValidator")
]
DATA_UPLOAD_MAX_MEMORY_SIZE = 1_000_000
DATA_UPLOAD_MAX_NUMBER_FIELDS = 2000

REST_FRAMEWORK = {
    "DEFAULT_RENDERER_CLASSES": ["portal.rendering.PlainJSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["portal.parsing.ShallowJSONParser"],
    "DEFAULT_AUTHENTICATION_CLASSES": [],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.AllowAny"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "portal.problems.handle",
    "URL_FORMAT_OVERRIDE": None,
    "UNAUTHENTICATED_USER": None,
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Lectern schedule API",
    "DESCRIPTION": "Released programs of events, as JSON. Read without a key; poll with If-None-Match.",
    "VERSION": "1",
    "OAS_VERSION": "3.1.0",
    "SERVE_INCLUDE_SCHEMA": False,
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "ENUM_NAME_OVERRIDES": {"SessionStatusEnum": ["planned", "cancelled"]},
}

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {"request": {"()": "portal.logs.RequestFilter"}},
    "formatters": {
        "line": {"()": "portal.logs.Line", "fmt": "%(asctime)s %(levelname)s %(name)s [%(request)s] %(message)s"}
    },
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line", "filters": ["request"]}},
    "root": {"handlers": ["stderr"], "level": "INFO"},
    "loggers": {
        "django.request": {"level": "ERROR"},
        "django.security": {"level": "WARNING"},
        "celery.worker.strategy": {"level": "WARNING"},
        "celery.app.trace": {"level": "WARNING"},
        "fontTools": {"level": "ERROR"},  # it would tell the letters of names
        "fpdf": {"level": "ERROR"},
    },
}
