"""The only way to a material's file or link."""

import logging
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import BinaryIO, cast
from urllib.parse import urlsplit
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.utils.cache import get_conditional_response
from django.utils.http import content_disposition_header, http_date

from portal.access import EventRequest
from portal.caching import only_read
from portal.models import Event
from sessions_app.materials import found
from sessions_app.models import Material

logger = logging.getLogger(__name__)
CHUNK = 256 * 1024
RANGE = re.compile(r"bytes=(\d{0,18})-(\d{0,18})", re.ASCII)


class Part:
    """Some bytes of an open file, which it closes."""

    def __init__(self, file: BinaryIO, span: range) -> None:
        self.file, self.span = file, span

    def __iter__(self) -> Iterator[bytes]:
        self.file.seek(self.span.start)
        left = len(self.span)
        while left and (chunk := self.file.read(min(CHUNK, left))):
            left -= len(chunk)
            yield chunk

    def close(self) -> None:
        self.file.close()


@only_read
def material(request: HttpRequest, event: Event, uuid: UUID, token: str = "") -> HttpResponseBase:
    """`token` is there for personal addresses; whose it is, the middleware has said in request.viewer."""
    viewer = cast(EventRequest, request).viewer
    one = found(event, uuid, viewer, timezone.now())
    if one is None:
        raise Http404("There is no such material.")
    if one.lock:
        response: HttpResponseBase = refusal(request, one.material, f"It is locked: {one.lock}.", status=403)
    else:
        response = link(one.material) if one.material.url else download(request, one.material)
    is_personal = bool(token) or one.material.audience == Material.Audience.REGISTERED
    response["Cache-Control"] = "no-store" if is_personal else "public, no-cache"
    response["Referrer-Policy"] = "no-referrer"
    return response


def refusal(request: HttpRequest, material: Material, reason: str, *, status: int) -> HttpResponse:
    context = {"event": material.event, "material": material, "reason": reason}
    return render(request, "sessions_app/refused.html", context, status=status)


def link(material: Material) -> HttpResponse:
    if urlsplit(material.url).scheme not in ("http", "https"):
        raise Http404("There is no such material.")
    return HttpResponse(status=302, headers={"Location": material.url})


def download(request: HttpRequest, material: Material) -> HttpResponseBase:
    try:
        file = cast(BinaryIO, material.file.open("rb"))
        modified = material.file.storage.get_modified_time(str(material.file.name))
    except FileNotFoundError:
        logger.error("The file of material %s is missing: %s", material.pk, material.file.name)
        return refusal(request, material, "Its file is missing here. The organizers can upload it again.", status=404)
    response = answer(request, material, file, modified)
    response["ETag"] = etag(material)
    response["Last-Modified"] = http_date(modified.timestamp())
    response["Accept-Ranges"] = "bytes"
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "sandbox; default-src 'none'"
    return response


def etag(material: Material) -> str:
    return f'"{material.sha256}"'


def answer(request: HttpRequest, material: Material, file: BinaryIO, modified: datetime) -> HttpResponseBase:
    same = get_conditional_response(request, etag=etag(material), last_modified=int(modified.timestamp()))
    whole = range(material.file.size)
    span = asked_for(request, whole, etag(material), modified) if request.method == "GET" else None
    if same is not None or span == range(0):
        file.close()
        return same or HttpResponse(status=416, headers={"Content-Range": f"bytes */{len(whole)}"})
    part = whole if span is None else span
    if request.method == "HEAD":
        file.close()
    body: HttpResponseBase = HttpResponse() if request.method == "HEAD" else StreamingHttpResponse(Part(file, part))
    body["Content-Type"] = material.media_type or "application/octet-stream"
    body["Content-Disposition"] = content_disposition_header(True, material.filename or material.title)
    body["Content-Length"] = str(len(part))
    if span is not None:
        body.status_code = 206
        body["Content-Range"] = f"bytes {span.start}-{span.stop - 1}/{len(whole)}"
    return body


def asked_for(request: HttpRequest, whole: range, tag: str, modified: datetime) -> range | None:
    """The one range of bytes that is wanted; None for all of it, empty where none can be given (RFC 9110, 14)."""
    asked = RANGE.fullmatch(request.headers.get("Range", "").replace(" ", ""))
    condition = request.headers.get("If-Range")
    is_same = condition in (None, tag, http_date(modified.astimezone(UTC).timestamp()))
    if not asked or not any(asked.groups()) or not is_same:
        return None
    first, last = asked.groups()
    if not first:
        return whole[-int(last) :] if int(last) else range(0)
    if last and int(last) < int(first):
        return None
    span = whole[int(first) : int(last) + 1 if last else None]
    return span or range(0)
