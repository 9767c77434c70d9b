"""A bare project as startproject makes it, with one view that gives fixed bytes and one that locks a row and adds one.

Configured by DATABASE_URL and by BARE_ANSWERS, a JSON file of path -> [headers, body].
"""

import json
import os
from contextlib import suppress
from pathlib import Path

import dj_database_url
import django
from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.db import IntegrityError, ProgrammingError, connection, models, transaction
from django.http import HttpRequest, HttpResponse
from django.urls import path, re_path
from django.views.decorators.csrf import csrf_exempt

from bench.ground import SQLITE_OPTIONS

database = dj_database_url.parse(os.environ["DATABASE_URL"], conn_max_age=60, conn_health_checks=True)
if database["ENGINE"].endswith("sqlite3"):
    database["OPTIONS"] = SQLITE_OPTIONS
settings.configure(
    SECRET_KEY="bare",
    ALLOWED_HOSTS=["*"],
    ROOT_URLCONF=__name__,
    DATABASES={"default": database},
    INSTALLED_APPS=[f"django.contrib.{app}" for app in ("auth", "contenttypes", "sessions", "messages")],
    MIDDLEWARE=[
        "django.middleware.security.SecurityMiddleware",
        "django.contrib.sessions.middleware.SessionMiddleware",
        "django.middleware.common.CommonMiddleware",
        "django.middleware.csrf.CsrfViewMiddleware",
        "django.contrib.auth.middleware.AuthenticationMiddleware",
        "django.contrib.messages.middleware.MessageMiddleware",
        "django.middleware.clickjacking.XFrameOptionsMiddleware",
    ],
)
django.setup()


class Counter(models.Model):
    taken = models.PositiveIntegerField(default=0)

    class Meta:
        app_label = "bench"


class Seat(models.Model):
    counter = models.ForeignKey(Counter, models.CASCADE)
    name = models.CharField(max_length=200)
    email = models.EmailField(unique=True)

    class Meta:
        app_label = "bench"


with suppress(IntegrityError, ProgrammingError), connection.schema_editor() as editor:  # the other worker was first
    for model in (Counter, Seat):
        if model._meta.db_table not in connection.introspection.table_names():
            editor.create_model(model)
Counter.objects.get_or_create(pk=1)
connection.close()

answers = {
    path: (headers, body.encode())
    for path, (headers, body) in json.loads(Path(os.environ["BARE_ANSWERS"]).read_text()).items()
}


def fixed(request: HttpRequest) -> HttpResponse:
    headers, body = answers[request.path]
    return HttpResponse(body, headers=headers)


@csrf_exempt
@transaction.atomic
def seat(request: HttpRequest) -> HttpResponse:
    counter = Counter.objects.select_for_update().get(pk=1)
    Seat.objects.create(counter=counter, name=request.POST["name"], email=request.POST["email"])
    return HttpResponse(status=302, headers={"Location": "/", "Content-Length": "0"})


urlpatterns = [path("seat/", seat), re_path("", fixed)]
application = get_wsgi_application()
