"""Gathers the sessions of another program's file, one by one, and makes a program of them."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from operator import itemgetter
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import URLValidator, validate_email

from portal.text import clean_line, slug
from sessions_app.importers.objects import Value
from sessions_app.importers.page.people import name_key
from sessions_app.importers.page.titles import kind_of
from sessions_app.importers.prose import prose, verbatim
from sessions_app.importers.report import ImportFailed, Known, Place, Reading, Remark, Report
from sessions_app.importers.rows import uuid_of
from sessions_app.models import LONGEST, MOST_LINKS, Session
from sessions_app.program import DAY_BEGINS, Appearance, Block, Facts, Item, Link, Person, Program, Room, Track
from sessions_app.timetable import Slot, lay_out, pins

MOST = 5000  # sessions
UNSAID = 30  # minutes of a session whose file says neither its length nor its end
MOST_PEOPLE = 20_000  # names in all sessions together
MOST_PLACES = 1000  # rooms, and tracks
MOST_TOLD = 100  # of what is wrong
LONGEST_TEXT = 50_000  # characters
GENERATOR = "Lectern"  # as files of ours name it
NOTHING = "There is no session in this file that could be imported."
LEVELS = {"beginner": "beginner", "introductory": "beginner", "intermediate": "intermediate", "advanced": "advanced"}
KINDS = [
    ("keynote", re.compile(r"\bkeynote|\bplenary", re.I)),
    ("lab", re.compile(r"\bworkshop|\bhands[- ]on|\blab\b|\btraining", re.I)),
    ("tutorial", re.compile(r"\btutorial", re.I)),
    ("panel", re.compile(r"\bpanel|\bbof\b|\bdiscussion|\bround ?table|\bdebate", re.I)),
    ("break", re.compile(r"^(?:.*\b)?(?:break|lunch|pause|coffee)\b", re.I)),
    ("social", re.compile(r"\bsocial|\bparty|\bmusic|\bconcert|\breception|\bdinner", re.I)),
    ("talk", re.compile(r"\btalk|\blecture|\bpresentation|\bpaper", re.I)),
]


@dataclass(frozen=True)
class Named:
    """A person as a session names them. `source` is their id in the file, a UUID or not."""

    name: str
    source: str = ""
    role: str = ""
    affiliation: str = ""
    biography: str = ""
    url: str = ""
    email: str = ""


@dataclass(frozen=True)
class Entry:
    """A session as the file has it. `type` is the file's own word for its kind, `block` the title of its block and
    which block of that title it is; without it there is a block for each room and day."""

    where: Place
    title: str
    minutes: int
    start: datetime | None = None
    source: str = ""
    id: int = 0
    slug: str = ""
    block: tuple[str, int] | None = None
    room: str = ""
    track: str = ""
    type: str = ""
    subtitle: str = ""
    abstract: str = ""
    prerequisites: str = ""
    links: tuple[Link, ...] = ()
    attachments: tuple[Link, ...] = ()  # files the program came with; they become links
    level: str = ""
    language: str = ""
    status: str = ""
    visibility: str = ""
    people: tuple[Named, ...] = ()
    is_digest: bool = False  # its abstract is a digest of ours, for people to read


def limit(count: int, most: int, what: str, where: Place) -> None:
    """Stop at once where a file goes beyond all measure."""
    if count >= most:
        raise ImportFailed(Remark(where, "", f"More than {most} {what}: that is beyond any program."))


@dataclass
class Gathered:
    """What was found in a file so far. Reading goes on after an error, so that all of them are told at once."""

    entries: list[Entry] = field(default_factory=list)
    rooms: dict[str, Room] = field(default_factory=dict)
    tracks: dict[str, Track] = field(default_factory=dict)
    people: dict[str, Person] = field(default_factory=dict)
    remarks: list[Remark] = field(default_factory=list)
    unplaced: list[Remark] = field(default_factory=list)
    errors: list[Remark] = field(default_factory=list)
    lines: dict[str, Place] = field(default_factory=dict)
    sources: dict[str, str] = field(default_factory=dict)
    emails: dict[str, str] = field(default_factory=dict)
    ids: set[str] = field(default_factory=set)
    slugs: set[str] = field(default_factory=set)
    words: set[str] = field(default_factory=set)  # that couldn't be understood
    digests: set[str] = field(default_factory=set)
    named: int = 0
    is_ours: bool = False  # we wrote the file, and its texts are Markdown as they are

    def add(self, entry: Entry) -> None:
        limit(len(self.entries), MOST, "sessions", entry.where)
        self.named += len(entry.people)
        limit(self.named, MOST_PEOPLE, "names of people", entry.where)
        if len(entry.abstract) > LONGEST_TEXT:
            self.fail(entry.where, f"A text has at most {LONGEST_TEXT} characters, this one {len(entry.abstract)}.")
        elif not clean_line(entry.title):
            self.fail(entry.where, "A session without a title.")
        else:
            self.entries.append(entry)

    def fail(self, where: Place, reason: str, text: str = "") -> None:
        self.errors.append(Remark(where, text, reason))
        if len(self.errors) >= MOST_TOLD:
            raise ImportFailed(*self.errors)

    def remark(self, where: Place, reason: str, text: str = "") -> None:
        self.remarks.append(Remark(where, text, reason))

    def leave(self, where: Place, reason: str, text: str = "") -> None:
        self.unplaced.append(Remark(where, text, reason))

    def room(self, name: str, *, source: str = "", capacity: int | None = None) -> str:
        """The name of the room in the program; empty for no room."""
        name = clean_line(name)[:100]
        if not name:
            return ""
        key = name_key(name)
        if key not in self.rooms:
            limit(len(self.rooms), MOST_PLACES, "rooms", 0)
            uuid = uuid_of(source.lower())
            is_own = uuid and all(room.uuid != uuid for room in self.rooms.values())
            self.rooms[key] = Room(uuid if is_own else f"room {len(self.rooms) + 1}", name, capacity)
        return self.rooms[key].uuid

    def track(self, name: str, *, hue: str = "") -> str:
        name = clean_line(name)[:100]
        if not name:
            return ""
        key = name_key(name)
        if key not in self.tracks:
            limit(len(self.tracks), MOST_PLACES, "tracks", 0)
            taken = {track.slug for track in self.tracks.values()}
            self.tracks[key] = Track(slug(name, taken=taken, fallback="track"), name, hue)
        return self.tracks[key].slug

    def add_person(self, named: Named, where: Place) -> None:
        """Somebody whom the file lists, in a session or not."""
        limit(self.named, MOST_PEOPLE, "names of people", where)
        self.named += 1
        if clean_line(named.name):
            self.person(named, where)

    def person(self, named: Named, where: Place) -> str:
        """Their slug. Who has no id is whoever has the same name."""
        name = clean_line(named.name)
        named = replace(named, source=clean_line(named.source)[:200])
        by_id, by_name = f"id {named.source}", f"name {name_key(name)}"
        known = self.people.get(by_id if named.source else by_name)
        namesake = self.people.get(by_name)
        if named.source and known is None and namesake and namesake.slug not in self.sources:
            known = namesake
            self.sources[namesake.slug] = named.source
        person = known or self.new_person(named, name, where)
        self.people.setdefault(by_name, person)
        if named.source:
            self.people[by_id] = person
        return person.slug

    def new_person(self, named: Named, name: str, where: Place) -> Person:
        made = slug(name, taken=self.slugs, fallback="speaker")
        self.slugs.add(made)
        self.lines[f"person {made}"] = where
        if named.source:
            self.sources[made] = named.source
        if is_email(named.email):
            self.emails[made] = named.email
        url = named.url if is_address(named.url) else ""
        uuid = uuid_of(named.source.lower())
        return Person(
            uuid, made, name, clean_line(named.affiliation)[:200], self.text(named.biography[:LONGEST_TEXT]), url
        )

    def reading(self, facts: Facts, known: Known, *, is_exact: bool = False) -> Reading:
        """Raises ImportFailed with all that was found wrong."""
        if not (self.errors or self.entries or self.people):
            self.errors = [Remark(0, "", NOTHING), *self.unplaced[:MOST_TOLD]]
        if self.errors:
            raise ImportFailed(*sorted(self.errors, key=lambda remark: remark.number))
        zone = facts.timezone or known.timezone or known.event_timezone or "UTC"
        items, blocks, made = self.placed(ZoneInfo(zone))
        people = {person.slug: person for person in self.people.values()}
        program = Program(
            zone,
            tuple(items),
            tuple(blocks),
            tuple(self.rooms.values()),
            tuple(self.tracks.values()),
            tuple(people.values()),
        )
        report = Report(remarks=tuple(self.remarks), unplaced=tuple(self.unplaced))
        return Reading(
            facts,
            program,
            report,
            self.lines,
            self.sources,
            self.emails,
            is_exact,
            is_by_clock=True,
            made_blocks=made,
            digests=frozenset(self.digests),
        )

    def placed(self, zone: ZoneInfo) -> tuple[list[Item], list[Block], frozenset[str]]:
        """The file's own blocks in its order; then those made up: one for each room and day as they begin, and one of
        the rest."""
        runs: dict[tuple[str, int], list[Entry]] = defaultdict(list)
        days: dict[tuple[date, int], list[Entry]] = defaultdict(list)
        order = {"": -1} | {room.uuid: place for place, room in enumerate(self.rooms.values())}
        for entry in self.entries:
            room = self.room(entry.room)
            change = DAY_BEGINS if entry.minutes < LONGEST else timedelta()  # whole days begin at midnight
            day = (entry.start.astimezone(zone) - change).date() if entry.start else date.max
            run = runs[entry.block] if entry.block else days[day, order.setdefault(room, len(order))]
            run.append(entry)
        for run in days.values():
            run.sort(key=lambda entry: entry.start or datetime.max.replace(tzinfo=UTC))
        titled = [(title, run) for (title, _), run in runs.items()]
        titled += [
            (self.block_title(day, run[0].room), run) for (day, _), run in sorted(days.items(), key=itemgetter(0))
        ]
        items: list[Item] = []
        blocks: list[Block] = []
        for title, run in titled:
            blocks.append(Block(f"block {len(blocks) + 1}", clean_line(title), run[0].start))
            items += self.items(run, blocks[-1])
        return items, blocks, frozenset(block.uuid for block in blocks[len(runs) :])

    def block_title(self, day: date, room: str) -> str:
        when = "Not scheduled" if day == date.max else day.isoformat()
        return f"{clean_line(room)[:80]}, {when}" if clean_line(room) else when

    def items(self, run: list[Entry], block: Block) -> Iterable[Item]:
        """Who starts when those before have ended flows on, the others are pinned: each keeps its own time."""
        pinned = pins(((entry.minutes, entry.start) for entry in run), block.start)
        slots = [Slot(entry.minutes, pin) for entry, pin in zip(run, pinned, strict=True)]
        for entry, slot, place in zip(run, slots, lay_out(slots, block.start), strict=True):
            yield self.item(entry, block.uuid, slot.pin, place.offset)

    def item(self, entry: Entry, block: str, pin: datetime | None, offset: int) -> Item:
        uuid = self.identity(entry)
        self.lines[uuid] = entry.where
        self.digests |= {uuid} if entry.is_digest else set()
        self.tell_words(entry)
        title = clean_line(entry.title)
        people: dict[str, str] = {}
        for one in entry.people:
            if clean_line(one.name):
                people.setdefault(self.person(one, entry.where), clean_line(one.role)[:50])
        return Item(
            uuid=uuid,
            id=entry.id,
            slug=entry.slug,
            title=title,
            kind=kind_named(entry.type) or kind_of(title, has_people=bool(people)),
            duration=entry.minutes,
            block=block,
            offset=offset,
            start=entry.start,
            end=entry.start + timedelta(minutes=entry.minutes) if entry.start else None,
            is_pinned=pin is not None,
            subtitle=clean_line(entry.subtitle)[:250],
            abstract=self.text(entry.abstract),
            prerequisites=self.text(entry.prerequisites),
            links=tuple(links_of(entry)),
            level=level_named(entry.level),
            language=language_code(entry.language),
            track=self.track(entry.track),
            room=self.room(entry.room),
            status=entry.status,
            visibility=entry.visibility if entry.visibility in Session.Visibility.values else "full",
            speakers=tuple(Appearance(*pair) for pair in people.items()),
        )

    def text(self, said: str) -> str:
        return verbatim(said) if self.is_ours else prose(said)

    def tell_words(self, entry: Entry) -> None:
        """What is said of a level or language, and can't be understood; each word where it comes up first."""
        for word, found, reason in (
            (
                entry.level.strip(),
                level_named(entry.level),
                f"Not a level known here: {', '.join(Session.Level.values)}.",
            ),
            (entry.language.strip(), language_code(entry.language), "Not a language by its two letters, as in en."),
        ):
            if word and not found and word not in self.words:
                self.words.add(word)
                self.leave(entry.where, reason, word)

    def identity(self, entry: Entry) -> str:
        """The file's UUID for a session, else a name of ours beside the file's id."""
        source = clean_line(entry.source)[:200]
        is_twice = source in self.ids
        if is_twice:
            self.remark(entry.where, f"The id {source} stands in the file twice; this session is known by its title.")
        elif source:
            self.ids.add(source)
        if not is_twice and uuid_of(source.lower()):
            return source.lower()
        made = f"session {len(self.lines) + 1} at {entry.where}"
        self.sources |= {made: source} if source and not is_twice else {}
        return made


