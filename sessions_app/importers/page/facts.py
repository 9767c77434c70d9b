"""The facts a page gives about its event, gathered line by line."""

import re
from collections import defaultdict
from datetime import date
from typing import Any, cast

from portal.zones import zone_names
from sessions_app.importers.page.days import FINAL, PROGRAM, NoSuchDay, days_in, due_in, lacks_year
from sessions_app.importers.page.lines import LONGEST, Line
from sessions_app.importers.page.notes import Notes
from sessions_app.importers.page.spans import AROUND, NoSuchTime, clock_in
from sessions_app.importers.report import Known
from sessions_app.program import Facts

TEXTS = ("organizers", "overview", "audience", "prerequisites", "additional")
ZONE_NAME = re.compile(r"\b[A-Z][A-Za-z]+/[A-Za-z_-]+(?:/[A-Za-z_]+)?\b|\bUTC\b")
ABOUT_ZONE = re.compile(r"\btime\s?zone\b|\btimes\s+(?:are|in|given|shown|refer)\b", re.I)
TENTATIVE = re.compile(r"\b(?:tentative(?:ly)?|preliminary|provisional|subject to change|may change|draft)\b", re.I)
ABOUT_PROGRAM = re.compile(r"\b(?:program(?:me)?|schedule|agenda|timetable|times)\b", re.I)
NAMED = {"starts_on": "date", "final_program_due": "due date of the final program", "timezone": "time zone"}
CONNECTING = re.compile(r"^(?:(?:in|at|on|from|the|of)\b|[\s,;:|()–—-])+|[\s,;:|(–—-]+$", re.I)


