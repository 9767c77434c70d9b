from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from portal.models import Event
from sessions_app.exports import FORMATS
from tests.factories import NOON, make_event, make_material, make_program, make_release, make_ticket_type

pytestmark = pytest.mark.django_db
FULL = Path("/dev/full")


def exported(slug: str, *options: str) -> str:
    out = StringIO()
    call_command("export_event", slug, *options, stdout=out)
    return out.getvalue()


def test_what_it_writes_makes_the_same_release_in_an_empty_database(tmp_path: Path) -> None:
    event = make_event(slug="my-event", timezone="Europe/Berlin")
    make_program(event, 3, start=NOON)
    make_ticket_type(event, 20, access_code="spring")
    make_material(event)
    first = make_release(event, "final").data
    file = tmp_path / "event.yaml"
    file.write_text(exported("my-event"))
    Event.objects.all().delete()

    call_command("import_event", "my-event", str(file), "--format", "yaml", stdout=StringIO())
    call_command("release", "my-event", "--stage", "final", stdout=StringIO())

    assert Event.objects.get().releases.get().data == first
    assert exported("my-event") == file.read_text()
    assert "access_code: spring" in file.read_text()


def test_the_draft_is_exported_before_any_release() -> None:
    event = make_event(slug="my-event")
    make_program(event)

    assert "title: Part 1" in exported("my-event")


@pytest.mark.parametrize(
    ("form", "address"),
    [
        ("ical", "schedule.ics"),
        ("frab", "schedule.xml"),
        ("c3voc", "schedule.json"),
        ("csv", "schedule.csv"),
        ("sessionize", "sessionize.json"),
        ("atom", "releases.atom"),
    ],
)
def test_each_other_format_is_what_its_address_answers(form: str, address: str, client: Client) -> None:
    event = make_event(slug="my-event")
    make_program(event, start=NOON)
    make_release(event)

    assert exported("my-event", "--format", form) == client.get(f"/my-event/{address}").content.decode()
    assert form in FORMATS


def test_a_format_that_needs_times_says_so() -> None:
    make_release(make_event(slug="my-event"))

    with pytest.raises(CommandError, match="The program of this event has no clock times yet"):
        exported("my-event", "--format", "frab")


def test_without_a_release_only_yaml_is_there() -> None:
    make_program(make_event(slug="my-event"))

    with pytest.raises(CommandError, match="The program of this event isn't out yet"):
        exported("my-event", "--format", "csv")


@pytest.mark.skipif(not FULL.exists(), reason="no device that is always full")
def test_a_full_disk_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    make_event(slug="my-event")
    file = FULL.open("w")
    monkeypatch.setattr("sys.stdout", file)

    with pytest.raises(CommandError, match=r"Can't write the event: No space left on device\."):
        call_command("export_event", "my-event")

    assert file.closed


def test_an_event_that_is_not_there_is_told() -> None:
    with pytest.raises(CommandError, match="There is no event “nowhere”"):
        exported("nowhere")