def spelled_out(speakers: Value, listed: Mapping[str, Value], key: str, found: Gathered) -> Iterator[Value]:
    """Those of a session as the file's own list has them by this key; who is an id alone and not in it is told."""
    for speaker in speakers:
        one = listed.get(speaker[key].text or speaker.text, speaker)
        if isinstance(one.data, str):
            found.leave(one.path, "This speaker is not in the file.", one.text)
        else:
            yield one


def links_of(entry: Entry) -> Iterable[Link]:
    """As many as a session may have, each address once."""
    own = f"{settings.SITE_URL}/"  # materials of this portal, which are there already
    found = [*entry.links, *(one for one in entry.attachments if not one.url.startswith(own))]
    named = {link.url.strip(): title_of(link) for link in reversed(found)}
    good = [Link(url, title) for url, title in reversed(named.items()) if is_address(url)]
    return good[:MOST_LINKS]


def title_of(link: Link) -> str:
    """Formats that know no link without a title have its address there."""
    return clean_line(link.title)[:200] if link.title.strip() != link.url.strip() else ""


def kind_named(word: str) -> str:
    return next((kind for kind, words in KINDS if words.search(word[:200])), "")


def level_named(words: str) -> str:
    """Of “Advanced” or “Introductory and overview”."""
    return next((LEVELS[word] for word in words[:200].lower().split() if word in LEVELS), "")


def language_code(text: str) -> str:
    """ "de" of "de", "de-DE" and "de_formal"; empty where no code is given."""
    code = re.match(r"([a-z]{2})(?:$|[-_])", text.strip().lower())
    return code[1] if code else ""


def is_email(text: str) -> bool:
    try:
        validate_email(text)
    except ValidationError:
        return False
    return len(text) <= 254


def is_address(text: str) -> bool:
    try:
        URLValidator(["http", "https"])(text)
    except ValidationError:
        return False
    return len(text) <= 500
