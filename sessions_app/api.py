"""The read API: events, and below each what its latest release and its live parts say."""

from collections.abc import Callable
from typing import Any

from django.db.models.fields.json import KT
from django.http import Http404, HttpResponseBase
from django.shortcuts import redirect
from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import Serializer
from rest_framework.views import APIView

from portal.access import NOBODY
from portal.caching import until
from portal.models import Event
from portal.problems import CONTENT_TYPE, ProblemSerializer
from sessions_app import releases, selection
from sessions_app import serializers as shapes
from sessions_app.diff import compare
from sessions_app.exports import untimely
from sessions_app.materials import listed, opens_next
from sessions_app.models import Material
from sessions_app.program import Program
from sessions_app.releases import Published, slugs
from sessions_app.selection import PageQuery, SessionQuery, SpeakerQuery, asked, page
from sessions_app.traces import former

FORMS = {  # of a program beside this API, by the names of their addresses
    "schedule_ics": "text/calendar",
    "schedule_json": "application/json",
    "schedule_xml": "application/vnd.c3voc.schedule+xml",
    "schedule_csv": "text/csv",
    "sessionize": "application/json",
    "releases_atom": "application/atom+xml",
}

type Get = Callable[..., HttpResponseBase]


def answers(
    name: str,
    shape: type[Serializer[Any]],
    summary: str,
    query: type[PageQuery] | None = None,
    *,
    may_move: bool = False,
) -> Callable[[Get], Get]:
    """What the API's description says of a view."""
    known = OpenApiParameter("If-None-Match", str, OpenApiParameter.HEADER, description="The ETag of what you have.")
    refused = {(400, CONTENT_TYPE): ProblemSerializer} if query else {}
    return extend_schema(
        operation_id=name,
        summary=summary,
        parameters=[known, *([query] if query else [])],
        responses={
            200: shape,
            **({302: OpenApiResponse(description="It is at another address now.")} if may_move else {}),
            304: OpenApiResponse(description="You have it already."),
            (404, CONTENT_TYPE): ProblemSerializer,
            **refused,
        },
    )


class EventList(APIView):
    @answers("list_events", shapes.EventListSerializer, "All public events, by their first day", PageQuery)
    def get(self, request: Request) -> Response:
        events = list(Event.objects.public().select_related("host"))
        found = page(request, events, asked(request, PageQuery))
        heads = releases.newest_of(found["rows"]).brief()
        known = {release.event_id: release for release in heads.annotate(zone=KT("data__timezone"))}
        zones = {pk: release.zone for pk, release in known.items()}  # type: ignore[attr-defined]
        context = {"releases": known, "zones": zones}
        return Response(shapes.EventListSerializer(found, context=context).data)


class EventDetail(APIView):
    @answers("get_event", shapes.EventDetailSerializer, "One event with its texts")
    def get(self, request: Request, event: Event) -> Response:
        published = releases.latest(event)
        known = {event.pk: published} if published else {}
        zones = {pk: one.program.timezone for pk, one in known.items()}
        context = {"releases": known, "zones": zones, "untimely": untimely(event, published)}
        return Response(shapes.EventDetailSerializer(event, context=context).data)


class Schedule(APIView):
    @answers("get_schedule", shapes.ScheduleSerializer, "The latest release of the program")
    def get(self, request: Request, event: Event) -> Response:
        return schedule(event, releases.latest(event))


class MergedSchedule(APIView):
    @answers("get_merged", shapes.MergedSerializer, "The programs of a host event and of all events that belong to it")
    def get(self, request: Request, event: Event) -> Response:
        family = releases.family(event)
        own = next((published for member, published in family if member.pk == event.pk), None)
        about = shapes.ScheduleEventSerializer(event, context=context(event, own)).data
        return Response({"event": about, "schedules": [schedule_of(*member) for member in family]})


class SessionList(APIView):
    @answers("list_sessions", shapes.SessionListSerializer, "All sessions, with their abstracts", SessionQuery)
    def get(self, request: Request, event: Event) -> Response:
        query = asked(request, SessionQuery)
        published = releases.latest(event)
        rows = selection.sessions(published.program, query) if published else []
        found = page(request, rows, query)
        return Response(shapes.SessionListSerializer(found, context=context(event, published)).data)


class SessionDetail(APIView):
    @answers("get_session", shapes.SessionDetailSerializer, "One session", may_move=True)
    def get(self, request: Request, event: Event, slug: str) -> HttpResponseBase:
        published = releases.latest(event)
        item = published.program.item_by_slug.get(slug) if published else None
        if item is None:
            return self.elsewhere(event, published, slug)
        return Response(shapes.SessionDetailSerializer(item, context=context(event, published)).data)

    def elsewhere(self, event: Event, published: Published | None, slug: str) -> HttpResponseBase:
        uuid = former(event, "sessions", slug)
        found = slugs(published).get(uuid)
        if found is None:
            raise Http404("There is no such session in the program.")
        return redirect("api-session", event.slug, found)


