"""Somebody of whom there is something in every table."""

import io

from django.contrib.admin.models import CHANGE, LogEntry
from django.core.files.base import ContentFile
from django.core.management import call_command

from portal.models import Event, Suppression
from registration import booking
from registration.models import Answer, Certificate, Choice, Follower, Question, Registration, Star
from tests.factories import make_organizer
from tests.registration.doors import make_device, scan
from tests.registration.reading import make_mail
from tests.registration.traces import in_tables

ADA = "ada.canary@example.org"
CANARY = "canary"


def make_ada(event: Event) -> Registration:
    diet = Question.objects.create(event=event, label="Diet", kind="choice", key="diet")
    Choice.objects.create(question=diet, text="Vegan", limit=1)
    ada = booking.register(event, name="Ada Canary", email=ADA, affiliation="Canary & Co", answers={diet: "Vegan"})
    booking.confirm(ada)
    ada.refresh_from_db()
    ada.note = "A canary of ours"
    ada.save()
    paper = Question.objects.create(event=event, label="CV", kind="file", key="cv")
    answer = Answer(registration=ada, question=paper, filename="canary.pdf", size=6)
    answer.file.save("x", ContentFile(b"canary"))
    Star.objects.create(registration=ada, session="6f1c5d8e-3a52-4c43-9b9e-000000000001")
    make_device(event)
    scan(event, ada, nonce="n1")
    Certificate.objects.create(event=event, registration=ada, name=ada.name, minutes=90)
    follower = Follower.objects.create(event=event, email=ADA)
    Suppression.objects.create(event=event, address_key=ADA, reason="unsubscribed")
    make_mail(event, ADA)
    organizer = make_organizer(event)
    LogEntry.objects.log_actions(organizer.pk, [ada, follower], CHANGE, change_message="Changed canary.")
    return ada


def dump() -> dict[str, list[str]]:
    return in_tables(CANARY)


def told(*arguments: str) -> str:
    out = io.StringIO()
    call_command(*arguments, stdout=out)
    return out.getvalue()
