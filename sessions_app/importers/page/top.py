"""What stands above a page's first heading: the host event, the title, perhaps a date, a place and names."""

import re

from sessions_app.importers.page.days import is_dated
from sessions_app.importers.page.facts import FactsFound
from sessions_app.importers.page.headings import unframed
from sessions_app.importers.page.lines import Line
from sessions_app.importers.page.notes import Notes
from sessions_app.importers.page.people import people_in
from sessions_app.importers.page.spans import AROUND

HOST = r"(?P<host>[A-Z][^,;:()–—|]{0,80}?\s?(?:\b(?:19|20)\d\d|['’]\d\d))"
SIZE = r"(?i:(?:(?:an?|the|half[- ]day|full[- ]day|one[- ]day|two[- ]day|hands[- ]on|invited)\s+)*)"
KIND = r"(?P<kind>(?i:tutorial|workshop|course))"
AT = (
    r"(?i:@|\b(?:held\s+|organi[sz]ed\s+)?(?:at|in conjunction with|co-?located with|(?:as\s+)?part of))\s*(?i:the\s+)?"
)
HOST_FIRST = re.compile(rf"^{HOST}\s*[-–—:,|/]?\s*{SIZE}{KIND}s?(?i:\s+(?:program|session)s?)?$")
HOST_ALONE = re.compile(r"^(?P<host>\S+(?:\s\S+)?\s?(?:\b(?:19|20)\d\d|['’]\d\d))(?P<kind>)$")
KIND_FIRST = re.compile(rf"^\(?{SIZE}(?:{KIND}\s*|(?i:held\s+))?(?:{AT}|,\s*){HOST}\)?(?P<rest>.*)$")
IN_THE_TITLE = re.compile(rf"\b{KIND}\s*{AT}{HOST}\)?\s*$")


class Top:
    def __init__(self, facts: FactsFound, notes: Notes) -> None:
        self.facts = facts
        self.notes = notes
        self.host_line: Line | None = None
        self.may_have_subtitle = False

    def take(self, line: Line) -> None:
        if self.take_host(line) or (self.has_title and (self.take_fact(line) or self.take_names(line))):
            return
        if not self.has_title:
            self.take_title(line)
        elif line.is_prose or not line.is_short:
            self.facts.add_text("overview", line)
        elif self.may_have_subtitle and line.words > 3 and "subtitle" not in self.facts.values:
            self.facts.put("subtitle", line.text, line)
        else:
            self.notes.leave(
                line, "Could be many things. Write “Subtitle:”, “Organizers:” or another heading before it."
            )

    @property
    def has_title(self) -> bool:
        return "title" in self.facts.values

    def take_host(self, line: Line) -> bool:
        """ "ASPLOS 2026 Tutorial", "A half-day tutorial at ISCA 2025, Tokyo"."""
        if "host" in self.facts.values or not line.is_short:
            return False
        text = unframed(line.text)
        found = HOST_FIRST.match(text) or KIND_FIRST.match(text) or HOST_ALONE.match(text)
        if not found or is_dated(found["host"]):
            return False
        self.host_line = self.host_line or line
        self.facts.put("host", found["host"].strip(), line)
        self.take_kind(found["kind"])
        rest = found.groupdict().get("rest", "").strip(AROUND)
        if rest and not self.facts.take_day(line.holding(rest)):
            self.facts.take_rest_of_day(line, rest)
        self.notes.place(line, "host")
        return True

    def take_kind(self, kind: str | None) -> None:
        if kind:
            self.facts.values.setdefault("kind", "workshop" if kind.lower() == "workshop" else "tutorial")

    def take_fact(self, line: Line) -> bool:
        if not line.is_short or not line.words <= 20:
            return False
        if self.facts.notice(line):
            self.facts.add_text("additional", line)
            return True
        return self.facts.take_day(line)

    def take_names(self, line: Line) -> bool:
        """Below the title: names with affiliations, or several of them, are the organizers."""
        named = people_in(line.text)
        is_sure = len(named) > 1 or any(one.affiliation for one in named)
        if is_sure:
            self.facts.add_text("organizers", line)
        return is_sure

    def take_title(self, line: Line) -> None:
        text = re.sub(r"^#+\s+", "", line.text).strip("*_ ")
        title, _, subtitle = text.partition(": ")
        if not (title.strip() and subtitle.strip()):
            title, subtitle = text, ""
        self.facts.put("title", title.strip(), line)
        self.may_have_subtitle = not subtitle
        if subtitle:
            self.facts.put("subtitle", subtitle.strip(), line)
        if found := IN_THE_TITLE.search(text):
            self.facts.values.setdefault("host", found["host"].strip())
            self.take_kind(found["kind"])
        self.facts.hint_kind(text)

    def finish(self) -> None:
        """A page with nothing but "ISCA 2026 Tutorial" above its headings has that for a title."""
        if self.has_title or not self.host_line:
            return
        self.facts.put("title", self.host_line.text, self.host_line)
        if self.facts.values["host"] == self.host_line.text:
            del self.facts.values["host"]
