"""Reads Sessionize's JSON: the view "All", and "Sessions" and "GridSmart", which hold the sessions in groups."""

from collections.abc import Iterator
from datetime import datetime
from zoneinfo import ZoneInfo

from sessions_app.importers import objects, zones
from sessions_app.importers.entries import UNSAID, Entry, Gathered, Named, spelled_out
from sessions_app.importers.objects import Value
from sessions_app.importers.report import ImportFailed, Known, Reading, Remark
from sessions_app.importers.times import Unreadable, minutes_between, minutes_in, moment_in
from sessions_app.program import Facts

OTHER = "This is not the JSON of Sessionize: that has “sessions” with “startsAt” in them."
REFUSED = {"nominated", "decline_queue", "declined", "waitlisted"}
ASPECTS = {  # of a session, by words in the titles of categories
    "kind": ("kind", "format", "type"),
    "track": ("track", "topic", "theme"),
    "level": ("level",),
    "language": ("language",),
    "length": ("length", "duration"),
}


def read(data: bytes, known: Known) -> Reading:
    """Raises ImportFailed."""
    top = objects.parse(data)
    sessions = list(sessions_in(top))
    if not any("startsAt" in session.data for session in sessions):
        raise ImportFailed(Remark("", "", OTHER))
    return View(top, sessions, known).read()


def sessions_in(top: Value) -> Iterator[Value]:
    groups = list(top) or [top]
    groups += [room for group in groups for room in group["rooms"]]
    return (session for group in groups for session in group["sessions"] if isinstance(session.data, dict))


class View:
    def __init__(self, top: Value, sessions: list[Value], known: Known) -> None:
        self.sessions, self.known = sessions, known
        self.found = Gathered()
        self.speakers = {one["id"].text: one for one in top["speakers"]}
        self.rooms = {room["id"].text: room["name"].text for room in top["rooms"]}
        self.choices = {
            item["id"].text: (category["title"].text, item["name"].text)
            for category in top["categories"]
            for item in category["items"]
        }
        moments = [session["startsAt"].text for session in sessions]
        self.timezone = zones.chosen(self.found, known, "", "", moments=moments)
        self.zone = ZoneInfo(self.timezone)

    def read(self) -> Reading:
        for name in self.rooms.values():
            self.found.room(name)
        for speaker in self.speakers.values():
            self.found.add_person(named(speaker), speaker.path)
        for session in self.sessions:
            if session["status"].text.lower() in REFUSED:
                self.found.leave(session.path, f"Its status is {session['status'].text}.", session["title"].text)
            else:
                self.take(session)
        return self.found.reading(Facts("", kind=self.known.event_kind, timezone=self.timezone), self.known)

    def take(self, session: Value) -> None:
        aspects = self.aspects(session)
        try:
            start = moment_in(session["startsAt"].text, self.zone) if session["startsAt"] else None
            minutes = self.minutes(session, start, aspects.get("length", ""))
        except Unreadable as error:
            self.found.fail(session.path, str(error), session["title"].text)
            return
        speakers = spelled_out(session["speakers"], self.speakers, "id", self.found)
        self.found.add(
            Entry(
                where=session.path,
                title=session["title"].text,
                minutes=minutes,
                start=start,
                source=session["id"].text,
                room=session["room"].text or self.room(session["roomId"]),
                track=aspects.get("track", ""),
                type=aspects.get("kind") or ("break" if session["isServiceSession"].data is True else ""),
                abstract=session["description"].text,
                level=aspects.get("level", ""),
                language=aspects.get("language", ""),
                people=tuple(map(named, speakers)),
            )
        )

    def minutes(self, session: Value, start: datetime | None, length: str) -> int:
        if start and session["endsAt"]:
            return minutes_between(start, moment_in(session["endsAt"].text, self.zone))
        if length:
            return minutes_in(length)
        self.found.remark(session.path, f"No length is given: {UNSAID} minutes were put in.", session["title"].text)
        return UNSAID

    def aspects(self, session: Value) -> dict[str, str]:
        """What the session's categories say of its kind, track, level, language and length."""
        chosen = [self.choices.get(number.text, ("", "")) for number in session["categoryItems"]]
        chosen += [
            (category["name"].text, item["name"].text)
            for category in session["categories"]
            for item in category["categoryItems"]
        ]
        return {
            aspect: choice
            for title, choice in reversed(chosen)
            for aspect, words in ASPECTS.items()
            if any(word in title.lower() for word in words)
        }

    def room(self, value: Value) -> str:
        if value and value.text not in self.rooms:
            self.found.leave(value.path, "This room is not in the file.", value.text)
        return self.rooms.get(value.text, "")


def named(speaker: Value) -> Named:
    name = speaker["fullName"].text or f"{speaker['firstName'].text} {speaker['lastName'].text}".strip()
    link = next((link["url"].text for link in speaker["links"] if link["url"]), "")
    return Named(
        name or speaker["name"].text,
        speaker["id"].text,
        affiliation=speaker["tagLine"].text,
        biography=speaker["bio"].text,
        url=link,
    )
