"""Every address that was ever public leads on to where its session, speaker or room is now."""

import re
from importlib import import_module

import pytest
from django.apps import apps
from django.test import Client

from portal.models import Event
from sessions_app.models import Release, Room, Session, Speaker
from sessions_app.redaction import redact
from tests.factories import NOON, make_event, make_program, make_release, make_room

pytestmark = pytest.mark.django_db


@pytest.fixture
def event() -> Event:
    event = make_event(slug="tutorial")
    make_program(event, start=NOON)
    make_release(event)
    return event


def call(row: Session | Speaker, slug: str) -> None:
    row.slug = slug
    row.save()


def answers(client: Client, *paths: str) -> list[tuple[int, str | None]]:
    found = [client.get(f"/tutorial/{path}") for path in paths]
    return [(one.status_code, one.get("Location")) for one in found]


def test_an_address_between_two_others_leads_on_as_the_first_does(client: Client, event: Event) -> None:
    for slug in ("middle", "last"):
        call(event.sessions.get(title="Part 1"), slug)
        make_release(event)

    pages = answers(client, *(f"sessions/{slug}/" for slug in ("part-1", "middle", "last")))
    files = answers(client, *(f"sessions/{slug}.ics" for slug in ("part-1", "middle", "last")))

    assert pages == [(302, "/tutorial/sessions/last/")] * 2 + [(200, None)]
    assert files == [(302, "/tutorial/sessions/last.ics")] * 2 + [(200, None)]


def test_the_api_leads_on_as_well(client: Client, event: Event) -> None:
    for slug in ("middle", "last"):
        call(event.sessions.get(title="Part 1"), slug)
        make_release(event)

    found = [client.get(f"/api/v1/events/tutorial/sessions/{slug}/") for slug in ("part-1", "middle", "last", "never")]

    last = "/api/v1/events/tutorial/sessions/last/"
    assert [one.status_code for one in found] == [302, 302, 200, 404]
    assert [one.get("Location") for one in found] == [last, last, None, None]


def test_speakers_are_followed_too(client: Client, event: Event) -> None:
    for slug in ("ada-king", "ada-of-lovelace"):
        call(event.speakers.get(), slug)
        make_release(event)

    found = answers(client, *(f"speakers/{slug}/" for slug in ("ada-lovelace", "ada-king", "ada-of-lovelace", "king")))

    assert found == [(302, "/tutorial/speakers/ada-of-lovelace/")] * 2 + [(200, None), (404, None)]


def test_a_renamed_room_is_found_by_its_earlier_names_as_page_and_as_filter(client: Client, event: Event) -> None:
    room = make_room(event)
    event.sessions.filter(title="Part 1").update(room=room)
    make_release(event)
    for name in ("Aula", "Great Hall"):
        Room.objects.filter(pk=room.pk).update(name=name)
        make_release(event)

    found = answers(client, *(f"rooms/{slug}/" for slug in ("room-a", "aula", "great-hall", "never")))
    filtered = [client.get(f"/tutorial/schedule/?room={slug}") for slug in ("room-a", "great-hall", "never")]

    assert found == [(302, "/tutorial/rooms/great-hall/")] * 2 + [(200, None), (404, None)]
    assert [one.status_code for one in filtered] == [200, 200, 400]
    assert filtered[0].content == filtered[1].content


def test_a_guests_renamed_room_is_found_on_the_schedule_of_its_host(client: Client, event: Event) -> None:
    host = make_event(slug="host")
    make_release(host)
    Event.objects.filter(pk=event.pk).update(host=host)
    room = make_room(event)
    event.sessions.filter(title="Part 1").update(room=room)
    make_release(event)
    for name in ("Aula", "Great Hall"):
        Room.objects.filter(pk=room.pk).update(name=name)
        make_release(event)

    page = client.get("/host/rooms/room-a/")
    filtered = [client.get(f"/host/schedule/?room={slug}") for slug in ("room-a", "great-hall", "never")]

    assert (page.status_code, page.get("Location")) == (302, "/host/rooms/great-hall/")
    assert [one.status_code for one in filtered] == [200, 200, 400]
    assert filtered[0].content == filtered[1].content


