"""Follows every link of the portal, as somebody would who copies each address into the next request."""

import io
import re
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass
from html import unescape
from itertools import product
from urllib.parse import unquote, urldefrag, urljoin, urlsplit

import pypdf
from django.conf import settings
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.test import Client
from django.urls import Resolver404, resolve

from tests.test_urls_access import OURS

LINK = re.compile(r"""(?:href|src|action|data-seats)=["']([^"']+)["']|((?:https?|webcal)://[^\s"'<>\\),]+)""")
FOLDED = re.compile(r"\r?\n[ \t]")  # of long lines in calendars
PLACE = re.compile(r"<\w+:\w+>")
UNREAD = ("/static/", "/admin/")


@dataclass(frozen=True)
class Found:
    """What an address answers: by which caches know it, and all that can be read of it, names of files included."""

    status: int
    tag: str
    modified: str
    text: str


def found(response: HttpResponseBase) -> Found:
    body = b"".join(response) if response.streaming else HttpResponse.getvalue(response)  # type: ignore[arg-type]
    head = unquote("\n".join(f"{name}: {value}" for name, value in response.headers.items()))
    text = f"{head}\n\n{readable(response.get('Content-Type', ''), body)}"
    return Found(response.status_code, response.get("ETag", ""), response.get("Last-Modified", ""), text)


def readable(media_type: str, body: bytes) -> str:
    """What a PDF says; anything else as it is."""
    if not body.startswith(b"%PDF") or media_type != "application/pdf":
        return body.decode(errors="replace")
    paper = pypdf.PdfReader(io.BytesIO(body))
    return "\n".join([*(page.extract_text() for page in paper.pages), str(paper.metadata)])


def crawl(client: Client, starts: Iterable[str]) -> dict[str, Found]:
    """The answers to all addresses that can be reached, by their addresses."""
    answers: dict[str, Found] = {}
    waiting = deque(starts)
    while waiting:
        address = waiting.popleft()
        if address not in answers:
            answers[address] = found(client.get(address))
            waiting.extend(links_in(address, answers[address].text))
    return answers


def links_in(address: str, text: str) -> list[str]:
    """Where it leads to within the portal."""
    named = ("".join(parts) for parts in LINK.findall(unescape(FOLDED.sub("", text))))
    full = (urljoin(settings.SITE_URL + address, re.sub("^webcal:", "https:", one)) for one in named)
    paths = (urldefrag(one)[0].removeprefix(settings.SITE_URL) for one in full if one.startswith(settings.SITE_URL))
    location = re.findall(r"^Location: (/\S*)", text, re.MULTILINE)
    return [one for one in (*paths, *location) if one.startswith("/") and not one.startswith(UNREAD)]


def route_of(address: str) -> str:
    """Empty where nothing can be."""
    try:
        return resolve(urlsplit(address).path).route
    except Resolver404:
        return ""


def filled(values: dict[str, list[str]], routes: Iterable[str] = OURS) -> list[str]:
    """The addresses of these routes with each combination of these values, for those that need no others."""
    known = [route for route in routes if set(PLACE.findall(route)) <= values.keys()]
    return [address for route in known for address in filled_one(route, values)]


def filled_one(route: str, values: dict[str, list[str]]) -> list[str]:
    places = PLACE.findall(route)
    return [f"/{put(route, places, chosen)}" for chosen in product(*(values[place] for place in places))]


def put(route: str, places: list[str], chosen: tuple[str, ...]) -> str:
    for place, value in zip(places, chosen, strict=True):
        route = route.replace(place, value, 1)
    return route
