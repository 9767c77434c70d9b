"""A page line by line: which section a line belongs to, and what is made of it there."""

import re

from portal.text import CONTROLS
from sessions_app.importers.page.assembly import Assembly
from sessions_app.importers.page.facts import TEXTS, FactsFound
from sessions_app.importers.page.headings import ONE_LINE, Heading, heading_in
from sessions_app.importers.page.lines import Line, lines_of
from sessions_app.importers.page.notes import Notes
from sessions_app.importers.page.people import People, people_in
from sessions_app.importers.page.schedule import Schedule
from sessions_app.importers.page.spans import bracketed_length
from sessions_app.importers.page.titles import kind_of
from sessions_app.importers.page.top import Top
from sessions_app.importers.report import ImportFailed, Known, Reading, Remark, Report
from sessions_app.importers.source import decode
from sessions_app.program import Facts, Program

MISSING = {
    "organizers": "Organizers",
    "overview": "Overview",
    "audience": "Target Audience",
    "prerequisites": "Prerequisites",
    "starts_on": "Date",
    "venue": "Venue",
    "timezone": "Time Zone",
}
BEFORE_A_PROGRAM = {"top", "overview", "organizers", "speakers"}
NAMES = {"organizers", "speakers"}
OF_ONE_LINE = {"date", "venue"} | ONE_LINE
BEGINS_WITH_HOURS = re.compile(
    r"\d{1,2}[:.]\d{2}\s*(?:[ap]\.?m\.?\s*)?[-–—]\s*\d{1,2}[:.]\d{2}(?:\s*[ap]\.?m\.?)?\W*[^\W\d]", re.I
)
PLACE = re.compile(r"\b(?:room|hall|building|floor)\b", re.I)
BIOGRAPHY = re.compile(r"^(?P<name>(?:[^\W\d_][\w.'’-]*\s+){1,5}?)(?:is|was|works|received|leads|has|joined)\b")


def read(data: bytes, known: Known | None = None) -> Reading:
    """Raises ImportFailed with all errors of the page."""
    return Page(known or Known()).read(decode(data))


