"""Nothing of a draft leaves the portal: no word of it, and no sign that there is one.

Each kind of reader follows every link and tries every address there is, before and after drafts are made. The variable
CRAWL_SESSIONS makes the program longer: with 400, each of them sees some thousand pages.
"""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from io import StringIO
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from django.core.management import call_command
from django.test import Client
from django.utils import timezone

from portal.models import Event, LiveModel
from portal.text import slug
from registration import bulletin, links
from registration.models import TicketType
from registration.notices import release_program
from sessions_app.models import Material
from tests.crawling import Found, crawl, filled, found, links_in, route_of
from tests.drafts import SESSIONS, SPEAKER, WORD, Site, add_drafts, letters, make_site
from tests.registration.traces import in_files
from tests.test_urls_access import OURS

pytestmark = [pytest.mark.django_db, pytest.mark.sqlite]

TWIN = "wombat"  # another word, of nothing at all
READERS = ["ada@example.org", SPEAKER, "follower@example.org"]
SEARCHES = [
    "/tutorial/schedule/?q=part",
    "/tutorial/schedule/?track=systems&room=room-2",
    "/tutorial/schedule/?track=none",
    "/tutorial/schedule/mine/?s=none",
    "/tutorial/speakers/?q=speaker",
    "/tutorial/releases/compare/?from=1&to=2",
    "/api/v1/events/?limit=1",
    "/api/v1/events/tutorial/sessions/?q=part&limit=5",
    "/api/v1/events/tutorial/sessions/?day=none",
    "/api/v1/events/tutorial/releases/?limit=1",
]
OF_THE_HOUSE = {"/metrics"}  # counts registrations, for the own network alone


@pytest.fixture
def start(settings: Any, tmp_path: Path, time_machine: Any) -> datetime:
    """When the event begins. The clock stands still, after the newest change of our own code."""
    settings.MEDIA_ROOT = tmp_path / "media"
    tomorrow = timezone.now() + timedelta(days=1)
    time_machine.move_to(tomorrow, tick=False)
    return tomorrow.replace(hour=9, minute=0, second=0, microsecond=0) + timedelta(days=60)


@pytest.fixture
def site(start: datetime, time_machine: Any) -> Site:
    site = make_site(start)
    time_machine.shift(timedelta(hours=1))
    return site


def public(site: Site) -> dict[str, list[str]]:
    """What addresses are made of, by the places in them."""
    first, days = site.event.sessions.earliest("pk"), (site.event.starts_on, site.event.ends_on)
    materials = site.event.materials.order_by("pk").values_list("uuid", flat=True)
    return {
        "<slug:event>": [site.host.slug, site.event.slug, "workshop", "none"],
        "<slug:slug>": [first.slug, first.speakers.get().slug, "systems", "room-2", "none"],
        "<int:number>": ["1", "2", "3"],
        "<int:before>": ["1", "2"],
        "<int:after>": ["1", "2"],
        "<day:day>": [str(day) for day in days],
        "<uuid:uuid>": [*map(str, materials)],
        "<slug:provider>": ["postmark"],
        "<str:code>": [site.certificate.code, "none"],
    }


def tokens(paths: Iterable[str]) -> list[str]:
    return sorted({path.split("/")[3] for path in paths if "<str:token>" in route_of(path)})


LINKED = ["/", "/tutorial/", "/api/v1/events/", "/api/v1/events/tutorial/schedule/", *SEARCHES]


def by_mail(address: str) -> list[str]:
    return [link for letter in letters(address) for link in links_in("/", letter)]


def as_anybody(site: Site) -> list[str]:
    return with_links(site, [])


def as_attendee(site: Site) -> list[str]:
    """With all links that were ever mailed to her."""
    return with_links(site, [*by_mail(site.ada.email), links.confirm_path(site.ada), links.calendar_path(site.ada)])


def as_speaker(site: Site) -> list[str]:
    """Of another session than those in the drafts."""
    return with_links(site, by_mail(SPEAKER))


def with_links(site: Site, mailed: list[str]) -> list[str]:
    """All addresses there are; those of personal links with the token of each of these."""
    values = public(site)
    own = values | {"<slug:event>": [site.event.slug], "<str:token>": tokens(mailed) or ["none"]}
    routes = [route for route in OURS if "<str:token>" in route]
    return [*filled(values), *filled(own, routes), *mailed, *SEARCHES]


@dataclass(frozen=True)
class Look:
    """What one reader finds."""

    pages: dict[str, Found]

    def with_the_word(self) -> list[str]:
        return [address for address, one in self.pages.items() if WORD in one.text.casefold()]

    def other_than(self, earlier: "Look") -> set[str]:
        both = earlier.pages.items() ^ self.pages.items()
        return {address for address, _ in both} - OF_THE_HOUSE

    @property
    def routes(self) -> set[str]:
        return {route_of(address) for address in self.pages}


