"""Texts of other programs: without control characters, and as Markdown where they had HTML."""

import re
import unicodedata
from html import unescape

import nh3

from portal.text import clean_text

# Fences to their end or the text's; spans within a paragraph, where a backtick in a word (don`t) opens none.
FENCE = r"^ *+(?P<fence>`{3,}+|~{3,}+)[^`\n]*+$(?:\n(?! *+(?P=fence)[`~ \t]*+$)[^\n]*+)*+(?:\n[^\n]*+)?"
SPAN = r"(?<![`\w])(?P<ticks>`{1,3})(?!`)(?:[^\n]|\n(?![ \t]*\n)){1,1000}?(?<!`)(?P=ticks)(?!`)"
CODE = rf"(?P<code>{FENCE}|{SPAN})"
# Tags that stand alone, or end: `List<b>` of a text about code has no end.
HTML = re.compile(
    rf"{CODE}|(?P<tag><(?:p|br|li)\b[^<>]*>"
    r"|</(?:p|ul|ol|li|a|b|i|em|strong|div|span|h[1-6]|blockquote|code|pre)\s*>)",
    re.IGNORECASE | re.MULTILINE,
)
TOKEN = re.compile(  # linear, unlike html.parser
    rf"{CODE}|<(?P<end>/?)(?P<name>[a-z][a-z0-9]*)(?P<attributes>(?:\s|/)[^<>]*)?>|<[!?][^<>]*>",
    re.IGNORECASE | re.MULTILINE,
)
BLANK_LINES = re.compile(rf"{CODE}|\n{{3,}}", re.MULTILINE)
HREF = re.compile(r"""\shref=["']?((?:https?://|mailto:)[^"'\s()<>]+)""", re.I)
BREAKING = {"p", "div", "ul", "ol", "blockquote", "pre", "table", "tr", "section", "h1", "h2", "h3", "h4", "h5", "h6"}
MARKS = {"b": "**", "strong": "**", "i": "*", "em": "*", "code": "`"}
OPENING = {"br": "  \n", "li": "\n- "} | dict.fromkeys(BREAKING, "\n\n") | {f"h{n}": "\n\n### " for n in range(1, 7)}
CLOSING = dict.fromkeys(BREAKING, "\n\n")
PREREQUISITES = "Prerequisites:\n\n"  # as exports head them
SILENT = {"script", "style", "template", "title"}
ELEMENTS = nh3.ALLOWED_TAGS | BREAKING | SILENT | {"html", "head", "body", "meta", "link", "font", "main", "iframe"}


def prose(text: str) -> str:
    """A text of several lines; HTML as Markdown, but code in Markdown as it is."""
    text = verbatim(text)
    if any(found["tag"] for found in HTML.finditer(text)):
        text = clean_text(Markdown().of(text))
    return BLANK_LINES.sub(lambda found: found["code"] or "\n\n", text).strip()


def verbatim(text: str) -> str:
    """A text that is Markdown for certain."""
    return unicodedata.normalize("NFC", clean_text(text)).strip()


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
        for token in TOKEN.finditer(html):
            self.take_text(html[end : token.start()])
            self.take_token(token)
            end = token.end()
        self.take_text(html[end:])
        return "".join(self.parts)

    def take_text(self, text: str) -> None:
        """Without the indentation of the source; the spaces at both ends part words from marked ones."""
        if not self.silenced and text.strip():
            first, *rest = unescape(text).split("\n")
            self.parts.append("\n".join([first, *(line.lstrip() for line in rest)]))
        elif not self.silenced:
            self.parts.append(" " if text and "\n" not in text else "")

    def take_token(self, token: re.Match[str]) -> None:
        is_end, name = bool(token["end"]), (token["name"] or "").lower()
        if token["code"]:
            self.take_code(token)
        elif name and name not in ELEMENTS:
            self.take_text(token[0])
        elif name in SILENT:
            self.silenced = "" if is_end else name
        elif name == "a":
            self.take_link(is_end, token["attributes"] or "")
        else:
            self.parts.append((CLOSING if is_end else OPENING).get(name, MARKS.get(name, "")))

    def take_code(self, token: re.Match[str]) -> None:
        if not self.silenced:
            self.parts.append(f"\n\n{token['code']}\n\n" if token["fence"] else token["code"])

    def take_link(self, is_end: bool, attributes: str) -> None:
        if is_end:
            address = self.addresses.pop() if self.addresses else ""
            self.parts.append(f"]({address})" if address else "")
            return
        found = HREF.search(attributes)
        self.addresses.append(found[1] if found else "")
        self.parts.append("[" if found else "")
