"""Sheets of paper with names of people in all scripts, fitted into boxes."""

from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import segno
from fontTools.ttLib import TTFont
from fpdf import FPDF
from fpdf.enums import MethodReturnValue
from fpdf.errors import FPDFException
from fpdf.line_break import Fragment

FONTS = Path(__file__).parent / "fonts"
MAIN = "NotoSans"
OTHERS = sorted(path.name.split("-")[0] for path in FONTS.glob("*-Regular.ttf") if not path.name.startswith(f"{MAIN}-"))
POINT = 0.3528  # mm
LEADING = 1.25
BREAKING = 0.55  # of the wanted size: smaller ones break words instead
LEAST = 6  # points; what doesn't fit then is cut
INVISIBLE = {0x200B, 0x200C, 0x200D, 0x200E, 0x200F}
JOINERS = {"\u200c", "\u200d"}  # of the letters on both sides
VARIANTS = {"\ufe0f", "\u20e3"}  # of the letter before: as an emoji, on a key


class Sheet(FPDF):
    """Pages of one size, in mm. `texts` is all that will be written, so that only the fonts it needs are loaded."""

    def __init__(self, size: tuple[float, float], title: str, texts: Iterable[str]) -> None:
        super().__init__(unit="mm", format=size)
        self.set_auto_page_break(False)
        self.set_margin(0)
        self.c_margin = 0
        self.set_title(title)
        self.set_creator("Lectern")
        self.add_font(MAIN, "", FONTS / f"{MAIN}-Regular.ttf")
        self.add_font(MAIN, "B", FONTS / f"{MAIN}-Bold.ttf")
        others = fonts_of("".join(texts))
        for font in others:
            self.add_font(font, "", FONTS / f"{font}-Regular.ttf")
        self.set_fallback_fonts(others, exact_match=False)
        self.set_text_shaping(True)

    def write_in(
        self, box: tuple[float, float, float, float], text: str, points: float, *, style: str = "", align: str = "L"
    ) -> float:
        """Write into x, y, width, height, smaller where it doesn't fit. Gives the height that was used."""
        x, y, width, height = box
        lines = self.lines_that_fit(text, width, height, points, style)
        step = self.font_size_pt * POINT * LEADING
        for number, line in enumerate(lines):
            self.set_xy(x, y + number * step)
            self.current_font_is_set_on_page = False  # a line that begins with another font sets it for itself alone
            self.cell(width, step, line, align=align)
        return len(lines) * step

    def lines_that_fit(self, text: str, width: float, height: float, points: float, style: str) -> list[str]:
        """Breaks between words; within one only where it would become too small. Leaves the size set."""
        lines, most = [], 1
        for size in descending(points):
            self.set_font(MAIN, style, size)
            longest = max((self.get_string_width(word) for word in text.split()), default=0)
            if longest > width and size > max(points * BREAKING, LEAST):
                continue
            lines = self.broken(text, width)
            most = max(1, int(height / (size * POINT * LEADING)))
            if lines and len(lines) <= most:
                return lines
        return lines[:most] if len(lines) <= most else [*lines[: most - 1], f"{lines[most - 1].rstrip()} …"]

    def broken(self, text: str, width: float) -> list[str]:
        """Nothing where a single letter is wider; there are such ones, as ﷽."""
        try:
            lines: Any = self.multi_cell(width, 1, text, dry_run=True, output=MethodReturnValue.LINES)
        except FPDFException:
            return []
        return [line.strip() for line in lines]

    def draw_code(self, text: str, x: float, y: float, side: float) -> None:
        """A QR code with its quiet zone, in one square."""
        rows = [list(row) for row in segno.make(text, error="m", micro=False).matrix_iter(border=4)]
        module = side / len(rows)
        self.set_fill_color(255)
        self.rect(x, y, side, side, style="F")
        self.set_fill_color(0)
        for top, row in enumerate(rows):
            for left, length in runs(row):
                self.rect(x + left * module, y + top * module, length * module, module, style="F")

    def _parse_chars(self, text: str, markdown: bool, **options: Any) -> Iterator[Fragment]:
        """Parts in one font each, which is looked for letter by letter: what makes one sign is put together again."""
        done: list[Fragment] = []
        for part in super()._parse_chars(text, markdown, **options):
            before = done[-1].characters if done else []
            if before and part.characters[0] in VARIANTS and has(part, before[-1:]):
                part.characters.insert(0, before.pop())
            is_joined = before and (part.characters[0] in JOINERS or before[-1] in JOINERS)
            if is_joined and has(done[-1], part.characters):
                before += part.characters
            else:
                done.append(part)
        return (part for part in done if part.characters)

    def finished(self) -> bytes:
        return bytes(self.output())


def has(part: Fragment, letters: Iterable[str]) -> bool:
    """Whether its font has them."""
    return {ord(letter) for letter in letters} <= part.font.cmap.keys()  # type: ignore[union-attr]


def descending(points: float) -> Iterable[float]:
    while points > LEAST:
        yield points
        points *= 0.92
    yield LEAST


def runs(row: list[int]) -> Iterable[tuple[int, int]]:
    """Where dark modules begin, and how many there are side by side."""
    start = 0
    for place, is_dark in enumerate([*row, 0]):
        if not is_dark:
            if place > start:
                yield start, place - start
            start = place + 1


def fonts_of(text: str) -> list[str]:
    """The fonts that have what the main one hasn't."""
    rest = letters_of(text) - letters(MAIN)
    found = []
    for font in OTHERS:
        if rest & letters(font):
            found.append(font)
            rest -= letters(font)
        if not rest:
            break
    return found


def missing(text: str) -> str:
    """The letters that no font has, once each."""
    rest = letters_of(text) - letters(MAIN).union(*map(letters, fonts_of(text)))
    return "".join(chr(one) for one in sorted(rest))


def letters_of(text: str) -> set[int]:
    return {ord(letter) for letter in text if not letter.isspace()} - INVISIBLE


@cache
def letters(font: str) -> frozenset[int]:
    with TTFont(FONTS / f"{font}-Regular.ttf", lazy=True) as opened:
        return frozenset(opened.getBestCmap())
