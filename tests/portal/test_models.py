from datetime import date

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import RestrictedError

from portal.models import Event
from sessions_app.models import Material
from tests.factories import make_event, make_material, make_organizer, make_program, make_registration

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("slug", ["admin", "api", "Upper", "two words", "-a", "a--b", "ä", ""])
def test_an_address_that_cannot_be_is_refused(slug: str) -> None:
    with pytest.raises(ValidationError) as refused:
        Event(slug=slug, title="Event").full_clean()

    assert list(refused.value.message_dict) == ["slug"]


def test_an_unknown_time_zone_is_refused() -> None:
    with pytest.raises(ValidationError, match="“Mars/Olympus” is not a time zone"):
        Event(slug="event", title="Event", timezone="Mars/Olympus").full_clean()


def test_an_event_cannot_end_before_it_starts() -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        make_event(starts_on=date(2026, 3, 22), ends_on=date(2026, 3, 21))


def test_an_event_is_not_its_own_host() -> None:
    event = make_event()
    event.host = event

    with pytest.raises(ValidationError, match="own host"):
        event.full_clean()


def test_saving_an_event_renews_it_and_its_guests() -> None:
    host = make_event()
    guest = make_event(host=host)
    before = guest.version

    host.save()

    guest.refresh_from_db()
    assert guest.version == before + 1


def test_deleting_guests_renews_their_host() -> None:
    host = make_event()
    guest, *_ = [make_event(host=host) for _ in range(3)]
    versions = []

    for delete in (guest.delete, Event.objects.filter(host=host).delete):
        host.refresh_from_db()
        before = host.version
        delete()
        host.refresh_from_db()
        versions.append(host.version - before)

    assert (versions, Event.objects.count()) == ([1, 1], 1)


def test_every_way_of_changing_a_live_row_renews_its_event() -> None:
    event = make_event()
    versions = [event.version]

    material = make_material(event)
    make_material(event)
    for change in (material.save, material.delete, Material.objects.all().delete):
        change()
        event.refresh_from_db()
        versions.append(event.version)

    assert versions == [versions[0], versions[0] + 3, versions[0] + 4, versions[0] + 5]


def test_a_whole_event_can_be_deleted_but_no_block_with_sessions() -> None:
    event = make_event()
    session, *_ = make_program(event)
    make_registration(event)
    make_material(event, session=session)

    with pytest.raises(RestrictedError):
        session.block.delete()
    event.delete()

    assert not Event.objects.exists()


def test_an_organizer_finds_their_own_events_only() -> None:
    mine, theirs = make_event(), make_event()
    organizer = make_organizer(mine)

    assert list(Event.objects.organized_by(organizer)) == [mine]
    assert set(Event.objects.organized_by(make_organizer())) == {mine, theirs}


def test_saving_an_event_read_before_its_last_renewal_still_makes_a_new_version() -> None:
    event = make_event()
    stale = Event.objects.get(pk=event.pk)
    Event.objects.filter(pk=event.pk).renew()
    served = Event.objects.get(pk=event.pk).version

    stale.save()

    assert stale.version == served + 1
