"""The program section of a page: lines to sessions, still without clock times."""

import re
from dataclasses import dataclass, field, replace

from sessions_app.importers.page.facts import FactsFound
from sessions_app.importers.page.lines import LETTER, Line
from sessions_app.importers.page.notes import Notes
from sessions_app.importers.page.parts import Part, is_half, part_in
from sessions_app.importers.page.people import Named, People, is_unknown, labelled, people_in
from sessions_app.importers.page.spans import Clock, NoSuchTime, clock_in, length_in
from sessions_app.importers.page.titles import is_ending, kind_of, with_people
from sessions_app.program import Appearance

ABSTRACT = re.compile(r"^(?:abstract|description|summary|overview|topics|contents?)\s*:\s*", re.I)
TABLE_HEAD = {"time", "session", "sessions", "title", "topic", "topics", "speaker", "speakers", "presenter", "duration"}
TABLE_HEAD |= {
    "length",
    "presenters",
    "talk",
    "activity",
    "event",
    "what",
    "who",
    "when",
    "minutes",
    "part",
    "#",
    "no.",
}
ZONE_WORD = re.compile(r"^\(?(?:E[SD]?T|C[SD]?T|M[SD]?T|P[SD]?T|CES?T|UTC|GMT|BST|JST|KST|IST|AES?T)\)?(?:\s+|$)")
WIDE_BRACKETS = str.maketrans("（）", "()")
NOT_A_SESSION = "No length and no clock time stands with it, so it isn't a session; and it doesn't look like names."


@dataclass(frozen=True)
class Span:
    """A line parted into when, how long, and the rest."""

    title: str
    clock: Clock | None = None
    minutes: int | None = None
    beside: tuple[str, ...] = ()
    zone: str = ""


@dataclass
class Talk:
    """A session as the page gives it; `lines` are all that say something about it."""

    line: Line
    title: str
    part: Part
    clock: Clock | None
    minutes: int | None
    kind: str = ""
    people: list[Appearance] = field(default_factory=list)
    abstract: list[str] = field(default_factory=list)
    lines: list[Line] = field(default_factory=list)

    @property
    def is_break(self) -> bool:
        return self.kind == "break"


