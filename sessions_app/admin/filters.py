"""Narrowing the list of an event's sessions: by day, block, room, track, and by what they lack."""

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from typing import Any

from django.contrib import admin
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import HttpRequest
from django.utils.timezone import get_current_timezone

from portal.models import Event
from sessions_app.conflicts import UNATTENDED
from sessions_app.models import Session

NONE = "none"
UNPINNED = ~Exists(Session.objects.filter(block=OuterRef("block"), start__isnull=False))
UNTIMED = Q(start=None, block__start=None) & Q(UNPINNED)  # a block has a clock by its start or by a pin
ROOMLESS = Q(room=None, block__room=None)
ATTENDED = ~Q(kind__in=UNATTENDED)
LACKS = {
    "speaker": ("a speaker", Q(appearances=None) & ATTENDED),
    "abstract": ("an abstract", Q(abstract="") & ATTENDED),
    "room": ("a room", ROOMLESS & ~Q(kind=Session.Kind.BREAK)),
    "track": ("a track", Q(track=None) & ATTENDED),
    "time": ("a clock time", UNTIMED),
}


class OfChosenEvent(admin.SimpleListFilter):
    """Offers what the listed event has; nothing while several events are listed."""

    template = "admin/folded_filter.html"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        event: Event | None = getattr(request, "edited", None)
        return list(self.options(event)) if event else []

    def options(self, event: Event) -> Iterable[tuple[str, str]]:
        raise NotImplementedError

    def wanted(self, value: str) -> Q:
        raise NotImplementedError

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        value = self.value()
        known = {str(one) for one, _ in self.lookup_choices}
        return queryset.filter(self.wanted(value)) if value in known else queryset


class DayFilter(OfChosenEvent):
    title = parameter_name = "day"

    def options(self, event: Event) -> Iterable[tuple[str, str]]:
        blocks = event.blocks.exclude(start=None).values_list("start", flat=True)
        pins = event.sessions.exclude(start=None).order_by().values_list("start", flat=True)
        days = sorted({start.astimezone(event.zone).date() for start in [*blocks, *pins] if start})
        yield from ((day.isoformat(), f"{day:%a}, {day:%B} {day.day}") for day in days)
        yield NONE, "no clock time"

    def wanted(self, value: str) -> Q:
        """By its pin, else by the start of its block."""
        if value == NONE:
            return UNTIMED
        begin = datetime.combine(date.fromisoformat(value), time(), get_current_timezone())
        day = (begin, begin + timedelta(days=1))
        return Q(start__gte=day[0], start__lt=day[1]) | Q(start=None, block__start__gte=day[0], block__start__lt=day[1])


class BlockFilter(OfChosenEvent):
    title = parameter_name = "block"

    def options(self, event: Event) -> Iterable[tuple[str, str]]:
        return ((str(block.pk), str(block)) for block in event.blocks.all())

    def wanted(self, value: str) -> Q:
        return Q(block=int(value))


class RoomFilter(OfChosenEvent):
    """A session without a room of its own is in its block's."""

    title = parameter_name = "room"

    def options(self, event: Event) -> Iterable[tuple[str, str]]:
        yield from ((str(room.pk), room.name) for room in event.rooms.all())
        yield NONE, "no room"

    def wanted(self, value: str) -> Q:
        return ROOMLESS if value == NONE else Q(room=int(value)) | Q(room=None, block__room=int(value))


class TrackFilter(OfChosenEvent):
    title = parameter_name = "track"

    def options(self, event: Event) -> Iterable[tuple[str, str]]:
        yield from ((str(track.pk), track.name) for track in event.tracks.all())
        yield NONE, "no track"

    def wanted(self, value: str) -> Q:
        return Q(track=None) if value == NONE else Q(track=int(value))


class MissingFilter(admin.SimpleListFilter):
    title = "what is missing"
    parameter_name = "missing"
    template = "admin/folded_filter.html"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(name, what) for name, (what, _) in LACKS.items()]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        value = self.value()
        return queryset.filter(LACKS[value][1]).exclude(status="cancelled") if value in LACKS else queryset
