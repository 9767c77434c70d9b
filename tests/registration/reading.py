"""How tests read the attendees' pages."""

import re
from typing import Any

from django.conf import settings
from django.http import HttpResponse
from django.utils import timezone

from portal.models import Event, Mail

ADA = {"name": "Ada", "email": "ada@example.org"}
PERSONAL = {"Cache-Control": "no-store", "Referrer-Policy": "no-referrer", "X-Robots-Tag": "noindex"}


def path(url: str) -> str:
    return url.removeprefix(settings.SITE_URL)


def headings(response: HttpResponse) -> list[str]:
    return re.findall(r"<h1>(.*?)</h1>", response.content.decode())


def text(response: HttpResponse) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", response.content.decode()).split())


def field_errors(response: HttpResponse) -> dict[str, str]:
    found = re.findall(r'<p class="error" id="id_([\w-]+)_error">.*?</svg> (.*?)</p>', response.content.decode())
    return dict(found)


def traces(response: HttpResponse) -> dict[str, Any]:
    return {name: response.get(name) for name in PERSONAL}


def make_mail(event: Event, address: str = "ada@example.org") -> Mail:
    return Mail.objects.create(
        event=event, kind="release", address=address, occasion="1", message_id="<1@x>", due_at=timezone.now()
    )
