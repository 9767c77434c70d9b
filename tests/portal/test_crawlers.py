"""What search engines find, and what they are asked not to list."""

import re

import pytest
from django.conf import settings
from django.test import Client
from lxml import etree

from portal.models import Event
from tests.factories import NOON, make_block, make_event, make_program, make_release, make_session, make_speaker

pytestmark = [pytest.mark.django_db, pytest.mark.sqlite]
SPACE = "{http://www.sitemaps.org/schemas/sitemap/0.9}"


@pytest.fixture
def event() -> Event:
    event = make_event(slug="tutorial")
    make_program(event, 2, start=NOON)
    block = make_block(event, start=NOON)
    make_session(block, "Coffee", kind="break")
    make_session(block, "Secret", visibility="hidden", speakers=(make_speaker(event, "Hidden Person"),))
    return event


def listed(client: Client, path: str) -> dict[str, str]:
    """Paths with when they changed last, as the map of this path has them."""
    root = etree.fromstring(client.get(path).content)
    return {
        entry.findtext(f"{SPACE}loc").removeprefix(settings.SITE_URL): entry.findtext(f"{SPACE}lastmod")
        for entry in root
    }


def test_robots_are_told_where_the_map_is(client: Client) -> None:
    text = client.get("/robots.txt").content.decode()

    assert f"\nSitemap: {settings.SITE_URL}/sitemap.xml\n" in text


def test_the_map_names_those_of_public_events_only(client: Client, event: Event) -> None:
    make_event(slug="private", is_public=False)

    event.refresh_from_db()
    assert listed(client, "/sitemap.xml") == {"/tutorial/sitemap.xml": event.changed_at.isoformat(timespec="seconds")}


def test_before_a_release_the_event_has_its_own_page(client: Client, event: Event) -> None:
    assert list(listed(client, "/tutorial/sitemap.xml")) == ["/tutorial/"]


def test_what_was_released_is_listed_with_the_moment_of_its_release(client: Client, event: Event) -> None:
    published = make_release(event).published_at
    make_session(make_block(event), "Drafted since")

    found = listed(client, "/tutorial/sitemap.xml")

    assert list(found)[1:] == [
        "/tutorial/schedule/",
        "/tutorial/speakers/",
        "/tutorial/sessions/part-1/",
        "/tutorial/sessions/part-2/",
        "/tutorial/speakers/ada-lovelace/",
    ]
    assert {found[path] for path in list(found)[1:]} == {published.isoformat(timespec="seconds")}
    assert {client.get(path).status_code for path in found} == {200}


def test_the_maps_cost_few_queries(client: Client, event: Event, django_assert_num_queries) -> None:
    make_release(event)

    with django_assert_num_queries(2):  # the versions of all, and they themselves
        client.get("/sitemap.xml")
    with django_assert_num_queries(2):  # the event and its latest release
        client.get("/tutorial/sitemap.xml")


def test_only_the_newest_release_is_to_be_listed(client: Client, event: Event) -> None:
    make_release(event)
    make_release(event)
    paths = ["", "schedule/", "releases/", "releases/2/", "releases/1/", "releases/1..2/"]

    said = [client.get(f"/tutorial/{path}").headers.get("X-Robots-Tag") for path in paths]

    assert said == [None, None, None, None, "noindex", "noindex"]


@pytest.mark.parametrize("path", ["schedule/?q=part", "speakers/?q=ada", "schedule/mine/?s=00000000", "?from=mail"])
def test_a_search_names_the_page_that_it_searches(client: Client, event: Event, path: str) -> None:
    make_release(event)

    found = re.findall(rb'<link rel="canonical" href="([^"]+)">', client.get(f"/tutorial/{path}").content)

    assert found == [f"{settings.SITE_URL}/tutorial/{path.partition('?')[0]}".encode()]
    assert b"canonical" not in client.get("/tutorial/schedule/").content


def test_the_icon_is_that_of_the_pages(client: Client) -> None:
    assert re.search(r"/portal/img/favicon[.\w]*\.svg$", client.get("/favicon.ico")["Location"])
