"""More speakers for the demo conference, so that it has a thousand people."""

from portal.models import Event
from sessions_app.models import Appearance, Release, Session, Speaker
from sessions_app.publishing import publish


def add_people(slug: str, number: int) -> None:
    """Second speakers for the talks until there are this many people; then the next release."""
    event = Event.objects.get(slug=slug)
    there = event.speakers.count()
    new = [Speaker(event=event, slug=f"second-{n}", name=f"Second Speaker {n}") for n in range(there, number)]
    speakers = Speaker.objects.bulk_create(new)
    talks = event.sessions.exclude(kind=Session.Kind.BREAK)[: len(speakers)]
    Appearance.objects.bulk_create(
        Appearance(session=talk, speaker=speaker, position=9) for talk, speaker in zip(talks, speakers, strict=True)
    )
    publish(event, Release.Stage.FINAL)