class FactsFound:
    def __init__(self, notes: Notes, known: Known) -> None:
        self.notes = notes
        self.known = known
        self.values: dict[str, Any] = {}
        self.lines: dict[str, int] = {}
        self.texts: dict[str, list[str]] = defaultdict(list)
        self.opens: tuple[Line, int] | None = None
        self.is_tentative = False
        self.kind_hint = ""

    def put(self, name: str, value: Any, line: Line) -> None:
        """Keep a fact; the first line to say it is believed."""
        if self.values.setdefault(name, value) != value:
            self.notes.leave(line, f"The page gives another {NAMED.get(name, name)} further up.")
            return
        self.lines.setdefault(name, line.number)
        self.notes.place(line, name)

    def add_text(self, section: str, line: Line) -> None:
        self.notice(line)
        self.texts[section].append(line.markdown)
        self.lines.setdefault(section, line.number)
        self.notes.place(line, section)

    def end_paragraph(self, section: str) -> None:
        self.texts[section].append("")

    def add_heading(self, section: str, title: str, line: Line) -> None:
        """A heading of the page's own inside a section's text."""
        self.texts[section] += ["", f"### {title}", ""]
        self.notes.place(line, section)

    def has_text(self, section: str) -> bool:
        return any(self.texts[section])

    def text(self, section: str) -> str:
        text = re.sub(r"\n{3,}", "\n\n", "\n".join(self.texts[section])).strip()
        return listed(text) if section == "organizers" else text

    def notice(self, line: Line) -> bool:
        """Learn from a sentence when the final program is due, in which zone times are, that all is tentative."""
        about_stage = ABOUT_PROGRAM.search(line.text) and TENTATIVE.search(line.text)
        self.is_tentative = self.is_tentative or bool(about_stage)
        return bool(about_stage) | self.notice_due_day(line) | self.notice_zone(line)

    def notice_due_day(self, line: Line) -> bool:
        if not (FINAL.search(line.text) and PROGRAM.search(line.text)):
            return False
        try:
            due = due_in(line.text)
        except NoSuchDay as error:
            self.notes.remark(line, str(error))
            return False
        if due and self.values.setdefault("final_program_due", due) != due:
            self.notes.remark(line, "The page promises the final program for another day further up.")
        elif due:
            self.lines.setdefault("final_program_due", line.number)
            self.notes.place(line, "final_program_due")
        return due is not None

    def notice_zone(self, line: Line) -> bool:
        if not ABOUT_ZONE.search(line.text):
            return False
        found = [name for name in ZONE_NAME.findall(line.text) if name in zone_names()]
        if found and not self.known.timezone:
            self.put("timezone", found[0], line)
        elif not found:
            self.notes.remark(line, "No time zone by its full name, such as America/New_York. --timezone sets it.")
        return True

    def take_zone(self, line: Line) -> None:
        """The content of "Time zone:"."""
        named = ZONE_NAME.findall(line.text)
        name = named[0] if named else line.text.strip(" .")
        if name in zone_names():
            self.put("timezone", self.known.timezone or name, line)
        elif self.known.timezone:
            self.notes.leave(line, "Not a time zone; the one asked for is used.")
        else:
            self.notes.fail(line, f"“{name}” is not a time zone. Use a name such as America/New_York, or --timezone.")

    def take_day(self, line: Line) -> bool:
        """A line with the event's date and perhaps its hours and venue. False where there is no date in it."""
        try:
            days = days_in(line.text)
            hours = clock_in(CONNECTING.sub("", days.rest if days else line.text))
        except (NoSuchDay, NoSuchTime) as error:
            self.notes.leave(line, str(error))
            return True
        if days is None and hours is None:
            return self.refuse_half_date(line)
        if days:
            self.put("starts_on", days.first, line)
            if days.last != days.first:
                self.values.setdefault("ends_on", days.last)
        self.take_rest_of_day(line, hours[1] if hours else cast("Any", days).rest)
        if hours:
            self.opens = self.opens or (line, hours[0].begin)
            self.notes.place(line, "starts_on")
        return True

    def refuse_half_date(self, line: Line) -> bool:
        if line.words > 5 or not lacks_year(line.text):
            return False
        self.notes.leave(line, "A date without its year.")
        return True

    def take_rest_of_day(self, line: Line, rest: str) -> None:
        rest = CONNECTING.sub("", rest).strip(AROUND)
        if not rest:
            return
        if len(rest.split()) <= 12 and rest[0].isupper() and "venue" not in self.values:
            self.values["venue"] = rest
            self.lines["venue"] = line.number
        elif rest != self.values.get("venue"):
            self.notes.remark(line, f"“{rest}” was not read.")

    def take_venue(self, line: Line) -> None:
        """Lines below "Venue" make one address."""
        if line.is_prose:
            self.add_text("additional", line)
            return
        if len(self.values.get("venue", "")) > LONGEST:
            self.notes.leave(line, "The lines above are too long for a venue already.")
            return
        parts = [self.values["venue"]] if "venue" in self.values else []
        self.values["venue"] = ", ".join([*parts, line.text.strip(" ,")])
        self.lines.setdefault("venue", line.number)
        self.notes.place(line, "venue")

    def hint_kind(self, text: str) -> None:
        """Headings such as "Workshop Program" tell what kind of event it is."""
        found = re.search(r"\b(tutorial|workshop)\b", text, re.I)
        self.kind_hint = self.kind_hint or (found[1].lower() if found else "")

    @property
    def kind(self) -> str:
        return cast("str", self.values.get("kind", self.kind_hint))

    @property
    def timezone(self) -> str:
        return self.known.timezone or cast("str", self.values.get("timezone", ""))

    @property
    def first_day(self) -> date | None:
        return self.values.get("starts_on") or self.known.event_starts_on

    def facts(self) -> Facts:
        texts = {section: self.text(section) for section in TEXTS}
        return Facts(**self.values | texts | {"kind": self.kind, "timezone": self.timezone})


def listed(text: str) -> str:
    """Names on lines of their own as a list; Markdown would run them together."""
    lines = text.split("\n")
    is_list = len(lines) > 1 and all(line and len(line) < 100 and line[0] not in "-#" for line in lines)
    return "\n".join(f"- {line}" for line in lines) if is_list else text
