"""What a release tells everybody alike: what changed, when, where, the program, the calendar.

Made once for a release in each process, then shared by thousands of mails.
"""

import re
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache
from typing import Any

from django.template.loader import render_to_string
from django.utils import timezone

from portal.access import NOBODY
from portal.mail import Attachment
from portal.models import Event
from portal.templatetags.words import clock, length, offset, through, weekday
from portal.text import clean_line
from sessions_app import materials
from sessions_app.agenda import Agenda, agenda
from sessions_app.exports import ical
from sessions_app.lines import Group, Line
from sessions_app.models import Release
from sessions_app.program import Program
from sessions_app.releases import Published, published
from sessions_app.wording import Described, describe, zone_words

MOST_CHANGES = 30
MARK = re.compile("\x00(.*?)\x00")  # where a program has room for what a session means to its reader
BIDI = re.compile("[\u200e\u200f\u202a-\u202e\u2066-\u2069]")
ADDRESS = re.compile(r"(?i)(\w+:)//|\b(www)\.")


@dataclass(frozen=True)
class Row:
    """A session in the program of a mail; `when` is its clock time or, while it has none, its offset. `group` is its
    day or block, where there are several."""

    session: str
    group: str
    when: str
    length: str
    title: str
    people: str
    room: str
    is_break: bool

    @property
    def details(self) -> str:
        """All but the title, on one line."""
        return " · ".join(filter(None, [self.length, self.people, self.room]))

    @property
    def moment(self) -> str:
        """For where it doesn't stand below its group."""
        return ", ".join(filter(None, [self.group, self.when]))

    @property
    def mark(self) -> str:
        """Stands where the reader's own word about the session goes; see Bulletin.marked."""
        return f"\x00{self.session}\x00"


@dataclass(frozen=True)
class Changed:
    """A session with all that has changed about it, a line each."""

    session: str
    title: str
    lines: tuple[str, ...]


@dataclass(frozen=True)
class Section:
    """The sessions of a day or a block."""

    title: str
    rows: list[Row]


@dataclass(frozen=True)
class Bulletin:
    """A release in words. `changes` are empty for a first release, `sections` for a program too long for a mail;
    `text` and `html` are the sections, rendered. `changed` are the changes by session, `rows` all sessions. `speakers`
    are those of the program, `talks` the sessions of each of them and of who has just left it, all by uuid."""

    number: int
    is_final: bool
    heading: str
    subject: str
    note: str
    when: str
    where: str
    zone: str
    changes: list[Described]
    more_changes: int
    sections: list[Section]
    attachments: tuple[Attachment, ...]
    changed: list[Changed]
    speakers: frozenset[str]
    talks: dict[str, frozenset[str]]
    rows: list[Row]
    has_materials: bool
    text: str = ""
    html: str = ""

    @property
    def before(self) -> int:
        return self.number - 1

    @property
    def total(self) -> int:
        return len(self.changes) + self.more_changes


def bulletin_of(event: Event, release_pk: int, digest: str) -> Bulletin:
    """Raises Release.DoesNotExist."""
    return made(event.pk, release_pk, digest, event.version)


def latest_bulletin(event: Event) -> Bulletin | None:
    latest = event.releases.values_list("pk", "digest").first()
    return bulletin_of(event, *latest) if latest else None


@lru_cache(maxsize=8)
def made(event_pk: int, release_pk: int, digest: str, version: int) -> Bulletin:
    """The last two arguments make it anew when a document or the event's own texts and materials have changed."""
    event = Event.objects.get(pk=event_pk)
    return whole(event, Release.objects.get(pk=release_pk, event=event))


def whole(event: Event, release: Release) -> Bulletin:
    """With its program rendered. The release needn't be saved."""
    found = written(event, release)
    text = render_to_string("mail/program.txt", {"bulletin": found})
    html = render_to_string("mail/program.html", {"bulletin": found})
    return replace(found, text=text, html=html)


def written(event: Event, release: Release) -> Bulletin:
    found = published(release)
    program = agenda(found.program)
    was_final = event.releases.filter(number__lt=release.number, stage=Release.Stage.FINAL).exists()
    heading, subject = headline(found, was_final=was_final, has_changes=bool(release.changes))
    listed = sorted(release.changes, key=is_first_time) if release.number > 1 else []
    if found.is_final and not was_final and not program.is_long:
        listed = [change for change in listed if not is_first_time(change)]
    changes = [told(change, event) for change in listed]
    sections = [section(program, group) for group in program.groups]
    return Bulletin(
        number=release.number,
        is_final=found.is_final,
        heading=heading,
        subject=f"{subject}: {event.title}",
        note=release.note,
        when=when(event, program),
        where=where(event, program),
        zone=program.zone,
        changes=changes[:MOST_CHANGES],
        more_changes=len(changes[MOST_CHANGES:]),
        sections=[] if program.is_long else sections,
        attachments=calendars(event, found, is_brief=program.is_long),
        changed=by_session(listed, changes),
        speakers=frozenset(person.uuid for person in found.program.people),
        talks=talks(found.program, before(event, release)),
        rows=[row for section in sections for row in section.rows],
        has_materials=bool(materials.released(event, found, event.materials.all(), NOBODY, timezone.now())),
    )