class SpeakerList(APIView):
    @answers("list_speakers", shapes.SpeakerListSerializer, "Everybody in the program", SpeakerQuery)
    def get(self, request: Request, event: Event) -> Response:
        query = asked(request, SpeakerQuery)
        program = released(event)
        found: dict[str, list[str]] = {}
        for item in program.items:
            for appearance in item.speakers:
                found.setdefault(appearance.person, []).append(item.slug)
        people = page(request, selection.speakers(program, query), query)
        return Response(shapes.SpeakerListSerializer(people, context={"sessions_by_speaker": found}).data)


class TrackList(APIView):
    @answers("list_tracks", shapes.TrackListSerializer, "The tracks of the program")
    def get(self, request: Request, event: Event) -> Response:
        return Response(shapes.TrackListSerializer({"tracks": released(event).tracks}).data)


class RoomList(APIView):
    @answers("list_rooms", shapes.RoomListSerializer, "The rooms of the program")
    def get(self, request: Request, event: Event) -> Response:
        return Response(shapes.RoomListSerializer({"rooms": released(event).rooms}).data)


class MaterialList(APIView):
    @answers("list_materials", shapes.MaterialListSerializer, "The materials for everybody, those not open yet too")
    def get(self, request: Request, event: Event) -> Response:
        now = timezone.now()
        public = [one for one in listed(event, NOBODY, now) if one.material.audience == Material.Audience.PUBLIC]
        rows = shapes.MaterialListSerializer({"materials": public}, context={"zone": event.zone})
        response = Response(rows.data)
        until(response, opens_next(event, now))
        return response


class ReleaseList(APIView):
    @answers("list_releases", shapes.ReleaseListSerializer, "All releases, the newest first", PageQuery)
    def get(self, request: Request, event: Event) -> Response:
        found = page(request, list(event.releases.brief()), asked(request, PageQuery))
        return Response(shapes.ReleaseListSerializer(found, context={"event": event, "zone": event.zone}).data)


class ReleaseDetail(APIView):
    @answers("get_release", shapes.ScheduleSerializer, "The program as it was released then")
    def get(self, request: Request, event: Event, number: int) -> Response:
        return schedule(event, releases.numbered(event, number))


class Changes(APIView):
    @answers("list_changes", shapes.ChangesSerializer, "What a release changed against the one before")
    def get(self, request: Request, event: Event, number: int) -> Response:
        release = event.releases.defer("data", "withdrawn").filter(number=number).first()
        if release is None:
            raise Http404("There is no such release.")
        rows = {"before": number - 1 or None, "to": number, "changes": release.changes}
        return Response(shapes.ChangesSerializer(rows).data)


class ChangesSince(APIView):
    @answers("list_changes_since", shapes.ChangesSerializer, "What changed from any release to any other, back too")
    def get(self, request: Request, event: Event, number: int, before: int) -> Response:
        old, new = releases.numbered(event, before), releases.numbered(event, number)
        changes = [one.to_json() for one in compare(old.program, new.program)]
        return Response(shapes.ChangesSerializer({"before": before, "to": number, "changes": changes}).data)


def schedule(event: Event, published: Published | None) -> Response:
    response = Response(schedule_of(event, published))
    absent = untimely(event, published) | (set() if published else {"schedule"})
    links = [
        f'<{shapes.address(f"sessions_app:{name}", event)}>; rel="alternate"; type="{kind}"'
        for name, kind in {"schedule": "text/html", **FORMS}.items()
        if name not in absent
    ]
    response["Link"] = ", ".join(links)
    return response


def schedule_of(event: Event, published: Published | None) -> dict[str, Any]:
    program = published.program if published else Program(event.timezone)
    gone = published.withdrawn if published else ()
    rows = {"event": event, "release": published, "blocks": program.blocks, "sessions": program.items}
    shape = shapes.ScheduleSerializer(rows | {"withdrawn": gone}, context=context(event, published))
    return dict(shape.data)


def released(event: Event) -> Program:
    """The program of the latest release; an empty one before the first."""
    published = releases.latest(event)
    return published.program if published else Program(event.timezone)


def context(event: Event, published: Published | None) -> dict[str, Any]:
    program = published.program if published else Program(event.timezone)
    return {"event": event, "program": program, "zone": program.zone, "stage": published and published.stage}
