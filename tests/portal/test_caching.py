from datetime import timedelta
from pathlib import Path

import pytest
from django.http import HttpResponse
from django.test import Client, RequestFactory
from django.utils import timezone

from portal import caching
from portal.models import Event
from tests.factories import make_event, make_material, make_program, make_release, make_ticket_type

pytestmark = pytest.mark.django_db
PAGE = "/tutorial/"


@pytest.fixture
def event() -> Event:
    event = make_event(slug="tutorial")
    make_release(event)
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


def test_an_unchanged_page_costs_one_query(client: Client, event: Event, django_assert_num_queries) -> None:
    tag = client.get(PAGE)["ETag"]

    with django_assert_num_queries(1):
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

    assert response[caching.MARK] == f"{event.pk}:{event.version};{moment.timestamp()}"


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
