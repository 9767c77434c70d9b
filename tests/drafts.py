"""A portal with everything that is public, and drafts of everything that isn't: in each of their texts stands one word,
which nobody but organizers may ever read."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from email import message_from_bytes
from email.policy import default
from itertools import count

from django.conf import settings
from django.contrib.admin.models import CHANGE, LogEntry
from django.core.files.base import ContentFile
from django.utils import timezone
from django.utils.module_loading import import_string

from portal.mail import MailError
from portal.message import message_of
from portal.models import Event, Mail
from registration import announcements, booking, certificates
from registration.models import Announcement, Answer, Certificate, Follower, Lab, Question, Registration, TicketType
from registration.notices import release_program
from sessions_app.models import Release, Session, TimedRelease, Track
from tests.crawling import readable
from tests.factories import (
    make_block,
    make_check_in,
    make_event,
    make_lab,
    make_lab_seat,
    make_material,
    make_organizer,
    make_question,
    make_registration,
    make_room,
    make_session,
    make_speaker,
    make_star,
    make_ticket_type,
)
from tests.registration.doors import make_device

WORD = "quokka"
SESSIONS = int(os.environ.get("CRAWL_SESSIONS", "6"))
SPEAKER = "speaker@example.org"
numbers = count(7_654_321, 1000)  # ids of drafts, which stand in no page by chance


@dataclass(frozen=True)
class Site:
    host: Event
    event: Event
    ada: Registration
    certificate: Certificate


def make_site(start: datetime) -> Site:
    """A tutorial at a conference, released twice, whose first draft had the word as well, in titles, in names and in a
    file; with Ada registered, and Bob, of whom she is to learn nothing, with the word for a name."""
    days = {"starts_on": start.date(), "ends_on": start.date() + timedelta(days=1), "timezone": "UTC"}
    host = make_event(slug="conference", title="A Conference", kind="conference", venue="Pittsburgh", **days)
    make_session(make_block(host, start=start), "Opening", speakers=(make_speaker(host, "Grace Hopper"),))
    release_program(host, "tentative")
    texts = {"overview": "About models.", "contact_email": "us@example.org", "final_program_due": start.date()}
    event = make_event(slug="tutorial", title="Large Models", host=host, venue="Hall 3", **texts, **days)
    make_program(event, start)
    make_materials(event, start)
    ada = make_people(event)
    release_program(event, "tentative", note="More to come.")
    first = event.sessions.get(title="Part 1")
    first.title, first.room = "Part 1, retitled", make_room(event, "Cellar")
    first.save()
    release_program(event, "final")
    announcements.send(Announcement.objects.create(event=event, subject="Welcome", text="{name}: {sessions} {link}"))
    private = make_event(slug="summer", title=WORD, venue=WORD, is_public=False, **days)
    make_event(slug="workshop", title="A Workshop", host=private)
    certificate = Certificate.objects.create(
        event=event, registration=ada, name=ada.name, minutes=90, words=certificates.words(event, [], [])
    )
    return Site(host, event, ada, certificate)


def make_program(event: Event, start: datetime) -> None:
    rooms = [make_room(event, f"Room {number}") for number in range(3)]
    tracks = [Track.objects.create(event=event, name=name) for name in ("Systems", "Theory")]
    blocks = [
        make_block(event, start=start + timedelta(days=day), room=room, title=f"{room}, day {day + 1}")
        for day in range(2)
        for room in rooms
    ]
    for number in range(1, SESSIONS + 1):
        speaker = make_speaker(event, f"Speaker {number}", email=SPEAKER if number == 2 else "")
        texts = {"abstract": f"About [{number}](https://example.org/{number}).", "level": "advanced"}
        block, track = blocks[number % len(blocks)], tracks[number % len(tracks)]
        make_session(block, f"Part {number}", speakers=(speaker,), track=track, duration=20, **texts)
    early = make_session(blocks[0], f"{WORD} renamed before it was released", abstract=WORD, slug="early", duration=20)
    Session.objects.filter(pk=early.pk).update(title="An early one", abstract="")


def make_materials(event: Event, start: datetime) -> None:
    part = event.sessions.get(title="Part 1")
    make_material(event, title="Reading list")
    make_material(event, title="Recordings", opening="at_time", opens_at=start + timedelta(days=30))
    make_material(event, title="For you", audience="registered", url="", file=ContentFile(b"Hello", "hello.txt"))
    slides = make_material(event, session=part, url="", file=ContentFile(WORD.encode(), f"{WORD}.txt"))
    slides.file = ContentFile(b"The slides.", "slides.txt")
    slides.save()


def make_people(event: Event) -> Registration:
    ticket = make_ticket_type(event, 500, name="Attendee")
    make_ticket_type(event, None, name="Guest of honour", access_code="OPEN-SESAME", position=1)
    make_question(event, "Which diet?", choices=("Any", "Vegan"), kind="choice", key="diet")
    Question.objects.get(key="diet").ticket_types.add(ticket)
    lab = make_lab(event, event.sessions.get(title="Part 3"))
    bob = make_registration(event, f"{WORD}@example.org", name=WORD, affiliation=WORD, note=WORD, ticket_type=ticket)
    make_lab_seat(bob, lab)
    Follower.objects.create(event=event, email="follower@example.org")
    paper = make_question(event, "Your CV?", kind="file", key="cv", retention_days=3)
    ada = booking.register(event, name="Ada", email="ada@example.org", ticket_type=ticket, answers={})
    booking.confirm(ada)
    ada.refresh_from_db()
    answer = Answer(registration=ada, question=paper, filename="cv.txt", size=5)
    answer.file.save("x", ContentFile(b"My CV"))
    make_lab_seat(ada, lab)
    make_star(ada, event.sessions.get(title="Part 4"))
    make_check_in(ada, at=timezone.now())
    return ada


def add_drafts(site: Site, start: datetime) -> None:
    """What organizers prepare, and what is kept from the public otherwise."""
    edit_released(site.event)
    Event.objects.get(slug="summer").save()
    add_program(site.event, start)
    add_tickets(site.event)
    private = make_event(slug=f"{WORD}-dinner", title=WORD, overview=WORD, venue=WORD, host=site.host, is_public=False)
    add_program(private, start)
    make_material(private, title=WORD, url=f"https://example.org/{WORD}")
    TimedRelease.objects.create(event=site.event, at=start, stage=Release.Stage.FINAL, note=WORD)
    Announcement.objects.create(event=site.event, subject=WORD, text=WORD)
    make_device(site.event, WORD)
    LogEntry.objects.log_actions(make_organizer(site.event).pk, [site.event], CHANGE, change_message=WORD)


def edit_released(event: Event) -> None:
    """The next version of what is public."""
    room, track = make_room(event, f"{WORD} hall"), Track.objects.create(event=event, name=f"{WORD} studies")
    part = event.sessions.get(title="Part 5")
    for name in ("title", "subtitle", "abstract", "prerequisites", "slug"):
        setattr(part, name, WORD)
    part.links, part.room, part.track = [{"url": f"https://example.org/{WORD}", "title": WORD}], room, track
    part.save()
    speaker = part.speakers.get()
    speaker.name = speaker.slug = speaker.affiliation = speaker.biography = WORD
    speaker.url, speaker.email = f"https://example.org/{WORD}", f"{WORD}.speaker@example.org"
    speaker.save()
    event.rooms.filter(name="Room 1").update(name=f"{WORD} room")
    event.tracks.filter(name="Theory").update(name=WORD, slug=WORD)
    event.blocks.filter(title="Room 1, day 1").update(title=WORD)


def add_program(event: Event, start: datetime) -> None:
    """Sessions of every visibility, on a day that isn't in the program yet, with materials and a lab."""
    block = make_block(event, title=WORD, start=start + timedelta(days=7), room=make_room(event, WORD))
    track = Track.objects.create(event=event, name=f"{WORD} track")
    for number, visibility in enumerate(Session.Visibility.values):
        texts = dict.fromkeys(("subtitle", "abstract", "prerequisites"), WORD)
        link = {"url": f"https://example.org/{WORD}", "title": WORD}
        who = make_speaker(event, f"{WORD} {number}", biography=WORD, affiliation=WORD, email=f"{WORD}@example.org")
        values = texts | {"track": track, "links": [link], "visibility": visibility, "source": f"{WORD}-{number}"}
        values["id"] = next(numbers)
        session = make_session(block, f"{WORD} {number}", speakers=(who,), **values)
        session.appearances.update(role=WORD)
        file = ContentFile(WORD.encode(), f"{WORD}.txt")
        make_material(event, session=session, title=WORD, url="", file=file)
        soon = timezone.now() + timedelta(minutes=number + 1)
        make_material(event, session=session, title=WORD, opening="at_time", opens_at=soon)
        Lab.objects.create(id=next(numbers), event=event, session=session.uuid, capacity=7)


