"""The draft rows of an event as a Program. Only organizers' code may import this."""

from portal.models import Event
from sessions_app import program as shape
from sessions_app.models import Block, Session
from sessions_app.timetable import Placed, Slot, lay_out


def program_of(event: Event) -> shape.Program:
    """The whole draft, what is kept back included: sessions_app.visibility.conceal takes that out."""
    sessions = list(
        event.sessions.select_related("block__room", "room", "track").prefetch_related("appearances__speaker")
    )
    blocks = list(event.blocks.all())
    homes: dict[int, list[Session]] = {block.pk: [] for block in blocks}
    for session in sessions:
        homes[session.block_id].append(session)
    items = [item for block in blocks for item in items_of(block, homes[block.pk])]
    return shape.Program(
        timezone=event.timezone,
        items=tuple(items),
        blocks=tuple(shape.Block(str(block.uuid), block.title, block.start) for block in blocks),
        rooms=tuple(shape.Room(str(room.uuid), room.name, room.capacity) for room in event.rooms.all()),
        tracks=tuple(shape.Track(track.slug, track.name, track.hue) for track in event.tracks.all()),
        people=tuple(
            shape.Person(str(one.uuid), one.slug, one.name, one.affiliation, one.biography, one.url)
            for one in event.speakers.all()
        ),
    )


def backstage_of(event: Event) -> shape.Backstage:
    emails = event.speakers.exclude(email="").values_list("slug", "email")
    rooms = event.blocks.exclude(room=None).values_list("uuid", "room__name")
    return shape.Backstage(dict(emails), {str(uuid): name for uuid, name in rooms})


def items_of(block: Block, sessions: list[Session]) -> list[shape.Item]:
    placed = lay_out((Slot(session.duration, session.start) for session in sessions), block.start)
    return [item_of(session, place) for session, place in zip(sessions, placed, strict=True)]


def item_of(session: Session, place: Placed) -> shape.Item:
    room = session.room or session.block.room
    return shape.Item(
        id=session.pk,
        uuid=str(session.uuid),
        slug=session.slug,
        title=session.title,
        kind=session.kind,
        duration=session.duration,
        block=str(session.block.uuid),
        offset=place.offset,
        start=place.start,
        end=place.end,
        is_pinned=session.start is not None,
        abstract=session.abstract,
        level=session.level,
        language=session.language,
        track=session.track.slug if session.track else "",
        room=str(room.uuid) if room else "",
        status=session.status,
        sequence=session.sequence,
        speakers=tuple(shape.Appearance(one.speaker.slug, one.role) for one in session.appearances.all()),
        subtitle=session.subtitle,
        visibility=session.visibility,
        prerequisites=session.prerequisites,
        links=tuple(shape.Link(**link) for link in session.links),
    )
