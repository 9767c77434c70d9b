"""The releases of the invented conference: tentative, final, and two updates with changes of all kinds."""

from datetime import UTC, date, datetime, time, timedelta
from random import Random
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from portal.demo.frame import CLOSING, OPENINGS
from portal.models import Event
from sessions_app.models import Appearance, Release, Room, Session, Speaker
from sessions_app.publishing import publish

TENTATIVE, FINAL, FIRST, SECOND = 40, 12, 5, 1  # days ago
FEWEST = 12  # talks, for a conference with updates
Stage, Visibility = Release.Stage, Session.Visibility


def release_all(event: Event, today: date) -> None:
    def release(days_ago: int, stage: str, note: str) -> None:
        moment = datetime.combine(today - timedelta(days=days_ago), time(9), UTC)
        publish(event, stage, note=note, now=moment)

    talks = list(event.sessions.filter(kind=Session.Kind.TALK).exclude(title=CLOSING).order_by("pk"))
    guest = event.sessions.filter(title=OPENINGS[-1])
    guest.update(visibility=Visibility.TBA)
    release(TENTATIVE, Stage.TENTATIVE, "A first draft. One keynote is still to be announced.")
    guest.update(visibility=Visibility.FULL)
    release(FINAL, Stage.FINAL, "The program is complete. See you at the lighthouse!")
    if len(talks) < FEWEST:
        return
    chosen = [talks[turn * len(talks) // FEWEST] for turn in range(FEWEST)]
    change_people(event, chosen)
    release(FIRST, Stage.FINAL, "One speaker can't travel, another brings a colleague, and a talk got a larger room.")
    change_times(event, chosen)
    release(SECOND, Stage.FINAL, "A late-breaking talk, and the cancelled one is back.")


def change_people(event: Event, talks: list[Session]) -> None:
    """A talk cancelled, one in another room, a speaker more, a speaker replaced, a new title."""
    off, moved, joined, replaced, renamed, *_ = talks
    random = Random(f"{event.slug}, people")  # noqa: S311 - for the same program each time
    places = {"event": event, "position": event.rooms.count()}
    loft = Room.objects.create(uuid=identity(random), name="Sail Loft", capacity=250, **places)
    new = [
        Speaker.objects.create(event=event, uuid=identity(random), name=name, affiliation=place, biography=life)
        for name, place, life in NEWCOMERS
    ]
    Session.objects.filter(pk=off.pk).update(status=Session.Status.CANCELLED)
    Session.objects.filter(pk=moved.pk).update(room=loft)
    Session.objects.filter(pk=renamed.pk).update(title=f"{renamed.title}, revisited")
    Appearance.objects.create(session=joined, speaker=new[0], position=joined.appearances.count())
    replaced.appearances.all().delete()
    Appearance.objects.create(session=replaced, speaker=new[1])


def change_times(event: Event, talks: list[Session]) -> None:
    """The cancelled talk back, two that change places, one gone for another, a new abstract, another level."""
    off, *_, gone, rewritten, harder = talks
    Session.objects.filter(pk=off.pk).update(status=Session.Status.PLANNED)
    Session.objects.filter(pk=rewritten.pk).update(abstract=NEW_ABSTRACT)
    Session.objects.filter(pk=harder.pk).update(level=Session.Level.ADVANCED, language="en")
    swap(talks[6])
    random = Random(f"{event.slug}, times")  # noqa: S311 - for the same program each time
    place = {"event": event, "block": gone.block, "position": gone.position, "duration": gone.duration}
    speaker = gone.appearances.select_related("speaker").first()
    late = Session(uuid=identity(random), title="The tide of last Tuesday", track=gone.track, abstract=LATE, **place)
    gone.delete()
    late.save()
    if speaker:
        Appearance.objects.create(session=late, speaker=speaker.speaker)


def swap(talk: Session) -> None:
    """With the one after or before it in its block."""
    others = talk.block.sessions.exclude(pk=talk.pk)
    other = others.filter(position__in=[talk.position - 1, talk.position + 1]).last()
    if other:
        Session.objects.filter(pk=talk.pk).update(position=other.position)
        Session.objects.filter(pk=other.pk).update(position=talk.position)


def identity(random: Random) -> UUID:
    """A uuid that is the same at every run."""
    return UUID(int=random.getrandbits(128), version=4)


def identify(seed: str, *kinds: QuerySet[Any]) -> None:
    """Gives rows that weren't made here the uuids of every run."""
    random = Random(seed)  # noqa: S311 - for the same ones each time
    for rows in kinds:
        for pk in list(rows.order_by("pk").values_list("pk", flat=True)):
            rows.filter(pk=pk).update(uuid=identity(random))


NEWCOMERS = [
    ("Mei Takahashi", "Institute for Coastal Computing", "Mei Takahashi measures waves and people who measure waves."),
    ("Tomás Arriaga", "Free Port Software", "Tomás Arriaga stands in at short notice, and has done so for years."),
]
NEW_ABSTRACT = """We had promised a comparison of three systems. One of them has sunk since.

This session tells of the two that float, and of the week in which the third went down with all its logs."""
LATE = """Last Tuesday the gauge at the old pier was right and all models were wrong. We have had six nights to find out
why, and will say what we know by then."""
