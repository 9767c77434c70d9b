import json
import os
from collections.abc import Callable
from datetime import timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.utils import timezone

from portal.invariants import problems
from portal.models import Event, Mail
from registration import answers, booking, labs
from registration.models import Admission, Answer, Choice, LabSeat, Registration, TicketType
from sessions_app.models import Material, Release
from tests.disks import files_in
from tests.factories import (
    make_event,
    make_lab,
    make_material,
    make_question,
    make_registration,
    make_release,
    make_ticket_type,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def event() -> Event:
    """An event with some of everything, all as it should be."""
    event = make_event(slug="tutorial")
    make_release(event)
    make_release(event, Release.Stage.FINAL)
    ticket_type = make_ticket_type(event, capacity=1)
    for name in ("ada", "bea", "cleo"):
        booking.confirm(booking.register(event, name=name, email=f"{name}@example.org", ticket_type=ticket_type))
    lab = make_lab(event, event.sessions.earliest("pk"), capacity=1)
    labs.choose(event.registrations.get(name="ada"), [lab.pk])
    shirt = make_question(event, kind="choice", choices=("M",))
    booking.edit(
        event.registrations.get(name="ada"), name="ada", affiliation="", ticket_type=ticket_type, answers={shirt: "M"}
    )
    make_material(event, url="", file=ContentFile(b"slides", "slides.txt"))
    cv = make_question(event, kind="file")
    answers.replace(event.registrations.get(name="bea"), {cv: SimpleUploadedFile("cv.txt", b"born")})
    return event


def change(rows: Any, **values: Any) -> None:
    """Changes one row behind the product's back."""
    row = rows.order_by("pk").first()
    type(row).objects.filter(pk=row.pk).update(**values)


def free_a_seat(event: Event) -> None:
    change(event.ticket_types, capacity=2)


def miscount(event: Event) -> None:
    change(event.ticket_types, taken=0)


def miscount_the_line(event: Event) -> None:
    change(event.ticket_types, waiting=1)


def miscount_altogether(event: Event) -> None:
    change(Admission.objects, taken=0)


def lose_the_admission(event: Event) -> None:
    Admission.objects.all().delete()


def miscount_a_lab(event: Event) -> None:
    change(event.labs, taken=0)


def seat_who_waits_in_a_lab(event: Event) -> None:
    change(LabSeat.objects, registration=event.registrations.get(name="bea"))


def wait_beside_a_lab_seat(event: Event) -> None:
    change(LabSeat.objects, state="waitlisted", place=3)


def share_a_place_in_a_lab(event: Event) -> None:
    seat = LabSeat(lab=event.labs.get(), state="waitlisted", place=1)
    for name in ("bea", "cleo"):
        seat.pk, seat.registration = None, event.registrations.get(name=name)
        seat.save()


def miscount_a_choice(event: Event) -> None:
    change(Choice.objects, taken=2)


def share_a_place(event: Event) -> None:
    event.registrations.filter(state="waitlisted").update(place=1)


def jump_the_queue(event: Event) -> None:
    event.registrations.filter(name="cleo").update(place=9)


def confirm_unproven(event: Event) -> None:
    event.registrations.filter(state="confirmed").update(verified_at=None)


def leave_a_gap(event: Event) -> None:
    event.releases.filter(number=2).update(number=3)


def rewrite_history(event: Event) -> None:
    data = event.releases.get(number=1).data
    data["items"][0]["title"] = "Something else"
    event.releases.filter(number=1).update(data=data)


def miscount_changes(event: Event) -> None:
    event.releases.filter(number=1).update(change_count=9)


def send_without_time(event: Event) -> None:
    change(event.mails, state=Mail.State.SENT)


def claim_without_lease(event: Event) -> None:
    change(event.mails, state=Mail.State.SENDING)


def lose_the_file(event: Event) -> None:
    file = event.materials.get().file
    file.storage.delete(file.name)


def cut_the_file(event: Event) -> None:
    change(event.materials, size=7)


def lose_an_answers_file(event: Event) -> None:
    file = Answer.objects.exclude(file="").get().file
    file.storage.delete(file.name)


def cut_an_answers_file(event: Event) -> None:
    change(Answer.objects.exclude(file=""), size=9)


def swap_events(event: Event) -> None:
    change(event.ticket_types, event=make_event())


BREAKS = {
    free_a_seat: "tutorial, Attendee: 2 wait although seats are free.",
    miscount: "tutorial, Attendee: 0 seats are counted as taken, but 1 registrations hold one.",
    miscount_the_line: "tutorial, Attendee: 1 are counted as waiting, but 2 do.",
    miscount_altogether: "tutorial: 0 seats are counted as taken altogether, but 1 by ticket type.",
    lose_the_admission: "has ticket types, but no admission.",
    miscount_a_lab: "0 seats are counted as taken, but 1 are.",
    seat_who_waits_in_a_lab: "1 seats belong to people without a seat at the event.",
    wait_beside_a_lab_seat: "place 3 was never given out; the last was 0.",
    share_a_place_in_a_lab: "2 wait on 1 places.",
    miscount_a_choice: "counted 2 times, but chosen 1 times.",
    share_a_place: "tutorial, Attendee: 2 wait on 1 places.",
    jump_the_queue: "tutorial, Attendee: place 9 was never given out; the last was 2.",
    confirm_unproven: "is confirmed without its address being proven.",
    leave_a_gap: "tutorial: release 3 stands where release 2 should.",
    rewrite_history: "tutorial: release 1 is not what was released.",
    miscount_changes: "tutorial: release 1 has 3 changes, not 9.",
    send_without_time: "is sent, with sent_at None and lease_until None.",
    claim_without_lease: "is sending, with sent_at None and lease_until None.",
    lose_the_file: "is missing.",
    cut_the_file: "has 6 bytes instead of 7.",
    lose_an_answers_file: "is missing.",
    cut_an_answers_file: "has 4 bytes instead of 9.",
    swap_events: "has a ticket type of another event.",
}


def test_nothing_is_wrong_after_ordinary_use(event: Event) -> None:
    booking.cancel(event.registrations.get(name="ada"))

    assert problems() == []


@pytest.mark.parametrize("harm", BREAKS, ids=lambda harm: harm.__name__)
def test_it_finds_what_is_broken(harm: Callable[[Event], None], event: Event) -> None:
    harm(event)

    found = problems()

    assert [problem for problem in found if BREAKS[harm] in problem] != []


def test_a_lease_that_runs_is_no_problem(event: Event) -> None:
    change(event.mails, state=Mail.State.SENDING, lease_until=timezone.now() + timedelta(minutes=1))

    assert problems() == []


def test_the_command_says_it_as_json(event: Event) -> None:
    output = StringIO()

    call_command("check_invariants", "--json", stdout=output)

    assert json.loads(output.getvalue()) == {"ok": True, "problems": []}


def test_the_command_names_files_of_no_row_that_are_older_than_a_day(
    event: Event, settings: Any, tmp_path: Path
) -> None:
    settings.MEDIA_ROOT = tmp_path
    Material.objects.all().delete()
    Answer.objects.exclude(file="").delete()
    make_material(event, url="", file=ContentFile(b"slides", "slides.txt"))
    for name in ("answers/old", "answers/new", "materials/ab/old", "imports/old"):
        default_storage.save(name, ContentFile(b"left"))
    for path in (one for one in files_in(tmp_path) if one.name != "new"):
        os.utime(path, (0, 0))
    output = StringIO()

    with pytest.raises(CommandError, match="2 problems"):
        call_command("check_invariants", "--json", stdout=output)

    assert json.loads(output.getvalue())["problems"] == [
        "The file materials/ab/old belongs to no row.",
        "The file answers/old belongs to no row.",
    ]


def test_the_command_fails_when_something_is_wrong(event: Event) -> None:
    miscount(event)
    output = StringIO()

    with pytest.raises(CommandError, match="3 problems"):
        call_command("check_invariants", "--json", stdout=output)

    said = json.loads(output.getvalue())
    assert said["ok"] is False
    assert len(said["problems"]) == 3


def test_rows_put_in_by_hand_are_looked_at_too() -> None:
    event = make_event()
    make_registration(event, verified_at=timezone.now())

    assert problems() == []
    assert (Registration.objects.count(), TicketType.objects.count(), Material.objects.count()) == (1, 1, 0)