def before(event: Event, release: Release) -> Program | None:
    """The program of the release before this one: who has left a talk wants to know it too."""
    earlier = event.releases.filter(number__lt=release.number).first()
    return published(earlier).program if earlier else None


def by_session(listed: list[dict[str, Any]], changes: list[Described]) -> list[Changed]:
    found: dict[str, list[Described]] = {}
    for change, words in zip(listed, changes, strict=True):
        found.setdefault(change["session"], []).append(words)
    return [Changed(session, words[0].title, tuple(one.line for one in words)) for session, words in found.items()]


def talks(*programs: Program | None) -> dict[str, frozenset[str]]:
    """The sessions of each speaker in any of these programs, by their uuids."""
    found: dict[str, set[str]] = {}
    for program in filter(None, programs):
        for item in program.items:
            for person in program.people_of(item):
                found.setdefault(person.uuid, set()).add(item.uuid)
    return {person: frozenset(sessions) for person, sessions in found.items()}


def marked(text: str, words: dict[str, str], shape: str) -> str:
    """The rendered program with the reader's own words at the sessions they are about. `shape` has a place for one."""
    return MARK.sub(lambda found: shape.format(words[found[1]]) if found[1] in words else "", text)


def is_first_time(change: dict[str, str]) -> bool:
    """First clock times come last, and not at all in the final program that is read below: there may be one for each
    session."""
    return change["kind"] == "timed"


def headline(release: Published, *, was_final: bool, has_changes: bool) -> tuple[str, str]:
    """The heading of the mail, and how its subject begins."""
    if was_final:
        if not has_changes:
            return "The program, once more", "Program"
        return "The program has changed", "Program updated"
    if release.is_final:
        return "The program is final", "Final program"
    return "The tentative program", "Tentative program"


def told(change: dict[str, str], event: Event) -> Described:
    words = describe(change, event.zone)
    return Described(words.label, *(harmless(part) for part in (words.title, words.before, words.after)))


def when(event: Event, program: Agenda | None = None) -> str:
    start, end = (program.start, program.end) if program else (None, None)
    if start and end:
        days = through(start, end)
        clocks = f", {clock(start)}–{clock(end)}" if start.date() == end.date() else ""
        return f"{days}{clocks} {zone_words(event.zone, start)}" if clocks else f"{days}, from {in_zone(start, event)}"
    if event.starts_on:
        return f"{through(event.starts_on, event.ends_on)}; clock times to be announced"
    return "Date to be announced"


def in_zone(moment: datetime, event: Event) -> str:
    local = moment.astimezone(event.zone)
    return f"{clock(local)} {zone_words(event.zone, local)}"


def day_in_zone(moment: datetime, event: Event) -> str:
    return f"{weekday(moment.astimezone(event.zone))}, {in_zone(moment, event)}"


def where(event: Event, program: Agenda | None = None) -> str:
    rooms = program.rooms if program else []
    parts = [rooms[0] if len(rooms) == 1 else "", event.venue]
    return ", ".join(harmless(part) for part in parts if part) or "Place to be announced"


def section(program: Agenda, group: Group) -> Section:
    title = harmless(group.title) if len(program.groups) > 1 else ""
    return Section(title, [row(program, line, title) for line in group.lines])


def row(program: Agenda, line: Line, group: str) -> Row:
    title = harmless(line.item.title)
    return Row(
        session=line.item.uuid,
        group=group,
        when=clock(line.start) if line.start else offset(line.since),
        length=length(line.item.duration),
        title=f"{title} (cancelled)" if line.item.status == "cancelled" else title,
        people=", ".join(harmless(person.name) for person, _ in line.people),
        room=harmless(line.room) if len(program.rooms) > 1 else "",
        is_break=line.item.is_break,
    )


def calendars(event: Event, release: Published, *, is_brief: bool) -> tuple[Attachment, ...]:
    """The program as a calendar file, once it has or had clock times and until there is a newer one. That of a long
    program is brief: thousands get it."""
    is_outdated = event.releases.filter(number__gt=release.number).exists()
    if is_outdated or not any(item.start for item in (*release.program.items, *release.withdrawn)):
        return ()
    content = ical.calendar(event, release, is_brief=is_brief)
    return (Attachment(f"{event.slug}.ics", content, ical.media_type(content)),) if content else ()


def harmless(text: str) -> str:
    """A text of others as one line that can't turn the reading order or become a link in a mail program."""
    return ADDRESS.sub(lambda found: f"{found[1] or found[2]} ", clean_line(BIDI.sub("", text)))
