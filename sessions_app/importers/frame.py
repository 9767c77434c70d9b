"""What sessions stand in: the rooms, tracks, speakers and blocks of an event that a file has."""

from collections.abc import Mapping
from itertools import cycle

from django.db import models

from portal.models import Event, Hue
from portal.text import slug as make_slug
from sessions_app import program as shape
from sessions_app.importers.batch import Batch
from sessions_app.importers.matching import (
    blocks_by_shape,
    rooms_by_shape,
    speakers_by_person,
    tracks_by_shape,
)
from sessions_app.importers.report import Reading
from sessions_app.importers.rows import person_values, said, uuid_of
from sessions_app.models import Block, Room, Session, Speaker, Track


class Frame:
    """Rooms and blocks by the uuid, tracks and speakers by the slug that the file's program has for them.

    `settled`: blocks (by pk) that had clock times before, where the file says a time for each session: they keep
    their start until importers.holding has seen where their sessions go."""

    def __init__(
        self,
        event: Event,
        reading: Reading,
        batch: Batch,
        sessions: Mapping[str, Session],
        present: shape.Program,
    ) -> None:
        self.event, self.reading, self.batch, self.sessions = event, reading, batch, sessions
        self.program, self.present = reading.program, present
        self.rooms, self.tracks, self.speakers = self.load_rooms(), self.load_tracks(), self.load_speakers()
        self.blocks = self.load_blocks()

    def load_rooms(self) -> dict[str, Room]:
        rooms = list(self.event.rooms.all())
        found = rooms_by_shape(self.program, rooms)
        free = free_uuids(Room, [room.uuid for room in self.program.rooms if room.uuid not in found])
        position = max((room.position for room in rooms), default=-1)
        for room in self.program.rooms:
            values = {"name": room.name} | said(capacity=room.capacity)
            if room.uuid not in found:
                position += 1
                found[room.uuid] = Room(event=self.event, position=position, **said(uuid=free.get(room.uuid)))
            self.batch.put(found[room.uuid], values, f"room {room.name}")
        self.batch.write(Room)
        return found

    def load_tracks(self) -> dict[str, Track]:
        tracks = list(self.event.tracks.all())
        found = tracks_by_shape(self.program, tracks)
        taken = {track.slug for track in tracks}
        hues = cycle(Hue.values)
        position = max((track.position for track in tracks), default=-1)
        for track in self.program.tracks:
            values = {"name": track.name} | said(hue=track.hue)
            if track.slug not in found:
                position += 1
                slug = own_slug(track.slug, track.name, taken, "track")
                found[track.slug] = Track(event=self.event, slug=slug, position=position)
                values = {"hue": next(hues)} | values
            self.batch.put(found[track.slug], values, f"track {track.name}")
        self.batch.write(Track)
        return found

    def load_speakers(self) -> dict[str, Speaker]:
        speakers = list(self.event.speakers.order_by("pk"))
        found = speakers_by_person(self.reading, speakers)
        free = free_uuids(Speaker, [one.uuid for one in self.program.people if one.slug not in found])
        taken = {speaker.slug for speaker in speakers}
        for person in self.program.people:
            values = person_values(person, self.reading.emails.get(person.slug, ""))
            if person.slug not in found:
                slug = own_slug(person.slug, person.name, taken, "speaker")
                found[person.slug] = Speaker(event=self.event, slug=slug, **said(uuid=free.get(person.uuid)))
            values |= source_of(self.reading, found[person.slug], person.slug, person.uuid)
            self.batch.put(found[person.slug], values, f"speaker {person.name}")
        self.batch.write(Speaker)
        return found

    def load_blocks(self) -> dict[str, Block]:
        blocks = list(self.event.blocks.select_related("room"))
        timed = {item.block for item in self.present.items if item.start} if self.reading.is_by_clock else set()
        self.settled = {block.pk for block in blocks if str(block.uuid) in timed}
        found = blocks_by_shape(self.program, blocks, self.sessions, self.settled if self.reading.made_blocks else ())
        free = free_uuids(Block, [block.uuid for block in self.program.blocks if block.uuid not in found])
        last = max((block.position for block in blocks), default=-1)
        items = self.program.items_by_block
        for block in self.program.blocks:
            if block.uuid not in found:
                last += 1
                room = self.room_of(block, items[block.uuid])
                found[block.uuid] = Block(event=self.event, position=last, room=room, **said(uuid=free.get(block.uuid)))
            values = said(title=block.title, start=None if found[block.uuid].pk in self.settled else block.start)
            self.batch.put(found[block.uuid], values, f"block “{block.title}”" if block.title else "block")
        self.batch.write(Block)
        self.order_blocks([found[block.uuid] for block in self.program.blocks])
        return found

    def room_of(self, block: shape.Block, items: list[shape.Item]) -> Room | None:
        """The one the file says, else that of the sessions if they have the same one."""
        if said := self.reading.block_rooms.get(block.uuid):
            return self.rooms[said]
        names = {item.room for item in items}
        return self.rooms[names.pop()] if len(names) == 1 and "" not in names else None

    def order_blocks(self, wanted: list[Block]) -> None:
        """The file's order, if it has one, on the places the same blocks had before."""
        places = sorted((block.position, block.pk) for block in wanted)
        if self.reading.made_blocks or [(block.position, block.pk) for block in wanted] == places:
            return
        for position, block in enumerate(wanted, start=places[0][0]):
            self.batch.note(block, {"position": position})
        self.batch.write(Block)
        self.batch.changes.append("order of the blocks")


def free_uuids(model: type[models.Model], wanted: list[str]) -> dict[str, str]:
    """Of these names those that are UUIDs no row has, of whichever event."""
    real = [name for name in wanted if uuid_of(name)]
    taken = {str(one) for one in model._default_manager.filter(uuid__in=real).values_list("uuid", flat=True)}
    return {name: name for name in real if name not in taken}


def source_of(reading: Reading, row: Session | Speaker, name: str, uuid: str) -> dict[str, str]:
    """The id to know the row by at the next import; none where its uuid or its own id does."""
    source = reading.sources.get(name) or uuid_of(uuid)
    return said(source=source) if str(row.uuid) != uuid and source != str(row.pk) else {}


def own_slug(wanted: str, text: str, taken: set[str], fallback: str) -> str:
    """The slug the file says, unless it is taken, or one made of the text; it is taken then."""
    slug = wanted if wanted and wanted not in taken else make_slug(text, taken=taken, fallback=fallback)
    taken.add(slug)
    return slug
