"""Texts of other programs: without control characters, and as Markdown where they had HTML."""

import re
import unicodedata
from html import unescape

from portal.text import clean_text

LOOKS_LIKE_HTML = re.compile(r"</?(?:p|br|ul|ol|li|a|b|i|em|strong|div|span|h[1-6]|blockquote|code|pre)\b[^<>]*>", re.I)
TAG = re.compile(r"<(/?)([a-z][a-z0-9]*)((?:\s|/)[^<>]*)?>|<[!?][^<>]*>", re.I)  # linear, unlike html.parser
HREF = re.compile(r"""\shref=["']?((?:https?://|mailto:)[^"'\s()<>]+)""", re.I)
BREAKING = {"p", "div", "ul", "ol", "blockquote", "pre", "table", "tr", "section", "h1", "h2", "h3", "h4", "h5", "h6"}
MARKS = {"b": "**", "strong": "**", "i": "*", "em": "*", "code": "`"}
OPENING = {"br": "  \n", "li": "\n- "} | dict.fromkeys(BREAKING, "\n\n") | {f"h{n}": "\n\n### " for n in range(1, 7)}
CLOSING = dict.fromkeys(BREAKING, "\n\n")
PREREQUISITES = "Prerequisites:\n\n"  # as exports head them
SILENT = {"script", "style", "template", "title"}


def prose(text: str) -> str:
    """A text of several lines; HTML as Markdown."""
    text = unicodedata.normalize("NFC", clean_text(text))
    if LOOKS_LIKE_HTML.search(text):
        text = clean_text(Markdown().of(text))
    return re.sub(r"\n{3,}", "\n\n", text).strip()


def joined(abstract: str, description: str) -> str:
    """Both texts, unless one is the beginning of the other."""
    if description.startswith(abstract) or not abstract:
        return description
    return abstract if abstract.startswith(description) else f"{abstract}\n\n{description}"


def parted(abstract: str, description: str) -> tuple[str, str]:
    """The abstract and the prerequisites of a session; we write these as its description."""
    if description.startswith(PREREQUISITES):
        return abstract, description.removeprefix(PREREQUISITES)
    return joined(abstract, description), ""


class Markdown:
    def __init__(self) -> None:
        self.parts: list[str] = []
        self.silenced = ""
        self.addresses: list[str] = []

    def of(self, html: str) -> str:
        end = 0
        for tag in TAG.finditer(html):
            self.take_text(html[end : tag.start()])
            self.take_tag(tag)
            end = tag.end()
        self.take_text(html[end:])
        return "".join(self.parts)

    def take_text(self, text: str) -> None:
        """Without the indentation of the source; the spaces at both ends part words from marked ones."""
        if not self.silenced and text.strip():
            first, *rest = unescape(text).split("\n")
            self.parts.append("\n".join([first, *(line.lstrip() for line in rest)]))
        elif not self.silenced:
            self.parts.append(" " if text and "\n" not in text else "")

    def take_tag(self, tag: re.Match[str]) -> None:
        is_end, name = bool(tag[1]), (tag[2] or "").lower()
        if name in SILENT:
            self.silenced = "" if is_end else name
        elif name == "a":
            self.take_link(is_end, tag[3] or "")
        else:
            self.parts.append((CLOSING if is_end else OPENING).get(name, MARKS.get(name, "")))

    def take_link(self, is_end: bool, attributes: str) -> None:
        if is_end:
            address = self.addresses.pop() if self.addresses else ""
            self.parts.append(f"]({address})" if address else "")
            return
        found = HREF.search(attributes)
        self.addresses.append(found[1] if found else "")
        self.parts.append("[" if found else "")
