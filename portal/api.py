"""The API's addresses, its description, and a page to read and try it."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import URLPattern, path, reverse
from drf_spectacular.renderers import OpenApiJsonRenderer2
from drf_spectacular.utils import extend_schema, inline_serializer
from drf_spectacular.views import SpectacularAPIView
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from portal.caching import of_all_events, of_event, of_family, of_no_event, only_read
from portal.links import absolute
from registration import api as registration_api
from registration import checkin_api
from sessions_app import api

LINKS = ("events", "schema", "docs")


class Root(APIView):
    @extend_schema(
        operation_id="get_root",
        summary="Where to begin",
        responses=inline_serializer("Root", {name: serializers.URLField() for name in LINKS}),
    )
    def get(self, request: Request) -> Response:
        return Response({name: absolute(reverse(f"api-{name}")) for name in LINKS})


class Schema(SpectacularAPIView):
    renderer_classes = [OpenApiJsonRenderer2]


@only_read
def docs(request: HttpRequest) -> HttpResponse:
    return render(request, "portal/docs.html")


EVENT = "events/<slug:event>/"

urlpatterns: list[URLPattern] = [
    path("", of_no_event(Root.as_view()), name="api-root"),
    path("schema/", of_no_event(Schema.as_view()), name="api-schema"),
    path("docs/", of_no_event(docs), name="api-docs"),
    path("events/", of_all_events(api.EventList.as_view()), name="api-events"),
    path(EVENT, of_event(api.EventDetail.as_view()), name="api-event"),
    path(EVENT + "schedule/", of_event(api.Schedule.as_view()), name="api-schedule"),
    path(EVENT + "merged/", of_family(api.MergedSchedule.as_view()), name="api-merged"),
    path(EVENT + "sessions/", of_event(api.SessionList.as_view()), name="api-sessions"),
    path(EVENT + "sessions/<slug:slug>/", of_event(api.SessionDetail.as_view()), name="api-session"),
    path(EVENT + "speakers/", of_event(api.SpeakerList.as_view()), name="api-speakers"),
    path(EVENT + "tracks/", of_event(api.TrackList.as_view()), name="api-tracks"),
    path(EVENT + "rooms/", of_event(api.RoomList.as_view()), name="api-rooms"),
    path(EVENT + "materials/", of_event(api.MaterialList.as_view()), name="api-materials"),
    path(EVENT + "releases/", of_event(api.ReleaseList.as_view()), name="api-releases"),
    path(EVENT + "releases/<int:number>/", of_event(api.ReleaseDetail.as_view()), name="api-release"),
    path(EVENT + "releases/<int:number>/changes/", of_event(api.Changes.as_view()), name="api-changes"),
    path(
        EVENT + "releases/<int:number>/changes/since/<int:before>/",
        of_event(api.ChangesSince.as_view()),
        name="api-changes-since",
    ),
    path(EVENT + "labs/", registration_api.Labs.as_view(), name="api-labs"),
    path(EVENT + "registrations/", registration_api.Registrations.as_view(), name="api-registrations"),
    path(EVENT + "check-ins/", checkin_api.CheckIns.as_view(), name="api-check-ins"),
    path(EVENT + "check-ins/people/", checkin_api.People.as_view(), name="api-people"),
    path(EVENT + "check-ins/<int:number>/", checkin_api.CheckInDetail.as_view(), name="api-check-in"),
]