class Page:
    def __init__(self, known: Known) -> None:
        self.notes = Notes()
        self.facts = FactsFound(self.notes, known)
        self.people = People(self.notes)
        self.top = Top(self.facts, self.notes)
        self.schedule = Schedule(self.facts, self.people, self.notes)
        self.section = "top"
        self.described = ""

    def read(self, text: str) -> Reading:
        for line in lines_of(text):
            self.feed(line)
        self.schedule.flush()
        self.top.finish()
        assembly = Assembly(self.facts, self.schedule, self.people, self.notes)
        program = assembly.program()
        if "title" not in self.facts.values:
            raise ImportFailed(
                Remark(1, "", "The page has no title: its first line has to say what the event is called.")
            )
        self.notes.raise_errors()
        facts = self.facts.facts()
        return Reading(facts, program, self.report(facts, program), self.facts.lines | assembly.lines)

    def feed(self, line: Line) -> None:
        if line.is_blank:
            self.end_paragraph()
            return
        if CONTROLS.search(line.raw):
            self.notes.remark(line, "Control characters in this line were left out.")
        if line.is_ornament:
            self.notes.place(line, "ornament")
        elif heading := self.heading(line):
            self.open(heading, line)
        else:
            self.take(line)

    def heading(self, line: Line) -> Heading | None:
        is_title = self.section == "schedule" and self.schedule.expects_title
        heading = None if is_title else heading_in(line, self.section)
        is_page_title = heading and not heading.names and heading.section == "additional" and not self.top.has_title
        return None if is_page_title else heading

    def open(self, heading: Heading, line: Line) -> None:
        self.notes.place(line, "heading")
        self.facts.hint_kind(heading.title)
        self.facts.notice(line)
        is_aside = heading.section in NAMES and self.section in {"top", heading.section}
        if heading.rest and (is_aside or heading.section in OF_ONE_LINE):
            self.take_fact(heading.section, line.holding(heading.rest))
            return
        self.section = heading.section
        if heading.section == "schedule":
            self.open_schedule(heading, line)
            return
        self.keep_heading(heading, line)
        if heading.rest:
            self.take(line.holding(heading.rest))

    def open_schedule(self, heading: Heading, line: Line) -> None:
        is_date = heading.rest and self.facts.take_day(line.holding(heading.rest))
        if heading.rest and not is_date and not self.facts.notice(line):
            self.notes.remark(line, f"“{heading.rest}” was not read.")

    def keep_heading(self, heading: Heading, line: Line) -> None:
        """A second heading for the same section stays in its text."""
        section = "additional" if heading.section == "other" else heading.section
        is_own = heading.section == "other" or (section in TEXTS and self.facts.has_text(section))
        if is_own or (section == "additional" and not heading.names):
            self.facts.add_heading(section, heading.title, line)

    def end_paragraph(self) -> None:
        section = "additional" if self.section == "other" else self.section
        if section in TEXTS:
            self.facts.end_paragraph(section)

    def take(self, line: Line) -> None:
        if self.section in BEFORE_A_PROGRAM and self.starts_program(line):
            self.section = "schedule"
        if self.section == "schedule":
            self.schedule.take(line)
        elif self.section == "top":
            self.top.take(line)
        elif self.section == "speakers":
            self.take_speaker(line)
        elif self.section in OF_ONE_LINE:
            self.take_fact(self.section, line)
        else:
            self.facts.add_text("additional" if self.section == "other" else self.section, line)

    def starts_program(self, line: Line) -> bool:
        """Whether a page without a heading for its program begins it here."""
        if not line.is_short or not self.top.has_title:
            return False
        length = bracketed_length(line.text)
        if length and length.rest and not length.after:
            return bool(line.marker) or self.section == "top" or kind_of(length.rest, has_people=False) == "break"
        return bool(BEGINS_WITH_HOURS.match(line.body)) and not line.is_prose and not PLACE.search(line.text)

    def take_fact(self, section: str, line: Line) -> None:
        if section == "venue" and section != self.section:
            self.facts.put(section, line.text, line)
        elif section == "date":
            if not self.facts.take_day(line):
                self.notes.leave(line, "No date the importer can read. Write it as 2026-03-22.")
        elif section == "venue":
            self.facts.take_venue(line)
        elif section == "timezone":
            self.facts.take_zone(line)
        elif section == "speakers":
            self.take_speaker(line, is_certain=True)
        elif section == "organizers":
            self.facts.add_text(section, line)
        else:
            self.facts.put(section, line.text, line)
        if section in ONE_LINE and self.section == section:
            self.section = "top"

    def take_speaker(self, line: Line, *, is_certain: bool = False) -> None:
        """A line of the speakers' own section: names, or sentences about the person last named."""
        named = [] if line.is_prose and not is_certain else people_in(line.body, is_certain=is_certain)
        for one in named:
            slug = self.people.add(one, line)
            self.described = slug if len(named) == 1 else ""
        if named:
            self.notes.place(line, "people")
            return
        self.described = self.introduced(line) or self.described
        if self.described:
            self.people.biographies[self.described].append(line.markdown)
            self.notes.place(line, "biography")
        else:
            self.notes.leave(line, "Says about nobody in particular who is named above it.")

    def introduced(self, line: Line) -> str:
        """The known person whom a sentence such as "Ada Lovelace is …" begins with."""
        found = BIOGRAPHY.match(line.text[:200])
        return self.people.slug_of(found["name"]) if found else ""

    def report(self, facts: Facts, program: Program) -> Report:
        missing = [label for name, label in MISSING.items() if not getattr(facts, name)]
        if not program.items:
            missing.insert(0, "Program")
        return Report(
            placed=dict(sorted(self.notes.placed.items())),
            unplaced=tuple(self.notes.unplaced[number] for number in sorted(self.notes.unplaced)),
            remarks=tuple(sorted(self.notes.remarks, key=lambda remark: remark.line)),
            missing=tuple(missing),
            is_tentative=self.facts.is_tentative,
        )
