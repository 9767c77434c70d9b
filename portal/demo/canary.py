"""A word in every text that nobody but organizers may see, to find out whether any of it gets through."""

from datetime import timedelta

from django.core.files.base import ContentFile
from django.db import transaction
from django.utils import timezone

from portal.models import Event
from portal.text import slug
from sessions_app.models import Appearance, Block, Material, Release, Room, Session, Speaker, TimedRelease, Track

PRIVATE = "private-meeting"


def hide(word: str, event: Event) -> None:
    """In the event's draft, in a file that isn't open, and in a private event. Once per word."""
    with transaction.atomic():
        if event.tracks.filter(name=word).exists():
            return
        edit_released(word, event)
        add_unreleased(word, event)
        private, _ = Event.objects.get_or_create(
            slug=f"{PRIVATE}-{slug(word, length=30)}",
            defaults={"title": word, "is_public": False, "overview": word, "subtitle": word, "venue": word},
        )
        add_unreleased(word, private)


def edit_released(word: str, event: Event) -> None:
    """What is public in the release's wording and not yet in the new one."""
    session = event.sessions.exclude(kind=Session.Kind.BREAK).last()
    if session:
        session.title, session.abstract = f"{session.title} {word}", word
        session.save()
        for speaker in session.speakers.all():
            speaker.biography, speaker.affiliation, speaker.email = word, word, f"{slug(word)}@example.org"
            speaker.save()


def add_unreleased(word: str, event: Event) -> None:
    room = Room.objects.create(event=event, name=word, position=90)
    track = Track.objects.create(event=event, name=word, position=90)
    block = Block.objects.create(event=event, title=word, room=room, position=90)
    texts = {"title": word, "subtitle": word, "abstract": word, "prerequisites": word}
    links = [{"url": f"https://example.org/{slug(word)}", "title": word}]
    session = Session.objects.create(event=event, block=block, duration=20, track=track, links=links, **texts)
    speaker = Speaker.objects.create(
        event=event, name=word, affiliation=word, biography=word, url=f"https://example.org/{slug(word)}"
    )
    Appearance.objects.create(session=session, speaker=speaker, role=word[:50])
    add_files(word, event, session)
    in_a_year = timezone.now() + timedelta(days=365)
    TimedRelease.objects.create(event=event, at=in_a_year, stage=Release.Stage.FINAL, note=word)


def add_files(word: str, event: Event, session: Session) -> None:
    """One of the unreleased session, and one of the whole event that is listed but opens in a year."""
    Material.objects.create(event=event, session=session, title=word, file=ContentFile(word.encode(), f"{word}.txt"))
    Material.objects.create(
        event=event,
        title="Recordings",
        file=ContentFile(word.encode(), "recordings.txt"),
        opening=Material.Opening.AT_TIME,
        opens_at=timezone.now() + timedelta(days=365),
    )