@pytest.mark.parametrize("reader", [as_anybody, as_attendee, as_speaker])
def test_no_reader_finds_a_word_or_a_sign_of_a_draft(
    site: Site, start: datetime, reader: Callable[[Site], list[str]], client: Client
) -> None:
    starts = reader(site)
    before = Look(crawl(client, starts))

    add_drafts(site, start)

    after = Look(crawl(client, starts))
    assert after.with_the_word() == []
    assert after.other_than(before) == set()
    assert after.routes >= set(OURS)
    assert len(after.pages) > 300 + 4 * SESSIONS


def test_the_same_look_finds_what_is_released(site: Site, start: datetime, client: Client) -> None:
    before = Look(crawl(client, LINKED))
    add_drafts(site, start)

    release_program(site.event, "final")

    after = Look(crawl(client, LINKED))
    assert len(after.with_the_word()) > 30
    assert len(after.other_than(before)) > 50


@pytest.mark.parametrize("model", [Material, TicketType])
def test_it_would_see_the_tags_change_if_every_row_renewed_them(
    site: Site, start: datetime, model: type[LiveModel], client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = Look(crawl(client, LINKED))
    monkeypatch.setattr(model, "told", classmethod(LiveModel.told.__func__))  # type: ignore[attr-defined]

    add_drafts(site, start)

    after = Look(crawl(client, LINKED))
    assert after.with_the_word() == []
    assert len(after.other_than(before)) > 50


@pytest.mark.parametrize("reader", READERS)
def test_no_mail_tells_of_a_draft(site: Site, start: datetime, reader: str) -> None:
    before = letters(reader)

    add_drafts(site, start)
    bulletin.made.cache_clear()

    after = letters(reader)
    assert [letter for letter in after if WORD in letter.casefold()] == []
    assert after == before
    assert len(after) >= 1


def test_no_archive_has_it(site: Site, start: datetime, tmp_path: Path) -> None:
    add_drafts(site, start)

    call_command("archive_event", "tutorial", str(tmp_path / "archive"), stdout=StringIO())

    assert in_files(WORD, tmp_path / "archive") == []
    assert in_files("part 3", tmp_path / "archive") != []


@dataclass(frozen=True)
class Guess:
    """Something that only a draft has, and something alike that nothing has."""

    place: str
    secret: str
    twin: str


def guesses(site: Site, start: datetime) -> list[Guess]:
    event, day = site.event, start + timedelta(days=7)
    draft = event.sessions.get(title=f"{WORD} 0")
    names = [WORD, draft.slug, draft.speakers.get().slug, slug(f"{WORD} hall"), slug(f"{WORD} track")]
    kinds = (event.ticket_types, event.questions, event.labs, event.sessions)
    numbers = [found.filter(pk__gt=7_000_000).earliest("pk").pk for found in kinds]
    materials = [draft.materials.earliest("pk"), Event.objects.get(slug=f"{WORD}-dinner").materials.get(session=None)]
    uuids = [draft.uuid, *(one.uuid for one in materials)]
    return [
        Guess("<slug:event>", f"{WORD}-dinner", f"{TWIN}-dinner"),
        Guess("<slug:event>", "summer", "winter"),
        *(Guess("<slug:slug>", one, one.replace(WORD, TWIN)) for one in names),
        *(Guess("<int:number>", str(one), str(one + 1)) for one in numbers),
        *(Guess("<uuid:uuid>", str(one), str(UUID(int=one.int ^ 1))) for one in uuids),
        Guess("<day:day>", f"{day:%Y-%m-%d}", f"{day + timedelta(days=1):%Y-%m-%d}"),
    ]


def told(one: Found, value: str) -> Found:
    """But for the value itself, and what is reckoned from the address or from how long it is."""
    text = re.sub(r"(?m)^(ETag|Content-Length|Last-Modified): .*$", "", one.text)
    return Found(one.status, "", "", text.casefold().replace(value, "…"))


def differences(client: Client, addresses: Iterable[tuple[str, str]], guess: Guess) -> list[str]:
    """The addresses at which one learns that there is something."""
    return [
        secret
        for secret, twin in addresses
        if told(found(client.get(secret)), guess.secret) != told(found(client.get(twin)), guess.twin)
    ]


def test_an_address_of_a_draft_answers_as_one_of_nothing(site: Site, start: datetime, client: Client) -> None:
    add_drafts(site, start)
    manage = links.manage_path(site.ada).split("/")[3]
    known = {name: values[:1] for name, values in public(site).items()} | {"<str:token>": [manage]}
    known["<slug:event>"] = [site.event.slug]
    seen = []

    for guess in guesses(site, start):
        routes = [route for route in OURS if guess.place in route]
        secret, twin = (filled(known | {guess.place: [value]}, routes) for value in (guess.secret, guess.twin))
        seen += differences(client, zip(secret, twin, strict=True), guess)

    assert seen == []


ASKED = [
    "/tutorial/schedule/?q={}",
    "/tutorial/schedule/?track={}",
    "/tutorial/schedule/?room={}",
    "/conference/schedule/?event={}",
    "/tutorial/schedule/mine/?s={}",
    "/tutorial/speakers/?q={}",
    "/tutorial/releases/compare/?from=1&to={}",
    "/api/v1/events/?q={}",
    *(f"/api/v1/events/tutorial/sessions/?{name}={{}}" for name in ("q", "track", "room", "speaker", "day", "kind")),
    "/api/v1/events/tutorial/speakers/?q={}",
    "/api/v1/events/tutorial/sessions/?{}=1",
]


def test_a_question_about_a_draft_is_answered_as_one_about_nothing(site: Site, start: datetime, client: Client) -> None:
    add_drafts(site, start)
    seen = []

    for guess in guesses(site, start):
        seen += differences(client, ((one.format(guess.secret), one.format(guess.twin)) for one in ASKED), guess)

    assert seen == []


def test_the_same_comparison_tells_what_is_public_from_nothing(site: Site, client: Client) -> None:
    guess = Guess("<slug:slug>", "part-3", "part-x")
    addresses = [("/tutorial/sessions/part-3/", "/tutorial/sessions/part-x/")]
    asked = [(one.format("part-3"), one.format("part-x")) for one in ASKED]

    assert differences(client, addresses, guess) == ["/tutorial/sessions/part-3/"]
    assert differences(client, asked, guess) == []
    assert differences(client, [("/tutorial/speakers/?q=speaker 3", "/tutorial/speakers/?q=nobody")], guess) != []


def wishes(site: Site, secret: bool) -> list[dict[str, Any]]:
    """Tickets, answers and labs of drafts, named in each way there is; or such as don't exist."""
    event, word = site.event, WORD if secret else TWIN
    draft = event.sessions.get(title=f"{WORD} 0")
    ticket, lab = event.ticket_types.get(name=WORD), event.labs.get(session=draft.uuid)
    numbers = [one.pk if secret else 10**7 + one.pk for one in (ticket, lab)]
    uuid = draft.uuid if secret else UUID(int=draft.uuid.int ^ 1)
    public = event.ticket_types.get(name="Attendee").pk
    return [
        {"ticket_type": word},
        {"ticket_type": numbers[0]},
        {"ticket_type": public, "access_code": f"{word}x"},
        {"ticket_type": public, "answers": {f"{word}-text": "x", f"{word}-below-text": "x"}},
        {"ticket_type": public, "answers": {"diet": word}},
        *({"ticket_type": public, "lab_seats": [one]} for one in (str(numbers[1]), str(uuid), f"{word}-0")),
    ]


def by_api(client: Client, site: Site, wish: dict[str, Any]) -> Any:
    body = {"name": "Eve", "email": "no address"} | wish
    return client.post("/api/v1/events/tutorial/registrations/", body, content_type="application/json")


def by_page(client: Client, site: Site, wish: dict[str, Any]) -> Any:
    return client.post("/tutorial/register/", as_form(wish))


def by_edit(client: Client, site: Site, wish: dict[str, Any]) -> Any:
    return client.post(f"{links.manage_path(site.ada)}edit/", as_form(wish))


def as_form(wish: dict[str, Any]) -> dict[str, Any]:
    answers = {f"q-{key}": value for key, value in wish.get("answers", {}).items()}
    return {"name": "", "email": "no address"} | {key: wish[key] for key in wish.keys() - {"answers"}} | answers


@pytest.mark.parametrize("send", [by_api, by_page, by_edit])
def test_who_wishes_for_something_of_a_draft_is_refused_as_for_nothing(
    site: Site, start: datetime, send: Callable[[Client, Site, dict[str, Any]], Any], client: Client
) -> None:
    add_drafts(site, start)

    for secret, twin in zip(wishes(site, True), wishes(site, False), strict=True):
        answers = [as_refused(send(client, site, one), one) for one in (secret, twin)]
        assert answers[0] == answers[1], secret


def as_refused(response: Any, wish: dict[str, Any]) -> tuple[int, str]:
    """Without what was sent."""
    assert response.status_code in (400, 422)
    text = re.sub(r"(?m)^Content-Length: .*$", "", found(response).text)
    for sent in sorted(values_in(wish), key=len, reverse=True):
        text = text.replace(sent, "…")
    return response.status_code, text


def values_in(value: Any) -> list[str]:
    match value:
        case dict():
            return [
                one
                for part in (*value.values(), *map(list, value.get("answers", {}).items()))
                for one in values_in(part)
            ]
        case list():
            return [one for part in value for one in values_in(part)]
        case _:
            return [str(value)]