def test_a_room_that_is_not_in_use_any_more_is_not_led_to(client: Client, event: Event) -> None:
    event.sessions.filter(title="Part 1").update(room=make_room(event))
    make_release(event)
    event.sessions.update(room=None)
    make_release(event)

    assert answers(client, "rooms/room-a/") == [(404, None)]


def test_a_renamed_track_keeps_its_address(client: Client, event: Event) -> None:
    track = event.tracks.create(name="Systems")
    event.sessions.filter(title="Part 1").update(track=track)
    track.name = "Architecture"
    track.save()
    make_release(event)

    assert answers(client, "tracks/systems/", "schedule/?track=systems") == [(200, None)] * 2


def test_an_address_that_was_never_released_is_not_found(client: Client, event: Event) -> None:
    part = event.sessions.get(title="Part 1")
    call(part, "canary")

    unreleased = answers(client, "sessions/canary/", "sessions/part-1/")
    call(part, "welcome")
    make_release(event)

    assert unreleased == [(404, None), (200, None)]
    assert answers(client, "sessions/canary/") == [(404, None)]


def test_what_is_hidden_now_is_not_led_to(client: Client, event: Event) -> None:
    part = event.sessions.get(title="Part 1")
    part.visibility = "hidden"
    call(part, "canary")
    make_release(event)

    response = client.get("/tutorial/sessions/part-1/")

    assert (response.status_code, "canary" in response.text) == (404, False)
    assert "This session was taken off the program in" in response.text


def test_an_address_is_of_the_one_that_had_it_last(client: Client, event: Event) -> None:
    first, last = event.sessions.get(title="Part 1"), event.sessions.get(title="Part 2")
    call(first, "welcome")
    call(last, "part-1")
    make_release(event)
    call(last, "farewell")
    make_release(event)

    assert answers(client, "sessions/part-1/", "sessions/part-2/") == [(302, "/tutorial/sessions/farewell/")] * 2


def test_addresses_that_name_a_redacted_speaker_are_forgotten(client: Client, event: Event) -> None:
    speaker, part = event.speakers.get(), event.sessions.get(title="Part 1")
    call(part, "opening-by-ada-lovelace")
    make_release(event)
    call(part, "opening")
    call(speaker, "ada")
    make_release(event)

    redact(speaker)
    make_release(event)

    kept = [re.findall(r"\bada\b", str(one)) for one in event.releases.values_list("earlier_addresses", flat=True)]
    assert kept == [[]] * 4  # as a word, since any uuid may have these letters
    assert answers(client, "sessions/opening-by-ada-lovelace/", "speakers/ada/") == [(404, None)] * 2
    assert answers(client, "sessions/part-1/") == [(302, "/tutorial/sessions/opening/")]


def test_addresses_of_releases_made_before_they_were_kept_are_filled_in(event: Event) -> None:
    room, other = make_room(event), make_room(event, "Middle!")
    make_room(event, "Unused")
    event.sessions.filter(title="Part 1").update(room=room)
    event.sessions.filter(title="Part 2").update(room=other)
    make_release(event)
    for slug in ("middle", "last"):
        call(event.sessions.get(title="Part 1"), slug)
        call(event.speakers.get(), slug)
        Room.objects.filter(pk=room.pk).update(name=slug)
        make_release(event)
    make_release(make_event())
    kept = list(Release.objects.values_list("pk", "earlier_addresses"))
    Release.objects.update(earlier_addresses={})

    for name in ("0008_remember_earlier_addresses", "0010_fill_earlier_addresses_of_rooms"):
        import_module(f"sessions_app.migrations.{name}").fill(apps, None)

    assert list(Release.objects.values_list("pk", "earlier_addresses")) == kept
    assert max(len(addresses["sessions"]) for _, addresses in kept) == 2
    assert max(len(addresses["rooms"]) for _, addresses in kept) == 2