class Schedule:
    def __init__(self, facts: FactsFound, people: People, notes: Notes) -> None:
        self.facts, self.people, self.notes = facts, people, notes
        self.talks: list[Talk] = []
        self.parts: list[Part] = [Part()]
        self.ends: list[tuple[Line, Part, int]] = []
        self.waiting: tuple[Line, Span] | None = None
        self.pending: Line | None = None
        self.is_open = False  # whether the lines below belong to the last session

    @property
    def expects_title(self) -> bool:
        return self.waiting is not None

    def take(self, line: Line) -> None:
        if not line.is_short:
            self.take_prose(line)
        elif not (self.take_table_head(line) or self.take_notice(line)):
            self.take_entry(line)

    def take_entry(self, line: Line) -> None:
        try:
            span = span_of(line)
        except NoSuchTime as error:
            self.notes.leave(line, str(error))
            return
        if span is None:
            self.take_detail(line)
        elif not span.title:
            self.take_bare_span(line, span)
        elif is_ending(span.title) and span.clock and span.clock.end is None and not span.minutes:
            self.ends.append((line, self.part, span.clock.begin))
            self.notes.place(line, "end")
        elif not line.marker and is_half(span.title) and (part := part_in(line, span.title)):
            self.open_part(replace(part, clock=span.clock, minutes=span.minutes))
        else:
            self.add(line, span, [line])

    def take_table_head(self, line: Line) -> bool:
        """A table's head, in one line or, as browsers paste it, a line for each column."""
        cells = [cell.lower() for cell in line.cells]
        is_head = (len(cells) > 1 or not self.talks) and all(cell in TABLE_HEAD for cell in cells)
        if is_head:
            self.notes.place(line, "heading")
        return is_head

    def take_notice(self, line: Line) -> bool:
        """Sentences about the program as a whole are kept with the additional information."""
        is_notice = not line.marker and length_in(line.text) is None and self.facts.notice(line)
        if is_notice:
            self.facts.add_text("additional", line)
        return is_notice

    def take_bare_span(self, line: Line, span: Span) -> None:
        """A length or time on a line of its own belongs to the title above or, failing that, the one below."""
        talk = self.talks[-1] if self.talks and self.is_open else None
        if self.pending:
            title, self.pending = self.pending, None
            self.add(title, replace(span, title=title.body), [title, line])
        elif talk and not talk.lines[1:] and ((span.minutes and not talk.minutes) or (span.clock and not talk.clock)):
            talk.minutes, talk.clock = talk.minutes or span.minutes, talk.clock or span.clock
            self.attach(line, "session")
        else:
            self.flush()
            self.waiting = (line, span)

    def take_detail(self, line: Line) -> None:
        if self.waiting:
            (time, span), self.waiting = self.waiting, None
            self.add(line, replace(span, title=line.body), [time, line])
        elif not (self.take_people(line) or self.take_abstract(line)):
            self.take_heading(line)

    def take_heading(self, line: Line) -> None:
        part = None if line.is_numbered else part_in(line, line.text)
        if part:
            self.open_part(part)
        elif line.is_prose and not line.marker:
            self.take_prose(line)
        else:
            self.flush()
            self.pending, self.is_open = line, False

    def take_people(self, line: Line) -> bool:
        talk = self.talks[-1] if self.talks and self.is_open else None
        is_labelled = labelled(line.body) is not None
        if talk is None or talk.is_break or (line.marker and not is_labelled):
            return False
        is_free = is_labelled or (not talk.abstract and part_in(line, line.text) is None)
        named = people_in(line.body) if is_free else []
        for one in named:
            self.appear(talk, one, line)
        is_taken = bool(named) or is_unknown(line.text)
        if is_taken:
            self.attach(line, "people")
        return is_taken

    def take_abstract(self, line: Line) -> bool:
        if not (self.talks and self.is_open) or self.is_sibling(line):
            return False
        abstract = self.talks[-1].abstract
        text = ABSTRACT.sub("", line.text)
        is_more = line.is_prose or (bool(abstract) and line.is_sentence)
        if text == line.text and not line.is_bulleted and (line.is_numbered or not is_more):
            return False
        abstract.append(text if text != line.text else line.markdown)
        self.attach(line, "abstract")
        return True

    def is_sibling(self, line: Line) -> bool:
        """Whether a bullet is of the same list as the last session."""
        last = self.talks[-1].line
        return line.is_bulleted and last.marker == line.marker and last.indent >= line.indent

    def take_prose(self, line: Line) -> None:
        if self.talks and self.is_open:
            self.talks[-1].abstract.append(line.markdown)
            self.attach(line, "abstract")
        else:
            self.facts.add_text("additional", line)
            self.notes.remark(line, "Kept under additional information.")

    def open_part(self, part: Part) -> None:
        self.flush()
        assert part.line
        day = self.part if self.part.is_day else self.part.above
        self.parts.append(part if part.is_day else replace(part, above=day))
        self.is_open = False
        self.notes.place(part.line, "part")

    @property
    def part(self) -> Part:
        return self.parts[-1]

    def attach(self, line: Line, where: str) -> None:
        self.talks[-1].lines.append(line)
        self.notes.place(line, where)

    def add(self, line: Line, span: Span, lines: list[Line]) -> None:
        self.flush()
        title, named, is_guess = with_people(span.title, self.is_known)
        talk = Talk(line, title, self.part, span.clock, span.minutes, lines=lines)
        for text in span.beside:
            more = [] if is_unknown(text) else people_in(text, is_certain=len(line.cells) > 1)
            named += more
            if not more and not is_unknown(text):
                talk.title = f"{talk.title} ({text})"
        if not re.search(r"\w", talk.title):
            self.leave_all(lines, "A length or clock time without a title.")
            return
        talk.kind = kind_of(talk.title, has_people=bool(named))
        self.talks.append(talk)
        self.notes.limit(len(self.talks), line, "sessions")
        self.is_open = True
        for one in named:
            self.appear(talk, one, line)
        if span.zone:
            self.notes.remark(line, f"“{span.zone}” is not read: all times are in the event's zone.")
        if is_guess:
            self.notes.remark(line, f"“{named[0].name}” is taken for the speaker.")
        for one_line in lines:
            self.notes.place(one_line, "session")

    def appear(self, talk: Talk, named: Named, line: Line) -> None:
        slug = self.people.add(named, line)
        if all(one.person != slug for one in talk.people):
            talk.people.append(Appearance(slug, named.role))

    def is_known(self, name: str) -> bool:
        return bool(self.people.slug_of(name))

    def leave_all(self, lines: list[Line], reason: str) -> None:
        for line in lines:
            self.notes.leave(line, reason)

    def flush(self) -> None:
        """Give up what still waited for its other half."""
        if self.pending:
            self.notes.leave(self.pending, NOT_A_SESSION)
        if self.waiting:
            self.notes.leave(self.waiting[0], "A length or clock time without a title.")
        self.pending = self.waiting = None


def span_of(line: Line) -> Span | None:
    """None where the line has neither a length nor a clock time. Raises NoSuchTime."""
    if len(line.cells) > 1 and (found := span_of_cells(line.cells)):
        return found
    return span_in(line.body) if line.marker else span_in(line.text) or None


def span_of_cells(cells: list[str]) -> Span | None:
    """A table's row: when and how long, then the title, then names."""
    spans = [span_in(cell) for cell in cells]
    bare = [span for span in spans if span and not span.title]
    words = [cell for cell, span in zip(cells, spans, strict=True) if not (span and not span.title)]
    words = [cell for cell in words if not re.fullmatch(r"\d{1,3}\.?", cell)]
    if not bare:
        return None
    clock = next((span.clock for span in bare if span.clock), None)
    minutes = next((span.minutes for span in bare if span.minutes is not None), None)
    return Span(words[0] if words else "", clock, minutes, tuple(words[1:]))


def span_in(text: str) -> Span | None:
    text = text.translate(WIDE_BRACKETS)
    clock, rest = clock_in(text) or (None, text)
    zone = ZONE_WORD.match(rest) if clock else None
    rest = rest[zone.end() :] if zone else rest
    length = length_in(rest)
    if length and not clock and length.rest:
        clock, remaining = clock_in(length.rest) or (None, length.rest)
        length = replace(length, rest=remaining)
    if not clock and not length:
        return None
    title = LETTER.sub("", length.rest if length else rest)
    beside = tuple(part for part in (length.more, length.after) if part) if length else ()
    return Span(title, clock, length.minutes if length else None, beside, zone[0].strip() if zone else "")
