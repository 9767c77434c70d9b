"""A page as numbered lines."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property

from portal.text import clean_line

ENDS = re.compile(r"\r\n|\r|\n")
CELLS = re.compile(r"\s*\|\s*|\s*\t\s*")
BULLET = re.compile(r"[-*•‣▪◦·–—+]\s+")
NUMBER = re.compile(r"(?:\d{1,3}(?:\.\d{1,2}){0,3}[.):]|\(\d{1,3}\)|\d{1,3}(?:\.\d{1,2}){1,3}(?=\s+[^\W\d]))\s+")
LETTER = re.compile(r"(?:\([A-Za-z]\)|[A-Za-z][.)]|[IVXivx]{1,5}[.)])\s+")
ORNAMENT = re.compile(r"[-–—=_*~#.·|+:\s]+")
LONGEST = 500  # characters; what is longer is prose, whatever it looks like


@dataclass(frozen=True)
class Line:
    """`raw` is the line as it stands in the file, `text` what is left to read of it."""

    number: int
    raw: str
    text: str

    @property
    def is_blank(self) -> bool:
        return not self.text

    @property
    def is_short(self) -> bool:
        return len(self.text) <= LONGEST

    @property
    def is_ornament(self) -> bool:
        """A rule, an underline, the frame of a table: nothing to read."""
        return bool(ORNAMENT.fullmatch(self.text[:LONGEST])) and self.is_short

    @property
    def indent(self) -> int:
        return len(self.raw) - len(self.raw.lstrip())

    @cached_property
    def marker(self) -> str:
        """The bullet or number in front, if there is one."""
        found = BULLET.match(self.text) or NUMBER.match(self.text)
        return found[0].strip() if found else ""

    @cached_property
    def body(self) -> str:
        """What follows the marker."""
        return self.text[len(self.marker) :].strip()

    @property
    def is_bulleted(self) -> bool:
        return bool(BULLET.match(self.text))

    @property
    def is_numbered(self) -> bool:
        return bool(self.marker) and not self.is_bulleted

    @property
    def words(self) -> int:
        return len(self.text.split())

    @property
    def is_sentence(self) -> bool:
        return self.words >= 2 and self.text.endswith((".", "!", "?"))

    @property
    def is_prose(self) -> bool:
        """Sentences rather than a title or names."""
        return self.words >= 12 or (self.words >= 5 and self.text.endswith((".", "!", "?", ":", ";")))

    @cached_property
    def cells(self) -> list[str]:
        """The parts of a table's row; one part where it isn't one."""
        return [clean_line(cell) for cell in CELLS.split(self.raw.strip().strip("|")) if cell.strip()]

    @property
    def markdown(self) -> str:
        """The line for a Markdown text: bullets as Markdown has them, no indentation but that of lists."""
        if self.is_bulleted:
            return f"{' ' * min(self.indent, 8)}- {self.body}"
        return f"{' ' * min(self.indent, 8)}{self.text}" if self.marker else self.text

    def holding(self, text: str) -> "Line":
        """The same line with other text left to read."""
        return replace(self, text=clean_line(text))


def lines_of(text: str) -> Iterator[Line]:
    for number, raw in enumerate(ENDS.split(text), start=1):
        yield Line(number, raw.expandtabs(4) if raw[:1] in {"\t", " "} else raw, clean_line(raw))
