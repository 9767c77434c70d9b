"""Check-in by API: for the desk in the admin, by its login, and for devices, by their key."""

from dataclasses import replace
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any, cast

from django.conf import settings
from django.contrib.auth.models import AbstractUser
from django.db import transaction
from django.db.models import Q, QuerySet
from django.http import Http404
from django.middleware.csrf import get_token
from django.utils import timezone
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.utils import OpenApiParameter, extend_schema, inline_serializer
from rest_framework import serializers
from rest_framework.authentication import BaseAuthentication, SessionAuthentication, get_authorization_header
from rest_framework.exceptions import AuthenticationFailed, NotAuthenticated, PermissionDenied
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from portal import audit
from portal.access import event_read, event_write
from portal.models import Event, Role
from portal.problems import CONTENT_TYPE, ProblemSerializer, body
from portal.rows import rows
from registration import attended, checkin, repeats, tickets
from registration.checkin import CheckInError, Desk, Outcome
from registration.models import CheckIn, Device, Registration
from registration.repeats import Attempt
from sessions_app.program import day_of

SCOPE = "check-ins"
OVERLAP = timedelta(seconds=10)  # what was written just before is told again: its transaction may have ended after us


class DeviceAuthentication(BaseAuthentication):
    """`Authorization: Bearer <key of a device>`."""

    def authenticate(self, request: Request) -> tuple[Any, Device] | None:
        scheme, _, key = get_authorization_header(request).partition(b" ")
        if scheme.lower() != b"bearer":
            return None
        known = rows(Device, "key_hash = %s", sha256(key.strip()).hexdigest())
        if not known:
            raise AuthenticationFailed("No device has this key.")
        [device] = known
        [device.event] = rows(Event, "id = %s", device.event_id)
        return None, device

    def authenticate_header(self, request: Request) -> str:
        return "Bearer"


class DeviceScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """How the API's description names it."""

    target_class = DeviceAuthentication
    name = "deviceKey"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {"type": "http", "scheme": "bearer", "description": "The key of a check-in device."}


class CheckInSerializer(serializers.Serializer[Any]):
    """A scan: either the code of a ticket or, where the person was found by name, the registration's id."""

    code = serializers.CharField(max_length=200, required=False)
    person = serializers.UUIDField(required=False)
    session = serializers.UUIDField(required=False, allow_null=True, help_text="Absent or null: the door.")
    at = serializers.DateTimeField(required=False, allow_null=True, help_text="When it was scanned; absent: now.")
    desk = serializers.CharField(max_length=40, required=False, allow_blank=True, help_text="Added to who you are.")

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if ("code" in attrs) == ("person" in attrs):
            raise serializers.ValidationError({"code": "Give either the code of a ticket or the id of a person."})
        return attrs


PersonSerializer = inline_serializer(
    "Person",
    {name: serializers.CharField() for name in ("id", "name", "affiliation", "ticket_type", "state")}
    | {"holds_seat": serializers.BooleanField(help_text="Whether the person may come in.")},
)
AnswerSerializer = inline_serializer(
    "CheckedIn",
    {
        "result": serializers.ChoiceField(["in", "already"]),
        "id": serializers.IntegerField(),
        "at": serializers.DateTimeField(),
        "by": serializers.CharField(),
        "session": serializers.UUIDField(allow_null=True),
        "day": serializers.DateField(allow_null=True, help_text="Of the event, for the door; it begins at 04:00."),
        "person": PersonSerializer,
    },
)
NewsSerializer = inline_serializer(
    "CheckIns",
    {
        "moment": serializers.DateTimeField(help_text="Give it as `since` the next time."),
        "count": serializers.IntegerField(help_text="Who came in at the door today."),
        "total": serializers.IntegerField(help_text="Who holds a ticket."),
        "check_ins": serializers.ListField(child=serializers.DictField()),
    },
)
ListSerializer = inline_serializer(
    "CheckInList",
    {
        "sessions": serializers.ListField(child=serializers.DictField()),
        "people": serializers.ListField(child=serializers.DictField()),
        "moment": serializers.DateTimeField(),
        "count": serializers.IntegerField(),
        "total": serializers.IntegerField(),
        "check_ins": serializers.ListField(child=serializers.DictField()),
    },
)
PROBLEM = {(status, CONTENT_TYPE): ProblemSerializer for status in (400, 401, 403, 404, 409, 422)}


