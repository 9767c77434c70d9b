"""Fills in a form as a browser does: sends back every field of the page, some with another value."""

from html.parser import HTMLParser
from typing import Any

from django.http import HttpResponse
from django.test import Client


class Fields(HTMLParser):
    """The names and values a browser would send for the forms of a page."""

    def __init__(self, response: HttpResponse) -> None:
        super().__init__()
        self.values: dict[str, str] = {}
        self.area = self.choice = ""
        self.feed(response.content.decode())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        name, value = found.get("name") or "", found.get("value") or ""
        kind = found.get("type", "text")
        if tag == "input" and kind not in ("submit", "file") and (kind != "checkbox" or "checked" in found):
            self.values[name] = value or ("on" if kind == "checkbox" else "")
        elif tag == "textarea":
            self.area, self.values[name] = name, ""
        elif tag == "select":
            self.choice = name
        elif tag == "option" and ("selected" in found or self.choice not in self.values):
            self.values[self.choice] = value

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea":
            self.area = ""

    def handle_data(self, data: str) -> None:
        if self.area:
            self.values[self.area] += data.removeprefix("\n")


def fields_of(response: HttpResponse) -> dict[str, str]:
    return {name: value for name, value in Fields(response).values.items() if name and "__prefix__" not in name}


def send(client: Client, address: str, **changes: Any) -> HttpResponse:
    """Open the page, change some fields, press save."""
    return client.post(address, fields_of(client.get(address)) | changes)
