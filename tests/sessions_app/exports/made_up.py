"""A small event that is all made up, in three releases: by lengths alone, with clock times, and final."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from portal.models import Event
from sessions_app.diff import compare
from sessions_app.models import Release
from sessions_app.program import Appearance, Block, Item, Link, Person, Program, Room, Track, digest

HOSTILE = "=1+1 \"quoted\", 'single'; <b>&amp;</b> ]]> \\n Ünïcödé 狼 \U0001f600 // </script>"
CONTROLS = "be\x00fore\x0b\x1b[31m\ufffe\u202e after"
START = datetime(2026, 3, 22, 13, tzinfo=UTC)  # 09:00 in New York
DAY, EVENING = ("d0000000-0000-4000-8000-000000000001", "d0000000-0000-4000-8000-000000000002")
HALL = Room("a0000000-0000-4000-8000-000000000001", "Hall A", 120)
PEOPLE = (
    Person("c0000000-0000-4000-8000-000000000001", "ada", "Ada Lovelace", "Analytical Engines", "*First*.", ""),
    Person("c0000000-0000-4000-8000-000000000002", "sokrates", "Sokrates", url="https://sokrates.example/"),
)
SYSTEMS = Track("systems", "Systems & <tools>", "pine")


def item(number: int, slug: str, **fields: object) -> Item:
    values = {"title": slug.capitalize(), "kind": "talk", "duration": 45, "block": DAY} | fields
    return Item(uuid=f"b0000000-0000-4000-8000-{number:012}", slug=slug, id=number, **values)  # type: ignore[arg-type]


ADA, SOKRATES = Appearance("ada"), Appearance("sokrates", "moderator")
WELCOME = {
    "subtitle": "A first look",
    "abstract": "Why it *matters*.\n\nTwice.",
    "prerequisites": "- Python 3\n- *some* patience",
    "links": (Link("https://example.org/setup?a=1&b=2", "Setup <first>"), Link("https://example.org/")),
}
BY_LENGTHS = Program(
    "America/New_York",
    (
        item(1, "welcome", kind="tutorial", level="beginner", speakers=(ADA,), **WELCOME),
        item(2, "pause", title="Coffee, tea", kind="break", duration=30, offset=45),
        item(3, "lab", title=HOSTILE, kind="lab", duration=90, offset=75, track="systems", speakers=(ADA, SOKRATES)),
        item(4, "party", kind="social", duration=150, block=EVENING, language="de", speakers=(SOKRATES,)),
    ),
    (Block(DAY, "By day"), Block(EVENING, "By night")),
    (HALL,),
    (SYSTEMS,),
    PEOPLE,
)


def timed(program: Program) -> Program:
    """The blocks begin at 9 in the morning and half an hour before midnight; the first is in the hall."""
    starts = {DAY: START, EVENING: START + timedelta(hours=14, minutes=30)}
    blocks = tuple(replace(block, start=starts[block.uuid]) for block in program.blocks)
    return replace(program, blocks=blocks, items=tuple(at(starts[one.block], one) for one in program.items))


def at(start: datetime, one: Item) -> Item:
    begins = start + timedelta(minutes=one.offset)
    room = HALL.uuid if one.block == DAY else ""
    return replace(one, start=begins, end=begins + timedelta(minutes=one.duration), room=room)


def changed(program: Program) -> Program:
    """The party goes on after midnight, an hour and a half later; the lab is cancelled."""
    welcome, pause, lab, party = program.items
    later = {"start": party.start + timedelta(minutes=90), "end": party.end + timedelta(minutes=90), "sequence": 1}  # type: ignore[operator]
    return replace(
        program,
        items=(welcome, pause, replace(lab, status="cancelled", sequence=1), replace(party, **later)),  # type: ignore[arg-type]
    )


WITH_TIMES = timed(BY_LENGTHS)
FINAL = changed(WITH_TIMES)
STAGES = {"1-lengths": BY_LENGTHS, "2-times": WITH_TIMES, "3-final": FINAL}


def make_made_up_event(releases: int = 3) -> Event:
    """The event with its first releases, and the same ids and moments every time."""
    event = Event.objects.create(
        pk=7,
        slug="made-up",
        title="Made up & <tested>",
        timezone="America/New_York",
        starts_on=date(2026, 3, 22),
        venue="Omni, Pittsburgh",
        overview="All about *making up*.",
        final_program_due=date(2026, 2, 17),
    )
    made_at = datetime(2025, 11, 1, tzinfo=UTC)
    Event.objects.filter(pk=event.pk).update(created_at=made_at, changed_at=made_at)
    event.refresh_from_db()
    before = Program("America/New_York")
    for number, program in enumerate(list(STAGES.values())[:releases], start=1):
        make_made_up_release(event, number, before, program)
        before = program
    return event


def make_made_up_release(event: Event, number: int, before: Program, program: Program) -> Release:
    data = program.to_json()
    return Release.objects.create(
        event=event,
        number=number,
        stage="final" if number == 3 else "tentative",
        note="The lab is off & the party is <later>." if number == 3 else "",
        published_at=datetime(2026, 1, number, 12, tzinfo=UTC),
        digest=digest(data),
        data=data,
        changes=[change.to_json() for change in compare(before, program)],
    )