class DeskView(APIView):
    """Answers members with the right to the door, by their login and Django's token against forged posts, and
    devices of the event. Everything here is personal: nothing is kept by anybody on the way."""

    authentication_classes = [DeviceAuthentication, SessionAuthentication]
    finds_event = True  # that of a device comes with it

    def desk(self, request: Request, slug: str) -> tuple[Event, Desk]:
        if isinstance(request.auth, Device):
            return event_of_device(request.auth, slug), Desk(request.auth.name)
        event, user = event_read(slug), request.user
        if not isinstance(user, AbstractUser):
            raise NotAuthenticated("Log in to the admin, or send the key of a device.")
        event_write(user, slug, Role.CHECK_IN)
        return event, Desk(user.get_short_name() or user.get_username(), user)

    def handle_exception(self, error: Exception) -> Response:
        if isinstance(error, Http404 | PermissionDenied):
            audit.refuse(self.request._request)
        return super().handle_exception(error)

    def finalize_response(self, *args: Any, **kwargs: Any) -> Any:
        response = super().finalize_response(*args, **kwargs)
        response.headers["Cache-Control"] = "no-store"
        if settings.SESSION_COOKIE_NAME in self.request.COOKIES:  # a new login ends the token of the desk's page
            response.headers["X-CSRFToken"] = get_token(self.request._request)
        return response


def event_of_device(device: Device, slug: str) -> Event:
    if device.event.slug == slug and device.event.is_public:
        return device.event
    event_read(slug)
    raise AuthenticationFailed("This device belongs to another event.")


class CheckIns(DeskView):
    @extend_schema(
        operation_id="list_check_ins",
        summary="Who is in, and what changed since a moment",
        parameters=[OpenApiParameter("since", datetime, description="The `moment` of the last answer.")],
        responses={200: NewsSerializer} | PROBLEM,
    )
    def get(self, request: Request, event: str) -> Response:
        found, _ = self.desk(request, event)
        return Response(news(found, request.query_params.get("since")))

    @extend_schema(
        operation_id="check_in",
        summary="Let somebody in",
        description="A key makes it safe to send again: the same key gets the first answer. 404: no such ticket. "
        "409: the person holds no confirmed seat; `detail` says why.",
        parameters=[OpenApiParameter("Idempotency-Key", str, OpenApiParameter.HEADER)],
        request=CheckInSerializer,
        responses={200: AnswerSerializer, 201: AnswerSerializer} | PROBLEM,
    )
    def post(self, request: Request, event: str) -> Response:
        raw = request.body
        found, desk = self.desk(request, event)
        sent = CheckInSerializer(data=request.data)
        sent.is_valid(raise_exception=True)
        wanted = sent.validated_data
        key = request.headers.get("Idempotency-Key", "")
        if not key:
            return said(*answer(found, wanted, desk))
        if len(key) > repeats.LONGEST:
            raise serializers.ValidationError({"Idempotency-Key": [f"At most {repeats.LONGEST} characters."]})
        try:
            attempt = Attempt(found, SCOPE, key, raw)
            return said(*(repeats.earlier(attempt) or repeats.stored(attempt, lambda: answer(found, wanted, desk))))
        except repeats.RepeatError as error:
            return said(422, body(422, {"detail": str(error)}))


class CheckInDetail(DeskView):
    @extend_schema(operation_id="undo_check_in", summary="Take a check-in back", responses={204: None} | PROBLEM)
    def delete(self, request: Request, event: str, number: int) -> Response:
        found, _ = self.desk(request, event)
        try:
            checkin.undo(found, number)
        except CheckInError as error:
            return said(404, body(404, {"detail": str(error)}))
        return Response(status=204)


