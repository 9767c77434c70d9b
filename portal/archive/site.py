"""All of an event that strangers can see, fetched from the portal in the same process, and its links set anew."""

import posixpath
import re
from collections import deque
from collections.abc import Iterable
from email.message import EmailMessage
from functools import partial
from html import unescape
from io import BytesIO
from pathlib import Path
from urllib.parse import unquote, urljoin, urlsplit

from django.conf import settings
from django.core.handlers.wsgi import WSGIHandler, WSGIRequest
from django.http import HttpResponseBase
from django.urls import Resolver404, resolve

from portal.archive import asset
from portal.archive.page import GONE, PLAIN, Page, moved
from portal.models import Event
from sessions_app.traces import earlier_addresses

LINK = re.compile(r"""\b(?:href|src)=["']([^"']+)""")
PERSONAL = {"registration"}  # the addresses of what only a server does
FORMS = {"compare", "now", "mine"}
ANSWERS = ("", "schedule/", "sessions/", "speakers/", "tracks/", "rooms/", "materials/", "releases/")


class Broken(Exception):
    """Why an event can't be archived."""


class Archive:
    """Writes into a folder. `files`: where each path of the portal went; `elsewhere`: where others lead, the `earlier`
    ones of sessions, speakers and rooms among them."""

    def __init__(self, event: Event, folder: Path) -> None:
        self.folder = folder
        self.home, self.api = f"/{event.slug}/", f"/api/v1/events/{event.slug}/"
        self.portal = WSGIHandler()
        self.files: dict[str, str] = {}
        self.elsewhere: dict[str, str] = {}
        self.earlier = [
            f"{self.home}{kind}/{slug}/" for kind, slugs in earlier_addresses(event).items() for slug in slugs
        ]
        self.waiting: deque[str] = deque()
        self.seen: set[str] = set()

    def make(self) -> None:
        numbers = [f"releases/{number}/" for number in range(1, 1 + len(self.releases()))]
        changes = [f"{one}changes/" for one in numbers]
        self.wait_for([self.home, *(self.api + one for one in (*ANSWERS, *numbers, *changes)), *self.earlier])
        while self.waiting:
            self.take(self.waiting.popleft())
        for path, name in self.files.items():
            if name.endswith(".html"):
                file = self.folder / name
                file.write_text(Page(file.read_text(), partial(self.target, path)).html)
        for path in self.earlier:
            self.lead_on(path)

    def releases(self) -> list[int]:
        return list(Event.objects.get(slug=self.home.strip("/")).releases.values_list("number", flat=True))

    def wait_for(self, paths: Iterable[str]) -> None:
        for path in paths:
            if path not in self.seen and self.is_kept(path):
                self.seen.add(path)
                self.waiting.append(path)

    def is_kept(self, path: str) -> bool:
        """Whether this is a page or file that a file server can show as well."""
        if path.startswith(settings.STATIC_URL) or path.startswith(self.api):
            return True
        return path.startswith(self.home) and not self.is_personal(path)

    def is_personal(self, path: str) -> bool:
        try:
            found = resolve(path)
        except Resolver404:
            return False
        return bool(PERSONAL & set(found.app_names)) or found.url_name in FORMS

    def take(self, path: str) -> None:
        if path.startswith(settings.STATIC_URL):
            data = asset.contents(path)
            if data is not None:
                self.write(path, f"static/{path.removeprefix(settings.STATIC_URL)}", data)
                self.wait_for(asset.needed(path, data))
            return
        response = self.fetch(path)
        if response.status_code in (301, 302):
            self.elsewhere[path] = response["Location"]
        elif response.status_code == 200:
            data = response.getvalue()
            self.write(path, self.name_of(path, response), data)
            if response["Content-Type"].startswith("text/html"):
                self.wait_for(self.paths_in(data.decode(), path))

    def lead_on(self, path: str) -> None:
        """A page at an earlier address that leads to the present one, as the portal itself does."""
        if there := self.files.get(self.elsewhere.get(path, "")):
            here = path.removeprefix(self.home)
            self.write(path, f"{here}index.html", moved(posixpath.relpath(there, here)).encode())

    def fetch(self, path: str) -> HttpResponseBase:
        """What a stranger without a cookie gets. The database stays open in between, as it wouldn't by WSGI."""
        response = self.portal.get_response(WSGIRequest(environ(path)))
        if response.status_code >= 500:
            raise Broken(f"{path} can't be shown: the portal's log says why.")
        return response

    def name_of(self, path: str, response: HttpResponseBase) -> str:
        if path.startswith(self.api):
            return f"api/{path.removeprefix(self.api).strip('/') or 'event'}.json"
        inner = unquote(path.removeprefix(self.home))
        if not path.endswith("/"):
            return inner
        said = EmailMessage()
        said["content-disposition"] = response.get("Content-Disposition", "inline")
        return inner + (posixpath.basename(said.get_filename() or "") or "index.html")

    def write(self, path: str, name: str, data: bytes) -> None:
        file = (self.folder / name).resolve()
        if not file.is_relative_to(self.folder.resolve()):
            return
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(data)
        self.files[path] = name

    def paths_in(self, html: str, page: str) -> Iterable[str]:
        links = (urlsplit(urljoin(settings.SITE_URL + page, unescape(link))) for link in LINK.findall(html))
        return [link.path for link in links if f"{link.scheme}://{link.netloc}" == settings.SITE_URL]

    def target(self, page: str, link: str) -> str | None:
        """Where a link of a page leads in the archive."""
        if link.startswith("#"):
            return link
        parts = urlsplit(urljoin(settings.SITE_URL + page, link))
        if parts.scheme == "webcal":
            return GONE
        if f"{parts.scheme}://{parts.netloc}" != settings.SITE_URL:
            return link
        if parts.path in self.elsewhere:
            return self.target(page, self.elsewhere[parts.path])
        if parts.path not in self.files:
            return GONE if self.is_personal(parts.path) else PLAIN
        here = posixpath.dirname(self.files[page])
        there = posixpath.relpath(self.files[parts.path], here or ".")
        return f"{there}#{parts.fragment}" if parts.fragment else there


def environ(path: str) -> dict[str, object]:
    site = urlsplit(settings.SITE_URL)
    return {
        "REQUEST_METHOD": "GET",
        "PATH_INFO": unquote(path).encode().decode("latin-1"),
        "QUERY_STRING": "",
        "SERVER_NAME": site.hostname or "",
        "SERVER_PORT": str(site.port or (443 if site.scheme == "https" else 80)),
        "SERVER_PROTOCOL": "HTTP/1.1",
        "HTTP_HOST": site.netloc,
        "HTTP_X_FORWARDED_PROTO": site.scheme,
        "REMOTE_ADDR": "127.0.0.1",
        "wsgi.url_scheme": site.scheme,
        "wsgi.input": BytesIO(),
    }
