"""The draft rows of an event as a Program. Only organizers' code may import this."""

from collections import defaultdict

from portal.models import Event
from sessions_app import program as shape
from sessions_app.models import Appearance, Block, Session
from sessions_app.timetable import Placed, Slot, lay_out


def program_of(event: Event) -> shape.Program:
    """The whole draft, what is kept back included: sessions_app.visibility.conceal takes that out."""
    return Draft(event).program()


def backstage_of(event: Event) -> shape.Backstage:
    emails = event.speakers.exclude(email="").values_list("slug", "email")
    rooms = event.blocks.exclude(room=None).values_list("uuid", "room__name")
    return shape.Backstage(dict(emails), {str(uuid): name for uuid, name in rooms})


class Draft:
    """The rows of an event, each read once and known by its key: most of the time goes into making rows."""

    def __init__(self, event: Event) -> None:
        self.event = event
        self.blocks = list(event.blocks.all())
        self.rooms = {room.pk: room for room in event.rooms.all()}
        self.tracks = {track.pk: track for track in event.tracks.all()}
        self.speakers = {speaker.pk: speaker for speaker in event.speakers.all()}
        self.sessions: dict[int, list[Session]] = defaultdict(list)
        for session in event.sessions.all():
            self.sessions[session.block_id].append(session)
        self.appearances: dict[int, list[shape.Appearance]] = defaultdict(list)
        rows = Appearance.objects.filter(session__event=event).values_list("session_id", "speaker_id", "role")
        for session_id, speaker_id, role in rows:
            self.appearances[session_id].append(shape.Appearance(self.speakers[speaker_id].slug, role))

    def program(self) -> shape.Program:
        return shape.Program(
            timezone=self.event.timezone,
            items=tuple(item for block in self.blocks for item in self.items_of(block)),
            blocks=tuple(shape.Block(str(block.uuid), block.title, block.start) for block in self.blocks),
            rooms=tuple(shape.Room(str(room.uuid), room.name, room.capacity) for room in self.rooms.values()),
            tracks=tuple(shape.Track(track.slug, track.name, track.hue) for track in self.tracks.values()),
            people=tuple(
                shape.Person(str(one.uuid), one.slug, one.name, one.affiliation, one.biography, one.url)
                for one in self.speakers.values()
            ),
        )

    def items_of(self, block: Block) -> list[shape.Item]:
        sessions = self.sessions[block.pk]
        placed = lay_out((Slot(session.duration, session.start) for session in sessions), block.start)
        return [self.item_of(session, block, place) for session, place in zip(sessions, placed, strict=True)]

    def item_of(self, session: Session, block: Block, place: Placed) -> shape.Item:
        room, track = session.room_id or block.room_id, session.track_id
        return shape.Item(
            id=session.pk,
            uuid=str(session.uuid),
            slug=session.slug,
            title=session.title,
            kind=session.kind,
            duration=session.duration,
            block=str(block.uuid),
            offset=place.offset,
            start=place.start,
            end=place.end,
            is_pinned=session.start is not None,
            abstract=session.abstract,
            level=session.level,
            language=session.language,
            track=self.tracks[track].slug if track else "",
            room=str(self.rooms[room].uuid) if room else "",
            status=session.status,
            sequence=session.sequence,
            speakers=tuple(self.appearances[session.pk]),
            subtitle=session.subtitle,
            visibility=session.visibility,
            prerequisites=session.prerequisites,
            links=tuple(shape.Link(**link) for link in session.links),
        )
