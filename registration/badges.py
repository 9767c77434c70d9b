"""Badges to print: sheets of a chosen size with the names in the middle."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import batched
from typing import TYPE_CHECKING

from registration import tickets
from registration.makers import maker
from registration.models import Registration

if TYPE_CHECKING:
    from registration.typesetting import Sheet

A4, LETTER = (210.0, 297.0), (215.9, 279.4)
MOST = 500  # at a time: each takes some hundredths of a second
PADDING = 0.07  # of the shorter side
EDGE = 210  # gray of the lines to cut along


@dataclass(frozen=True)
class Size:
    """A badge of `width` and `height` mm, `columns` × `rows` of them on a page, from `left` and `top` on."""

    label: str
    page: tuple[float, float]
    width: float
    height: float
    columns: int = 1
    rows: int = 1
    left: float = 0
    top: float = 0

    def places(self) -> list[tuple[float, float]]:
        return [
            (self.left + column * self.width, self.top + row * self.height)
            for row in range(self.rows)
            for column in range(self.columns)
        ]


SIZES = {
    "a6-a4": Size("A6, four on A4", A4, 105, 148.5, 2, 2),
    "a6": Size("A6, one a page", (105, 148), 105, 148),
    "90x54-a4": Size("90 × 54 mm, ten on A4", A4, 90, 54, 2, 5, 15, 13.5),
    "4x3in-letter": Size("4 × 3 in, six on Letter", LETTER, 101.6, 76.2, 2, 3, 6.35, 25.4),
    "cr80": Size("Plastic card CR80, 85.6 × 54 mm", (85.6, 54), 85.6, 54),
}


def paper(registrations: Iterable[Registration], size: Size, *, has_code: bool = True) -> bytes:
    """All badges in their order, on as many pages as it takes."""
    people = list(registrations)
    texts = [f"{one.event.title} {one.name} {one.affiliation} {one.ticket_type.name}" for one in people]
    sheet: Sheet = maker("sheet")(size.page, "Badges", texts)
    places = size.places()
    for page in batched(people, len(places)):
        sheet.add_page()
        for registration, (x, y) in zip(page, places, strict=False):
            draw(sheet, registration, size, x, y, has_code=has_code)
    if not people:
        sheet.add_page()
    return sheet.finished()


def draw(sheet: "Sheet", registration: Registration, size: Size, x: float, y: float, *, has_code: bool) -> None:
    pad = min(size.width, size.height) * PADDING
    wide, high = size.width - 2 * pad, size.height - 2 * pad
    left, top = x + pad, y + pad
    points = min(size.width, size.height * 1.6) * 0.33
    if size.columns * size.rows > 1:
        sheet.set_draw_color(EDGE)
        sheet.rect(x, y, size.width, size.height)
    sheet.write_in((left, top, wide, high * 0.18), registration.event.title, points * 0.36)
    used = sheet.write_in((left, top + high * 0.2, wide, high * 0.38), registration.name, points, style="B")
    below = top + high * 0.2 + used
    side = min(high * 0.42, wide * 0.4) if has_code else 0
    beside = wide - side - (pad if side else 0)
    bottom = top + high
    sheet.write_in((left, below + 1, beside, bottom - below - high * 0.1), registration.affiliation, points * 0.45)
    sheet.write_in((left, bottom - high * 0.09, beside, high * 0.09), registration.ticket_type.name, points * 0.36)
    if side:
        sheet.draw_code(tickets.code_of(registration), left + wide - side, bottom - side, side)


def incomplete(registrations: Iterable[Registration]) -> dict[str, str]:
    """The names with letters that no font here has, and these letters."""
    missing = maker("missing_letters")
    found = {one.name: missing(one.name + one.affiliation) for one in registrations}
    return {name: letters for name, letters in found.items() if letters}
