"""The mails of a trial set-up, readable in the browser. Without a mail server they are files in a folder; with one,
none of these pages exists."""

from dataclasses import dataclass
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from functools import cached_property
from hashlib import sha256
from pathlib import Path

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import URLPattern, path
from django.utils.http import content_disposition_header
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.csp import csp_override
from django.views.decorators.http import require_safe

RULER = b"\n" + b"-" * 79 + b"\n"
BEGINNINGS = (b"Content-Type: ", b"MIME-Version: ")
MOST = 500
UNKNOWN = datetime(1970, 1, 1, tzinfo=UTC)
FRAME_CSP = {
    "default-src": ["'none'"],
    "style-src": ["'unsafe-inline'"],
    "img-src": ["data:"],
    "frame-ancestors": ["'self'"],
    "sandbox": ["allow-popups", "allow-popups-to-escape-sandbox"],
}


@dataclass(frozen=True)
class Written:
    """A mail in the folder. Its key is made from its bytes, so that no address ever names a file."""

    key: str
    message: EmailMessage

    @property
    def subject(self) -> str:
        return str(self.message["Subject"] or "")

    @property
    def recipient(self) -> str:
        return str(self.message["To"] or "")

    @cached_property
    def sent_at(self) -> datetime:
        return getattr(self.message["Date"], "datetime", None) or UNKNOWN

    @property
    def text(self) -> str:
        return self.body("plain")

    @property
    def html(self) -> str:
        return self.body("html")

    def body(self, kind: str) -> str:
        part = self.message.get_body((kind,))
        return str(part.get_content()) if part else ""

    @property
    def attachments(self) -> list[str]:
        return [part.get_filename() or "attachment" for part in self.message.iter_attachments()]

    def attachment(self, number: int) -> bytes:
        parts = list(self.message.iter_attachments())
        if number >= len(parts):
            raise Http404("There is no such attachment.")
        content = parts[number].get_payload(decode=True)
        return content if isinstance(content, bytes) else b""


def newest(folder: Path) -> list[Written]:
    """What Django's file backend wrote, the newest first."""
    files = sorted(folder.glob("*.log"), reverse=True)[:MOST] if folder.is_dir() else []
    found = [written(part) for file in files for part in reversed(split(file.read_bytes()))]
    return sorted(found, key=lambda mail: mail.sent_at, reverse=True)


def split(content: bytes) -> list[bytes]:
    """The mails of a file. A line of dashes in a text is no end of a mail: another one has to begin behind it."""
    parts: list[bytes] = []
    for part in content.split(RULER):
        if parts and not part.startswith(BEGINNINGS):
            parts[-1] += RULER + part
        else:
            parts.append(part)
    return [part.removesuffix(RULER) for part in parts if part.strip()]


def written(content: bytes) -> Written:
    message = message_from_bytes(content, policy=policy.default)
    assert isinstance(message, EmailMessage)
    return Written(sha256(content).hexdigest()[:16], message)


def folder() -> Path:
    if settings.TRIAL_MAIL_DIR is None:
        raise Http404("Mails are sent, not kept.")
    return settings.TRIAL_MAIL_DIR


def mail_with(key: str) -> Written:
    for mail in newest(folder()):
        if mail.key == key:
            return mail
    raise Http404("There is no such mail.")


@require_safe
def mails(request: HttpRequest) -> HttpResponse:
    return render(request, "portal/trial_mails.html", {"mails": newest(folder())})


@require_safe
def mail(request: HttpRequest, key: str) -> HttpResponse:
    return render(request, "portal/trial_mail.html", {"mail": mail_with(key)})


@require_safe
@xframe_options_sameorigin
@csp_override(FRAME_CSP)
def mail_html(request: HttpRequest, key: str) -> HttpResponse:
    """The HTML part for the frame on the mail's page: no script, no request, links open in a tab of their own."""
    html = mail_with(key).html
    if not html:
        raise Http404("This mail has no HTML part.")
    return HttpResponse(html.replace("<head>", '<head><base target="_blank">', 1))


@require_safe
def mail_attachment(request: HttpRequest, key: str, number: int) -> HttpResponse:
    found = mail_with(key)
    response = HttpResponse(found.attachment(number), content_type="application/octet-stream")
    response["Content-Disposition"] = content_disposition_header(True, found.attachments[number]) or "attachment"
    return response


pages: list[URLPattern] = [
    path("mail/", mails, name="trial-mails"),
    path("mail/<slug:key>/", mail, name="trial-mail"),
    path("mail/<slug:key>/html/", mail_html, name="trial-mail-html"),
    path("mail/<slug:key>/attachments/<int:number>/", mail_attachment, name="trial-mail-attachment"),
]
urlpatterns = pages if settings.TRIAL_MAIL_DIR else []
