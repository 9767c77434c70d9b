"""What the pages of 1,000 sessions weigh, packed as the front packs them. Titles and abstracts are of many words, so
that nothing is won by their likeness."""

import gzip
from datetime import timedelta
from pathlib import Path
from random import Random
from uuid import UUID

import pytest
from django.conf import settings
from django.test import Client

from portal.sheets import bundled
from portal.text import slug
from sessions_app import program
from sessions_app.models import Release
from tests.factories import NOON, make_event

STATIC = Path(settings.BASE_DIR) / "portal/static/portal"
SCRIPTS = ("zone.js", "stars.js", "now.js", "mine.js", "seats.js")
SYLLABLES = ("ka", "lor", "mi", "ven", "tu", "sa", "ber", "onn", "eli", "dra", "po", "shi", "gan", "wu", "rex", "qui")


def weight(content: bytes) -> int:
    return len(gzip.compress(content, 6))


def text(random: Random, words: int) -> str:
    return " ".join("".join(random.choices(SYLLABLES, k=random.randint(1, 4))) for _ in range(words)).capitalize()


def make_large_release(days: int) -> None:
    """1,000 sessions in 35 rooms, each with an id, a title, an abstract and two speakers."""
    random = Random(1128)
    names = [text(random, 2) for _ in range(900)]
    people = tuple(program.Person(slug(name), slug(name), name) for name in names)
    rooms = tuple(program.Room(str(UUID(int=random.getrandbits(128))), text(random, 2)) for _ in range(35))
    tracks = tuple(program.Track(f"track-{number}", text(random, 2)) for number in range(20))
    items = tuple(
        make_item(random, number, days, rooms[number % 35].uuid, random.sample(people, 2)) for number in range(1000)
    )
    data = program.Program("UTC", items, (program.Block("block"),), rooms, tracks, people).to_json()
    values = {"stage": "final", "published_at": NOON, "digest": program.digest(data), "data": data}
    Release.objects.create(event=make_event(slug="large", kind="conference"), number=1, **values)


def make_item(random: Random, number: int, days: int, room: str, people: list[program.Person]) -> program.Item:
    title, turn = text(random, 7), number // 35
    start = NOON + timedelta(days=turn % days, minutes=25 * (turn // days))
    values = {"title": title, "slug": slug(title), "kind": "talk", "duration": 25, "abstract": text(random, 100)}
    return program.Item(
        uuid=str(UUID(int=random.getrandbits(128))),
        id=number + 1,
        block="block",
        start=start,
        end=start + timedelta(minutes=25),
        track=f"track-{number % 20}",
        room=room,
        speakers=tuple(program.Appearance(person.slug) for person in people),
        **values,
    )


@pytest.mark.sqlite
@pytest.mark.django_db
@pytest.mark.parametrize(
    ("days", "page"),
    [(1, "schedule/"), (2, "schedule/"), (2, "schedule/all/"), (2, "schedule/?kind=talk"), (2, "speakers/"), (2, "")],
)
def test_a_page_of_a_thousand_sessions_weighs_120_kilobytes_at_most(client: Client, days: int, page: str) -> None:
    make_large_release(days)

    response = client.get(f"/large/{page}")

    assert response.status_code == 200
    assert weight(response.content) <= 120_000


def test_the_styles_and_the_scripts_of_the_program_together_weigh_40_kilobytes_at_most() -> None:
    scripts = [(STATIC / "js" / name).read_bytes() for name in SCRIPTS]

    assert sum(map(weight, [bundled(STATIC / "css/lectern.css").encode(), *scripts])) <= 40_000


@pytest.mark.parametrize("path", sorted((STATIC / "js").rglob("*.js")), ids=lambda path: path.name)
def test_each_script_is_short(path: Path) -> None:
    assert len(path.read_text().splitlines()) < 100
