"""What part of a list of the API a query asks for: by what the rows are, and by page."""

from collections.abc import Callable, Sequence
from typing import Any
from urllib.parse import urlencode

from rest_framework import serializers
from rest_framework.request import Request

from portal.links import absolute
from sessions_app.filters import LEVELS, LONGEST, holds, texts_of
from sessions_app.lines import KINDS
from sessions_app.program import Item, Person, Program

LARGEST_PAGE = 1000
MOST_VALUES = 50  # of one parameter

type Query = dict[str, Any]


def any_of(child: serializers.Field[Any, Any, Any, Any], help_text: str) -> serializers.ListField:
    return serializers.ListField(child=child, required=False, max_length=MOST_VALUES, help_text=help_text)


class PageQuery(serializers.Serializer[Any]):
    limit = serializers.IntegerField(
        required=False, min_value=1, max_value=LARGEST_PAGE, help_text="How many rows. Without it all of them."
    )
    offset = serializers.IntegerField(
        required=False, min_value=0, max_value=1_000_000, help_text="How many rows to pass over first."
    )


class SessionQuery(PageQuery):
    """A parameter may be given several times: then one of its values has to fit."""

    track = any_of(serializers.CharField(max_length=100), "The slug or the name of a track.")
    room = any_of(serializers.CharField(max_length=100), "The uuid or the name of a room.")
    kind = any_of(serializers.ChoiceField(list(KINDS)), "The kind of session.")
    level = any_of(serializers.ChoiceField(list(LEVELS)), "The level of the audience.")
    day = any_of(serializers.DateField(), "The day it begins on, in the zone of the event.")
    speaker = any_of(serializers.SlugField(), "The slug of a speaker.")
    q = serializers.CharField(
        required=False,
        max_length=LONGEST,
        help_text="Words of title, subtitle, abstract, names, affiliations, room or track.",
    )


class SpeakerQuery(PageQuery):
    q = serializers.CharField(required=False, max_length=LONGEST, help_text="Words of name or affiliation.")


def asked(request: Request, shape: type[PageQuery]) -> Query:
    """The query, with its values read. Raises ValidationError, by parameter."""
    unknown = sorted(set(request.query_params) - set(shape().fields))
    if unknown:
        raise serializers.ValidationError({name[:50]: ["There is no such parameter."] for name in unknown[:10]})
    query = shape(data=request.query_params)
    if not query.is_valid():
        raise serializers.ValidationError({name: messages(found) for name, found in query.errors.items()})
    return dict(query.validated_data)


def messages(found: Any) -> list[str]:
    """In one list, also those of a parameter that was given several times."""
    parts = found.values() if isinstance(found, dict) else [found]
    return [str(message) for part in parts for message in part]


def sessions(program: Program, query: Query) -> list[Item]:
    fits: dict[str, Callable[[Item, Any], bool]] = {
        "track": lambda item, tracks: bool({item.track, program.track_name(item)} & set(tracks)),
        "room": lambda item, rooms: bool({item.room, program.room_name(item)} & set(rooms)),
        "kind": lambda item, kinds: item.kind in kinds,
        "level": lambda item, levels: item.level in levels,
        "day": lambda item, days: bool(item.start) and program.local_day(item) in days,
        "speaker": lambda item, slugs: any(one.person in slugs for one in item.speakers),
        "q": lambda item, words: holds(words, *texts(program, item)),
    }
    given = [(fit, query[name]) for name, fit in fits.items() if query.get(name)]
    return [item for item in program.items if all(fit(item, values) for fit, values in given)]


def speakers(program: Program, query: Query) -> Sequence[Person]:
    words = query.get("q", "")
    return [one for one in program.people if holds(words, one.name, one.affiliation)]


def texts(program: Program, item: Item) -> list[str]:
    return texts_of(item, program.people_of(item), program.room_name(item), program.track_name(item))


def page(request: Request, rows: Sequence[Any], query: Query) -> dict[str, Any]:
    """The rows of this page, how many there are, and the addresses of the pages beside it."""
    limit, offset = query.get("limit"), query.get("offset", 0)
    end = offset + limit if limit else len(rows)
    return {
        "rows": rows[offset:end],
        "count": len(rows),
        "next": beside(request, end) if end < len(rows) else None,
        "previous": beside(request, max(offset - limit, 0)) if limit and offset else None,
    }


def beside(request: Request, offset: int) -> str:
    query = request.query_params.copy()
    query["offset"] = str(offset)
    return f"{absolute(request.path)}?{urlencode(sorted(query.lists()), doseq=True)}"
