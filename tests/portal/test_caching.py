import re
import time
from datetime import timedelta
from email.utils import parsedate_to_datetime
from pathlib import Path

import pytest
from django.db import connection
from django.http import HttpResponse
from django.test import Client, RequestFactory
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from django.utils.http import http_date

from portal import caching
from portal.models import Event
from tests.crawling import filled
from tests.factories import NOON, make_event, make_material, make_program, make_release, make_room, make_ticket_type
from tests.test_urls_access import OURS

pytestmark = [pytest.mark.django_db, pytest.mark.sqlite]
PAGE = "/tutorial/"


@pytest.fixture
def event() -> Event:
    event = make_event(slug="tutorial")
    make_release(event)
    Event.objects.update(changed_at=timezone.now() - timedelta(hours=1))
    return event


def test_a_page_says_that_it_has_to_be_asked_for_again(client: Client, event: Event) -> None:
    response = client.get(PAGE)

    assert response["Cache-Control"] == "public, no-cache"
    assert response["Vary"] == "Accept-Encoding"
    assert response["ETag"].startswith('"')


@pytest.mark.parametrize("sent", ["{tag}", "W/{tag}", '"another", {tag}', '"another",W/{tag}', "*"])
def test_what_the_client_has_is_not_sent_again(client: Client, event: Event, sent: str) -> None:
    tag = client.get(PAGE)["ETag"]

    response = client.get(PAGE, headers={"If-None-Match": sent.format(tag=tag)})

    assert (response.status_code, response.content, response["ETag"]) == (304, b"", tag)
    assert response["Cache-Control"] == "public, no-cache"


@pytest.mark.parametrize("sent", ['"another"', "another", "", '""', "{bare}"])
def test_anything_else_is_sent_whole(client: Client, event: Event, sent: str) -> None:
    tag = client.get(PAGE)["ETag"]

    response = client.get(PAGE, headers={"If-None-Match": sent.format(bare=tag.strip('"'))})

    assert (response.status_code, response["ETag"]) == (200, tag)


def test_an_unchanged_page_costs_the_query_for_its_event_and_for_its_guests(
    client: Client, event: Event, django_assert_num_queries
) -> None:
    tag = client.get(PAGE)["ETag"]

    with django_assert_num_queries(2):
        client.get(PAGE, headers={"If-None-Match": tag})


def test_a_missing_page_is_missing_whatever_the_client_has(client: Client, event: Event) -> None:
    response = client.get("/tutorial/sessions/none/", headers={"If-None-Match": "*"})

    assert response.status_code == 404
    assert "ETag" not in response


def test_each_address_has_its_own_tag(client: Client, event: Event) -> None:
    tags = {client.get(path)["ETag"] for path in (PAGE, "/tutorial/schedule/", "/tutorial/speakers/", "/")}

    assert len(tags) == 4


def test_a_live_change_gives_another_tag(client: Client, event: Event) -> None:
    before = client.get(PAGE)["ETag"]

    make_ticket_type(event)

    assert client.get(PAGE)["ETag"] != before


def test_a_release_gives_another_tag(client: Client, event: Event) -> None:
    before = client.get(PAGE)["ETag"]

    make_release(event, "final")

    assert client.get(PAGE)["ETag"] != before


def test_a_draft_does_not(client: Client, event: Event) -> None:
    before = client.get(PAGE)["ETag"]

    make_program(event)

    assert client.get(PAGE)["ETag"] == before


def test_another_event_changes_the_home_page_only(client: Client, event: Event) -> None:
    before = [client.get(path)["ETag"] for path in (PAGE, "/")]

    make_event()

    after = [client.get(path)["ETag"] for path in (PAGE, "/")]
    assert [one == other for one, other in zip(before, after, strict=True)] == [True, False]


def test_a_page_of_a_family_changes_with_each_of_its_events(rf: RequestFactory, event: Event) -> None:
    guest = make_event(host=event)
    view = caching.public_family_page(lambda request, event: HttpResponse("yes"))
    tags = []

    for change in (lambda: None, make_event, lambda: make_release(guest), lambda: make_release(event)):
        change()
        tags.append(view(rf.get(PAGE), event=Event.objects.get(pk=event.pk))["ETag"])

    assert [tag == tags[0] for tag in tags] == [True, True, False, False]
    assert len(set(tags)) == 3


def test_the_states_are_those_the_marks_name(rf: RequestFactory, event: Event) -> None:
    make_event(host=event)
    event.refresh_from_db()
    states = caching.states()
    views = {
        caching.public_page: {"event": event},
        caching.public_family_page: {"event": event},
        caching.public_overview: {},
    }

    for decorator, names in views.items():
        response = decorator(lambda request, **names: HttpResponse("yes"))(rf.get(PAGE), **names)

        name, _, state = response[caching.MARK].split(";")[0].partition(":")
        assert states[name] == state


def test_a_page_that_changes_by_the_clock_has_no_date(client: Client, event: Event) -> None:
    make_material(event, opening="at_time", opens_at=timezone.now() + timedelta(hours=1))

    assert "Last-Modified" not in client.get("/tutorial/materials/")


def test_a_page_that_changes_by_the_clock_has_a_tag_of_its_contents(client: Client, event: Event, time_machine) -> None:
    opens = timezone.now() + timedelta(hours=1)
    make_material(event, opening="at_time", opens_at=opens)
    tag = client.get("/tutorial/materials/")["ETag"]
    unchanged = client.get("/tutorial/materials/", headers={"If-None-Match": tag})

    time_machine.move_to(opens + timedelta(seconds=1))

    changed = client.get("/tutorial/materials/", headers={"If-None-Match": tag})
    assert (unchanged.status_code, changed.status_code) == (304, 200)


