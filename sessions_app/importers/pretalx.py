"""Reads answers of pretalx's API: submissions or talks, speakers, slots, one list or several in an object by name; and
the schedule that it makes for its widget, whose talks say themselves when and where they are.

Ids that aren't spelled out are looked up in the file's own lists; who or what isn't found there is told.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sessions_app.importers import objects, zones
from sessions_app.importers.entries import UNSAID, Entry, Gathered, Named, spelled_out
from sessions_app.importers.objects import Value
from sessions_app.importers.report import ImportFailed, Known, Reading, Remark
from sessions_app.importers.times import Unreadable, minutes_between, moment_in, sane
from sessions_app.program import Facts, Link

OTHER = "This is not an answer of pretalx's API: that is a list of submissions with “code” and “title”, or of speakers."
NOT_TAKEN = {"submitted", "rejected", "withdrawn", "draft", "deleted", "canceled", "cancelled"}
DEEPEST = 3  # an answer, a list in it, a schedule's slots


def read(data: bytes, known: Known) -> Reading:
    """Raises ImportFailed."""
    answer = Answer(objects.parse(data))
    if not (answer.submissions or answer.slots or answer.speakers):
        raise ImportFailed(Remark("", "", OTHER))
    return answer.read(known)


class Answer:
    def __init__(self, top: Value) -> None:
        self.submissions: list[Value] = []
        self.slots: list[Value] = []
        self.speakers: list[Value] = []
        self.named: dict[str, dict[str, Value]] = {}  # rooms, tracks and types by their id
        self.goes_on = bool(top["next"])
        self.timezone = top["timezone"]
        self.sort(top, "", 0)
        self.by_code = {row["code"].text: row for row in self.submissions}
        self.speaker_by_code = {row["code"].text: row for row in self.speakers}

    def sort(self, value: Value, name: str, depth: int) -> None:
        """Tells the rows apart by what is in them, and lists by their name."""
        for row in value:
            self.sort_row(row, name)
        for inner, members in value.members():
            if isinstance(members.data, list | dict) and depth < DEEPEST:
                self.sort(members, inner if inner != "results" else name, depth + 1)

    def sort_row(self, row: Value, name: str) -> None:
        has: dict[str, Any] = row.data if isinstance(row.data, dict) else {}
        if "title" in has and ("code" in has or "submission_type" in has):
            self.submissions.append(row)
        elif "submission" in has or ("start" in has and "room" in has):
            self.slots.append(row)
        elif "code" in has and "name" in has:
            self.speakers.append(row)
        elif "id" in has and "name" in has:
            self.named.setdefault(name, {})[row["id"].text] = row

    def read(self, known: Known) -> Reading:
        self.found = Gathered()
        if self.goes_on:
            self.found.remark("next", "The answer goes on at another address; this file has its first part only.")
        pairs = list(self.pairs())
        moments = [slot["start"].text for _, slot in pairs]
        zone = zones.chosen(self.found, known, self.timezone.text, self.timezone.path, moments=moments)
        self.zone = ZoneInfo(zone)
        for speaker in self.speakers:
            self.found.add_person(named(speaker), speaker.path)
        for submission, slot in pairs:
            self.take(submission, slot)
        return self.found.reading(Facts("", kind=known.event_kind, timezone=zone), known)

    def pairs(self) -> Iterator[tuple[Value, Value]]:
        """Each submission with the slot it has, an empty one where it has none; breaks are slots alone."""
        slots: dict[str, list[Value]] = {}
        for slot in self.slots:
            slots.setdefault(slot["submission"]["code"].text or slot["submission"].text, []).append(slot)
        for submission in self.submissions:
            own = [slot for slot in (submission, submission["slot"], *submission["slots"]) if slot["start"]]
            yield from ((submission, slot) for slot in own or slots.pop(submission["code"].text, [Value("")]))
        for rest in slots.values():
            yield from ((slot["submission"], slot) for slot in rest)

    def take(self, submission: Value, slot: Value) -> None:
        where = submission.path or slot.path
        title = submission["title"].text or slot["description"].text or slot["title"].text
        if left := self.reason_to_leave(submission):
            self.found.leave(where, left, title)
            return
        try:
            start = moment_in(slot["start"].text, self.zone) if slot["start"] else None
            minutes = self.minutes(submission, slot, start)
        except Unreadable as error:
            self.found.fail(where, str(error), title)
            return
        speakers = spelled_out(submission["speakers"], self.speaker_by_code, "code", self.found)
        self.found.add(
            Entry(
                where=where,
                title=title,
                minutes=minutes,
                start=start,
                source=submission["code"].text,
                room=self.name(slot["room"], "rooms"),
                track=self.name(submission["track"], "tracks"),
                type=self.name(submission["submission_type"], "submission_types") if submission else "break",
                abstract="\n\n".join(filter(None, (submission["abstract"].text, submission["description"].text))),
                links=tuple(Link(one["resource"].text, one["description"].text) for one in submission["resources"]),
                language=submission["content_locale"].text,
                people=tuple(map(named, speakers)),
            )
        )

    def reason_to_leave(self, submission: Value) -> str:
        state = submission["state"].text
        if isinstance(submission.data, str):
            return f"The submission {submission.data} is not in the file."
        return f"Its state is {state}." if state in NOT_TAKEN else ""

    def minutes(self, submission: Value, slot: Value, start: datetime | None) -> int:
        if start and slot["end"]:
            return minutes_between(start, moment_in(slot["end"].text, self.zone))
        kind = submission["submission_type"]
        kind = self.named.get("submission_types", {}).get(kind.text, kind)
        said = [one.data for one in (submission["duration"], slot["duration"], kind["default_duration"]) if one]
        if said and isinstance(said[0], int):
            return sane(said[0])
        self.found.remark(
            submission.path, f"No length is given: {UNSAID} minutes were put in.", submission["title"].text
        )
        return UNSAID

    def name(self, value: Value, of: str) -> str:
        """The name of a room, track or type that is spelled out or given by its id."""
        if isinstance(value.data, int):
            found = self.named.get(of, {}).get(value.text, Value(""))
            if not found:
                self.found.leave(value.path, f"This one of the {of.replace('_', ' ')} is not in the file.", value.text)
            value = found
        return value["name"].text or value.text


def named(speaker: Value) -> Named:
    return Named(
        speaker["name"].text,
        speaker["code"].text,
        biography=speaker["biography"].text,
        email=speaker["email"].text,
    )