class People(DeskView):
    @extend_schema(
        operation_id="list_people",
        summary="The list of a device that may go offline",
        description="`code` is the SHA-256 of the ticket's code: a device knows a ticket by it, and can make none.",
        responses={200: ListSerializer} | PROBLEM,
    )
    def get(self, request: Request, event: str) -> Response:
        found, _ = self.desk(request, event)
        everybody = found.registrations.order_by("name", "pk").select_related("ticket_type")
        return Response(
            {
                "sessions": [{"uuid": one.uuid, "title": one.title} for one in attended.sessions_of(found)],
                "people": [person(one) | {"code": tickets.digest_of(tickets.code_of(one))} for one in everybody],
                **news(found, None),
            }
        )


def said(status: int, answer: dict[str, Any]) -> Response:
    return Response(answer, status, content_type=CONTENT_TYPE if status >= 400 else None)


@transaction.atomic(savepoint=False)
def answer(event: Event, wanted: dict[str, Any], desk: Desk) -> repeats.Answer:
    """Most people are expected: they are found and locked in one query. Others cost more of them."""
    expected = registration_of(wanted, checkin.expected(event))
    found = expected or registration_of(wanted, event.registrations.select_related("ticket_type"))
    session = wanted.get("session")
    if found is None:
        return 404, body(404, {"detail": "This code belongs to no ticket of this event."})
    if session and attended.session_of(event, session) is None:
        return 404, body(404, {"detail": "There is no such session in the program."})
    desk = replace(desk, label=wanted.get("desk", ""))
    let_in = checkin.admit if expected else checkin.check_in
    try:
        outcome = let_in(found, desk, session=session, at=wanted.get("at"))
    except CheckInError as error:
        return 409, body(409, {"detail": str(error)}) | {"person": person(found)}
    return (201 if outcome.is_first else 200), told(outcome, found)


def registration_of(wanted: dict[str, Any], registrations: QuerySet[Registration]) -> Registration | None:
    if "code" in wanted:
        return tickets.registration_of(wanted["code"], registrations)
    return registrations.filter(uuid=wanted["person"]).first()


def told(outcome: Outcome, registration: Registration) -> dict[str, Any]:
    return {
        "result": "in" if outcome.is_first else "already",
        **row(outcome.check_in),
        "person": person(registration),
    }


def row(one: CheckIn) -> dict[str, Any]:
    session, day = str(one.session) if one.session else None, one.day and one.day.isoformat()
    return {"id": one.pk, "at": one.at.isoformat(), "by": one.desk, "session": session, "day": day}


def person(registration: Registration) -> dict[str, Any]:
    return {
        "id": str(registration.uuid),
        "name": registration.name,
        "affiliation": registration.affiliation,
        "ticket_type": registration.ticket_type.name,
        "state": registration.state,
        "holds_seat": registration.holds_seat,
    }


def moment_of(text: str) -> datetime:
    try:
        return cast(datetime, serializers.DateTimeField().run_validation(text))
    except serializers.ValidationError as error:
        raise serializers.ValidationError({"since": error.detail}) from error


def news(event: Event, since: str | None) -> dict[str, Any]:
    """All check-ins that stand, or those made and undone since a moment. Who is in is counted by the day."""
    now = timezone.now()
    changed = CheckIn.objects.filter(event=event).select_related("registration")
    if since:
        start = moment_of(since)
        changed = changed.filter(Q(received_at__gte=start) | Q(undone_at__gte=start))
    else:
        changed = changed.standing()
    return {
        "moment": now - OVERLAP,
        "count": CheckIn.objects.at_the_door().filter(event=event, day=day_of(now, event.zone)).count(),
        "total": event.registrations.with_ticket().count(),
        "check_ins": [
            row(one) | {"person": str(one.registration.uuid), "is_undone": one.undone_at is not None}
            for one in changed.order_by("received_at", "pk")
        ],
    }