def add_tickets(event: Event) -> None:
    """Behind access codes, with questions of their own, and somebody who answered them."""
    code = {"access_code": WORD, "description": WORD, "position": 7}
    soon = {"opens_at": timezone.now() + timedelta(minutes=9), "closes_at": timezone.now() + timedelta(days=90)}
    hidden = make_ticket_type(event, 7, id=next(numbers), name=WORD, **code, **soon)
    host = {"mode": TicketType.Mode.HOST, "host_url": f"https://example.org/{WORD}"}
    make_ticket_type(event, None, name=f"{WORD} elsewhere", **code, **host)
    kinds = {"text": (), "choice": (WORD, f"{WORD} too"), "consent": ()}
    for kind, choices in kinds.items():
        values = {"id": next(numbers), "help": WORD, "key": f"{WORD}-{kind}", "retention_days": 2}
        question = make_question(event, f"{WORD} {kind}?", kind=kind, choices=choices, **values)
        question.ticket_types.set([hidden])
        below = make_question(event, f"{WORD} below {kind}?", depends_on=question, key=f"{WORD}-below-{kind}")
        below.depends_value = WORD if choices else ""
        below.save()
    event.questions.get(key="diet").ticket_types.add(hidden)
    hidden.refresh_from_db()
    TicketType.objects.filter(pk=hidden.pk).update(opens_at=None)
    consented = {event.questions.get(key=f"{WORD}-consent"): True}
    vip = {"name": WORD, "email": f"{WORD}.vip@example.org", "answers": consented}
    booking.register(event, ticket_type=TicketType.objects.get(pk=hidden.pk), **vip)
    TicketType.objects.filter(pk=hidden.pk).update(opens_at=soon["opens_at"])


def letters(address: str) -> list[str]:
    """What this reader's mails say, as they are sent now: headers, texts, attachments and their names."""
    return [as_read(mail) for mail in Mail.objects.filter(address=address).order_by("pk")]


def as_read(mail: Mail) -> str:
    try:
        message = message_of(mail, import_string(settings.LETTERS[mail.kind])(mail))
    except MailError as error:
        return str(error)
    return "\n".join(parts_of(message.message().as_bytes()))


def parts_of(raw: bytes) -> Iterator[str]:
    message = message_from_bytes(raw, policy=default)
    yield "\n".join(f"{name}: {value}" for name, value in message.items() if name not in ("Date", "Content-Type"))
    for part in message.walk():
        if not part.is_multipart():
            yield part.get_filename("")
            yield readable(part.get_content_type(), part.get_payload(decode=True))
