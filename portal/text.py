"""Texts on their way to a page: Markdown to safe HTML, slugs, addresses, excerpts."""

import re
import unicodedata
from collections.abc import Collection
from functools import lru_cache
from html import unescape

import nh3
from django.utils.html import strip_tags
from django.utils.safestring import SafeString, mark_safe
from django.utils.text import slugify
from markdown_it import MarkdownIt

TAGS = {
    "p",
    "br",
    "em",
    "strong",
    "del",
    "code",
    "pre",
    "blockquote",
    "ul",
    "ol",
    "li",
    "a",
    "h3",
    "h4",
    "h5",
    "h6",
    "hr",
}
# Control characters, half surrogates, and the marks that turn the direction of the text after them.
CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\u202a-\u202e\u2066-\u2069\ufeff\ud800-\udfff]")
# Where a formula could begin: in a cell of ours, or in one of a program that parts cells by semicolons or tabs, and so
# ends rows amid a text. What has a mark already gets another one, so that taking marks away gives back the text. In
# Markdown a line may begin so, as that of a list, and what organizers publish is no attack.
BEGINS = r"(?='*[=+\-@＝＋－＠])"
IN_MARKDOWN = rf"\A(?='*[\t\r])|(?:\A|(?<=[;\t])){BEGINS}"
IN_TEXT = rf"{IN_MARKDOWN}|(?<=[\r\n]){BEGINS}"
BARE_ADDRESS = re.compile(r"""(?<![\w<\["'=/`])(?<!\]\()https?://[^\s<>()\[\]"'`]*[^\s<>()\[\]"'`.,;:!?]""")
MARKS = [
    (re.compile(r"^ {0,3}#{1,6}[ \t]+(.*)$", re.MULTILINE), r"\1"),  # headings
    (re.compile(r"(\*\*|__)(?=\S)([^*_\n]+?)(?<=\S)\1"), r"\2"),  # what is strong
    (re.compile(r"(?<!!)\[([^\[\]\n]+)\]\(([^\s()]+)\)"), r"\1: \2"),  # links
]
BLOCK_ENDS = re.compile(r"</(?:p|h\d|pre|ul|ol)>|<br ?/?>")
PLAIN_LETTERS = str.maketrans({"ł": "l", "ø": "o", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ı": "i"})
parser = MarkdownIt("commonmark", {"html": False, "maxNesting": 20, "breaks": False}).enable("strikethrough")


@lru_cache(maxsize=2048)
def markdown(source: str) -> SafeString:
    """Markdown as HTML that is safe on our pages: no images, no raw HTML, links with rel=nofollow."""
    html = parser.render(linked(source))
    html = re.sub(r"<(/?)h[12]>", r"<\1h3>", html)
    return mark_safe(nh3.clean(html, tags=TAGS, attributes={"a": {"href", "title"}}, link_rel="nofollow noopener"))


def unmarked(source: str) -> str:
    """A Markdown text for readers of plain text: without the marks that say nothing to them."""
    for pattern, words in MARKS:
        source = pattern.sub(words, source)
    return source


def linked(source: str) -> str:
    """Bare web addresses put in angle brackets, so that Markdown makes links of them."""
    return BARE_ADDRESS.sub(r"<\g<0>>", source)


def excerpt(source: str, length: int = 200) -> str:
    """The beginning of a Markdown text, in plain words on one line."""
    return shortened(" ".join(plain(source).split()), length)


def plain(source: str) -> str:
    """A Markdown text in plain words, with a line for each paragraph and each item of a list."""
    html = BLOCK_ENDS.sub("\n", re.sub(r"\s+", " ", markdown(source)).replace("<li>", "\n• "))
    lines = (" ".join(line.split()) for line in unescape(strip_tags(html)).split("\n"))
    return "\n".join(filter(None, lines))


def shortened(words: str, length: int) -> str:
    """Cut at the end of a word."""
    return words if len(words) <= length else words[:length].rsplit(maxsplit=1)[0] + " …"


def slug(text: str, *, taken: Collection[str] = (), fallback: str = "item", length: int = 60) -> str:
    """A readable URL name that isn't in `taken`."""
    base = slugify(text)[:length].strip("-") or fallback
    name, number = base, 2
    while name in taken:
        name = f"{base}-{number}"
        number = number + 1 if number < 100 else max(number + 1, len(taken))  # thousands of namesakes cost no more
    return name


def printable(text: str) -> str:
    """Without control characters and half surrogates, which no page can show and not every database holds."""
    return CONTROLS.sub("", text)


def clean_line(text: str) -> str:
    """One line without control characters and with single spaces, in Unicode's composed form."""
    return " ".join(unicodedata.normalize("NFC", printable(text)).split())


def clean_text(text: str) -> str:
    """Lines without control characters, each ended by a newline alone."""
    return printable(text.replace("\r\n", "\n").replace("\r", "\n"))


def cell_text(text: str, where: str = IN_TEXT) -> str:
    """With the mark, an apostrophe, before what spreadsheets would take for a formula."""
    return re.sub(where, "'", text)


def text_of_cell(cell: str, where: str = IN_TEXT) -> str:
    """What `cell_text` was given."""
    return re.sub(f"(?:{where})'", "", cell)


def folded(text: str) -> str:
    """To search and to sort by: without case and accents."""
    if text.isascii():
        return text.lower()
    parts = unicodedata.normalize("NFKD", text.casefold().translate(PLAIN_LETTERS))
    return "".join(part for part in parts if not unicodedata.combining(part))


def address_key(address: str) -> str:
    """What makes two spellings of a mail address the same person: case and Unicode form don't count."""
    return unicodedata.normalize("NFKC", address).strip().casefold()
