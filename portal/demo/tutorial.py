"""The tutorial, from the page its organizers pasted: released as tentative, open for registration, with materials."""

from django.core.files.base import ContentFile
from django.core.management import call_command
from django.db import transaction
from django.db.models import Q

from portal.demo.updates import identify
from portal.models import Event
from registration.ledger import count, locked
from registration.models import Registration, TicketType
from sessions_app.demo import TUTORIAL
from sessions_app.models import Material, Release
from sessions_app.publishing import publish

SLUG = "deepspeed-tutorial"
SEATS = 60
ZONE = "America/New_York"  # of the host conference's town; the page doesn't say it
NOTES = """Setting up for the exercises

1. A machine with Linux and Python 3.12; a GPU helps, but isn't needed to follow.
2. python -m venv tutorial && tutorial/bin/pip install deepspeed "ray[default]"
3. tutorial/bin/ds_report shows whether all parts were found.
"""
Audience, Opening = Material.Audience, Material.Opening


def load_tutorial() -> Event:
    """The tutorial; an existing one is left alone."""
    if event := Event.objects.filter(slug=SLUG).first():
        return event
    with transaction.atomic():
        call_command("import_event", SLUG, str(TUTORIAL), format="page", stdout=Silence())
        Event.objects.filter(Q(slug=SLUG) | Q(guests__slug=SLUG)).update(timezone=ZONE)
        event = Event.objects.get(slug=SLUG)
        TicketType.objects.create(event=event, capacity=SEATS)
        add_materials(event)
        identify(SLUG, *(rows.all() for rows in (event.blocks, event.sessions, event.speakers, event.materials)))
        publish(event, Release.Stage.TENTATIVE)
        return event


class Silence:
    def write(self, text: str) -> int:
        return len(text)


def add_materials(event: Event) -> None:
    Material.objects.create(event=event, title="Setting up", file=ContentFile(NOTES.encode(), "setting-up.txt"))
    Material.objects.create(event=event, title="DeepSpeed's documentation", url="https://www.deepspeed.ai/", position=1)
    first = event.sessions.exclude(kind="break").first()
    if first:
        slides = ContentFile(one_page_pdf(first.title), "introduction.pdf")
        limits = {"audience": Audience.REGISTERED, "opening": Opening.AT_RELEASE}
        Material.objects.create(event=event, session=first, title="Slides", file=slides, **limits)


def one_page_pdf(title: str) -> bytes:
    """A slide with nothing but its title, in ASCII."""
    plain = title.encode("ascii", "ignore").replace(b"\\", b"").replace(b"(", b"").replace(b")", b"")
    drawing = b"BT /F1 28 Tf 40 270 Td (" + plain + b") Tj ET"
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 960 540]/Contents 4 0 R/Resources<</Font<</F1 5 0 R>>>>>>",
        b"<</Length %d>>stream\n%s\nendstream" % (len(drawing), drawing),
        b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
    ]
    document, places = b"%PDF-1.4\n", []
    for number, body in enumerate(objects, 1):
        places.append(len(document))
        document += b"%d 0 obj%s\nendobj\n" % (number, body)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    end = b"trailer<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, len(document))
    return document + b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1) + table + end


def fill_seats(event: Event, number: int) -> None:
    """Bring the confirmed registrations to this number, with room for a few more."""
    with transaction.atomic():
        ticket_type = locked(event.ticket_types.all()[0])
        present = event.registrations.filter(state=Registration.State.CONFIRMED).count()
        new = [attendee(ticket_type, n) for n in range(present + 1, number + 1)]
        if not new:
            return
        ticket_type.capacity = max(ticket_type.capacity or 0, ticket_type.taken + len(new) + SEATS)
        ticket_type.save()
        count(ticket_type, len(new))
        Registration.objects.bulk_create(new, batch_size=1000)


def attendee(ticket_type: TicketType, number: int) -> Registration:
    address = f"attendee{number}@example.org"
    return Registration(
        event=ticket_type.event,
        ticket_type=ticket_type,
        name=f"Attendee {number}",
        email=address,
        email_key=address,
        affiliation="Example University",
        state=Registration.State.CONFIRMED,
        verified_at=ticket_type.event.created_at,
    )