def test_a_page_only_reads(client: Client, event: Event) -> None:
    assert client.post(PAGE).status_code == 405


def test_an_answer_of_another_status_is_not_tagged(rf: RequestFactory, event: Event) -> None:
    view = caching.public_page(lambda request, event: HttpResponse("no", status=409))

    response = view(rf.get(PAGE), event=event)

    assert not {"ETag", caching.MARK} & set(response.headers)


def test_the_mark_names_the_version_and_the_moment_until_which_it_holds(rf: RequestFactory, event: Event) -> None:
    moment = timezone.now()
    view = caching.public_page(lambda request, event: caching.until(HttpResponse("yes"), None, moment))

    response = view(rf.get(PAGE), event=event)

    assert response[caching.MARK] == f"{event.pk}:{event.version};{moment.timestamp()};"


def test_it_says_since_when_it_has_been_so(client: Client, event: Event, monkeypatch) -> None:
    monkeypatch.setattr(caching, "edition_at", lambda: 0)

    response = client.get(PAGE)

    event.refresh_from_db()
    assert response["Last-Modified"] == http_date(event.changed_at.timestamp())


def test_a_newer_edition_of_our_texts_makes_it_newer(client: Client, event: Event, monkeypatch) -> None:
    installed = int(time.time()) - 1
    Event.objects.update(changed_at=timezone.now() - timedelta(days=1))
    monkeypatch.setattr(caching, "edition_at", lambda: installed)

    assert client.get(PAGE)["Last-Modified"] == http_date(installed)


@pytest.mark.parametrize(("seconds", "status"), [(0, 304), (-1, 200), (1, 200)])
def test_the_date_it_gave_is_known_and_no_other(client: Client, event: Event, seconds: int, status: int) -> None:
    given = parsedate_to_datetime(client.get(PAGE)["Last-Modified"]).timestamp()

    response = client.get(PAGE, headers={"If-Modified-Since": http_date(given + seconds)})

    assert response.status_code == status


def test_a_tag_counts_more_than_a_date(client: Client, event: Event) -> None:
    given = client.get(PAGE)["Last-Modified"]

    response = client.get(PAGE, headers={"If-Modified-Since": given, "If-None-Match": '"another"'})

    assert response.status_code == 200


def test_changes_within_a_second_get_a_second_each(client: Client, event: Event, time_machine) -> None:
    time_machine.move_to(timezone.now() + timedelta(hours=1), tick=False)
    dates = []

    for _ in range(3):
        event.save()
        dates.append(event.changed_at)
    early = client.get(PAGE)
    time_machine.shift(2)
    late = client.get(PAGE)

    assert [later - dates[0] for later in dates] == [timedelta(seconds=second) for second in range(3)]
    assert ("Last-Modified" in early, late["Last-Modified"]) == (False, http_date(dates[2].timestamp()))


def test_shared_caches_may_keep_it_for_a_second(client: Client, event: Event) -> None:
    assert client.get(PAGE)["CDN-Cache-Control"] == "max-age=1, stale-if-error=86400"


def test_while_debugging_the_tag_follows_the_contents(rf: RequestFactory, event: Event, settings) -> None:
    settings.DEBUG = True
    texts = iter(["first", "second"])
    view = caching.public_page(lambda request, event: HttpResponse(next(texts)))

    first, second = view(rf.get(PAGE), event=event), view(rf.get(PAGE), event=event)

    assert first["ETag"] != second["ETag"]


def test_a_change_of_our_own_texts_gives_another_edition(settings, tmp_path: Path) -> None:
    settings.BASE_DIR = tmp_path
    page = tmp_path / "templates" / "page.html"
    page.parent.mkdir()
    editions = []

    for text in ("one", "two", "one"):
        page.write_text(text)
        editions.append(caching.edition.__wrapped__())

    assert [editions[0] == other for other in editions] == [True, False, True]


TOLD = {  # the rows that public answers are made of, each of which renews them when it changes
    "portal_event",
    "registration_tickettype",
    "sessions_app_material",
    "sessions_app_release",
    "sessions_app_session",  # of a material, for its id
}


@pytest.mark.parametrize("route", OURS)
def test_what_is_kept_is_made_of_rows_that_renew_it(client: Client, route: str) -> None:
    """What else is to stand on a public page has to be a LiveModel first."""
    event = make_event(slug="tutorial")
    part, *_ = make_program(event, start=NOON)
    part.room, part.track = make_room(event), event.tracks.create(name="Systems")
    part.save()
    for stage in ("tentative", "final"):
        make_release(event, stage)
    make_material(event, session=part, opening="at_time", opens_at=timezone.now() + timedelta(hours=1))
    make_ticket_type(event)
    slugs = [part.slug, "ada-lovelace", "systems", "room-a"]
    values = {"<slug:event>": ["tutorial"], "<slug:slug>": slugs, "<day:day>": [f"{NOON:%Y-%m-%d}"]}
    numbers = {"<int:number>": ["2"], "<int:before>": ["1"], "<int:after>": ["2"]}

    with CaptureQueriesContext(connection) as captured:
        answers = [client.get(path) for path in filled(values | numbers, [route])]

    tables = {table for query in captured for table in re.findall(r'(?:FROM|JOIN) "?(\w+)', query["sql"])}
    if any(caching.MARK in one for one in answers):
        assert tables <= TOLD
