"""The members of YAML's mappings: what is wrong with them is gathered with its line, and told together."""

from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from sessions_app.importers.entries import LONGEST_TEXT, MOST
from sessions_app.importers.outline import Part
from sessions_app.importers.report import ImportFailed, Remark
from sessions_app.importers.rows import uuid_of
from sessions_app.importers.times import Unreadable, day_in, moment_in

FLAGS = {"yes": True, "true": True, "no": False, "false": False}

type Read = Callable[[Part], Any]


class Members:
    def __init__(self) -> None:
        self.zone = ZoneInfo("UTC")
        self.errors: list[Remark] = []
        self.unplaced: list[Remark] = []
        self.uuids: set[str] = set()

    def values(self, part: Part, known: Mapping[str, Read]) -> dict[str, Any]:
        """What a mapping says; what it leaves empty is left out."""
        self.check_mapping(part, tuple(known))
        return {name: read(part[name]) for name, read in known.items() if part[name]}

    def fail(self, part: Part, reason: str, text: str = "") -> None:
        self.errors.append(Remark(part.line, text or part.text, reason))
        if len(self.errors) >= 100:
            raise ImportFailed(*self.errors)

    def check_mapping(self, part: Part, names: tuple[str, ...]) -> None:
        self.check_members(part, names)
        if not part.is_mapping:
            self.fail(part, f"Names with values are expected here: {', '.join(names)}.")

    def check_members(self, part: Part, names: tuple[str, ...]) -> None:
        for name, member in part.members.items():
            if name not in names:
                self.unplaced.append(Remark(member.line, name, f"Not known here; it may be {', '.join(names)}."))

    def elements(self, part: Part, most: int = MOST) -> list[Part]:
        """Those of a list. Raises ImportFailed where there are beyond all measure."""
        if part and not part.elements:
            self.fail(part, "A list is expected here: each part behind a hyphen.", next(iter(part.members), ""))
        if len(part.elements) > most:
            raise ImportFailed(Remark(part.elements[most].line, "", f"More than {most} of these: that is too many."))
        return part.elements

    def text(self, part: Part) -> str:
        if part.members or part.elements:
            self.fail(part, "A text is expected here.", next(iter(part.members), ""))
        if len(part.text) > LONGEST_TEXT:
            self.fail(part, f"A text has at most {LONGEST_TEXT} characters, this one {len(part.text)}.")
        return part.text

    def day(self, part: Part) -> date | None:
        try:
            return day_in(part.text)
        except Unreadable as error:
            self.fail(part, str(error))
            return None

    def moment(self, part: Part) -> datetime | None:
        try:
            return moment_in(part.text, self.zone) if part else None
        except Unreadable as error:
            self.fail(part, str(error))
            return None

    def number(self, part: Part, most: int) -> int:
        """Zero where there is none."""
        if not part:
            return 0
        if not (part.text.isascii() and part.text.isdigit() and len(part.text) < 10 and int(part.text) <= most):
            self.fail(part, f"A number up to {most} is expected here.")
            return 0
        return int(part.text)

    def uuid(self, part: Part, fallback: str) -> str:
        """The UUID given, or a name of our own."""
        said = part.text.strip().lower()
        if not said:
            return fallback
        if not uuid_of(said) or said in self.uuids:
            self.fail(part, "Another part has this UUID." if uuid_of(said) else "Not a UUID. It may be left out.")
        self.uuids.add(said)
        return said

    def flag(self, part: Part) -> bool:
        if part.text.lower() not in FLAGS:
            self.fail(part, "Write yes or no.")
        return FLAGS.get(part.text.lower(), False)

    def texts(self, part: Part) -> list[str]:
        """Of a list, or one alone."""
        return [self.text(one) for one in (part.elements or [part])]
