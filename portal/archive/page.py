"""A page for the archive: its links lead to files beside it, and what needs a server is gone."""

from collections.abc import Callable, Iterable
from html import escape
from html.parser import HTMLParser

LINKS = {"href", "src"}
VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}
GONE = None  # a link whose element goes with it
PLAIN = ""  # a link that leads nowhere, and is text then

MOVED = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta http-equiv="refresh" content="0; url={to}">
<link rel="canonical" href="{to}">
<title>This page has moved</title>
<p><a href="{to}">This page has moved.</a></p>
"""

type Target = Callable[[str], str | None]
type Attributes = list[tuple[str, str | None]]


class Page(HTMLParser):
    """`target` gives the new address of a link, PLAIN or GONE."""

    def __init__(self, html: str, target: Target) -> None:
        super().__init__(convert_charrefs=False)
        self.target = target
        self.parts: list[str] = []
        self.skipped: list[str] = []  # the open elements of what is left out
        self.feed(html)
        self.close()

    @property
    def html(self) -> str:
        return "".join(self.parts)

    def handle_starttag(self, tag: str, attrs: Attributes) -> None:
        if self.skipped or self.is_gone(tag, attrs):
            self.skipped += [] if tag in VOID else [tag]
            return
        self.parts.append(f"<{tag}{''.join(map(written, self.kept(attrs)))}>")

    def handle_startendtag(self, tag: str, attrs: Attributes) -> None:
        if not self.skipped and not self.is_gone(tag, attrs):
            self.parts.append(f"<{tag}{''.join(map(written, self.kept(attrs)))}/>")

    def handle_endtag(self, tag: str) -> None:
        if self.skipped:
            while self.skipped and self.skipped.pop() != tag:
                pass
        else:
            self.parts.append(f"</{tag}>")

    def is_gone(self, tag: str, attrs: Attributes) -> bool:
        """Forms, what is marked as needing a server, what search engines are told of the portal, and links to what
        only a server does."""
        values = dict(attrs)
        if tag == "form" or "data-server" in values or values.get("type") == "application/ld+json":
            return True
        targets = [self.target(value or "") for name, value in attrs if name in LINKS and not is_canonical(values)]
        return GONE in targets or (tag != "a" and PLAIN in targets)

    def kept(self, attrs: Attributes) -> Iterable[tuple[str, str | None]]:
        is_whole = is_canonical(dict(attrs))
        for name, value in attrs:
            if name in LINKS and not is_whole:
                if address := self.target(value or ""):
                    yield name, address
            elif not (name.startswith("data-") and (value or "").startswith("/")):
                yield name, value

    def emit(self, text: str) -> None:
        if not self.skipped:
            self.parts.append(text)

    def handle_data(self, data: str) -> None:
        self.emit(data)

    def handle_entityref(self, name: str) -> None:
        self.emit(f"&{name};")

    def handle_charref(self, name: str) -> None:
        self.emit(f"&#{name};")

    def handle_decl(self, decl: str) -> None:
        self.emit(f"<!{decl}>")


def is_canonical(values: dict[str, str | None]) -> bool:
    """Whether this says where the page came from."""
    return values.get("rel") == "canonical"


def written(attribute: tuple[str, str | None]) -> str:
    name, value = attribute
    return f" {name}" if value is None else f' {name}="{escape(value)}"'


def moved(to: str) -> str:
    """A page that leads on to this address beside it."""
    return MOVED.format(to=escape(to))
