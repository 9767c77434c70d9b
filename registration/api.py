"""Registering by API: the same questions, the same booking, and the same answer whether or not an address is known."""

from functools import partial
from typing import Any
from uuid import uuid4

from django.urls import reverse
from drf_spectacular.utils import (
    OpenApiParameter,
    OpenApiResponse,
    extend_schema,
    extend_schema_field,
    inline_serializer,
)
from rest_framework import serializers
from rest_framework.exceptions import ParseError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from portal.links import absolute
from portal.models import Event
from portal.problems import CONTENT_TYPE, ProblemSerializer, body
from portal.rates import TooOften
from registration import booking, consents, limits, repeats, seating
from registration.alike import print_of
from registration.booking import BookingError
from registration.forms import PREFIX, RegisterForm
from registration.guests import Guests
from registration.models import Question
from registration.reception import Reception
from registration.repeats import Attempt
from registration.turns import Wish, turn

SCOPE = "registrations"
NEEDS_FILE = "This ticket asks for a file, and only the page takes files: {}"
PROBLEM = {(status, CONTENT_TYPE): ProblemSerializer for status in (400, 404, 409, 422)}
WAIT = OpenApiResponse(ProblemSerializer, "Too often; `Retry-After` says how many seconds to wait.")


@extend_schema_field({"oneOf": [{"type": "string"}, {"type": "integer"}]})
class TicketField(serializers.Field[Any, Any, Any, Any]):
    """The name of a ticket type, or its number."""

    def to_internal_value(self, data: Any) -> str:
        if isinstance(data, bool) or not isinstance(data, str | int):
            raise serializers.ValidationError("Give the name of a ticket, or its number.")
        return str(data)

    def to_representation(self, value: Any) -> Any:
        return value


class RegistrationSerializer(serializers.Serializer[Any]):
    """What is sent. `answers` go by the keys of the questions, `lab_seats` by the slugs or uuids of sessions."""

    name = serializers.CharField(allow_blank=True)
    email = serializers.CharField(allow_blank=True)
    affiliation = serializers.CharField(required=False, allow_blank=True, default="")
    language = serializers.CharField(
        required=False,
        allow_blank=True,
        default="",
        help_text="Of mails, where the event writes in several: the code of one of these, such as de. Else its first.",
    )
    ticket_type = TicketField(required=False, allow_null=True, default=None)
    access_code = serializers.CharField(required=False, allow_blank=True, default="")
    answers = serializers.DictField(required=False, default=dict)
    lab_seats = serializers.ListField(child=serializers.CharField(), required=False, default=list, max_length=100)


WISHES = RegistrationSerializer()  # its fields are made once

RegisteredSerializer = inline_serializer(
    "Registered",
    {
        "id": serializers.UUIDField(),
        "state": serializers.ChoiceField(["pending", "confirmed", "waitlisted", "awaiting_approval"]),
        "position": serializers.IntegerField(allow_null=True, help_text="On the waitlist; 1 is the first."),
    },
)


LabListSerializer = inline_serializer(
    "LabList",
    {
        "labs": inline_serializer(
            "Lab",
            {
                "session": serializers.UUIDField(),
                "slug": serializers.CharField(),
                "title": serializers.CharField(),
                "state": serializers.ChoiceField(["open", "few", "full"], help_text="Few: at most a tenth is left."),
                "capacity": serializers.IntegerField(),
                "left": serializers.IntegerField(help_text="For who comes now: 0 where people wait."),
                "waiting": serializers.IntegerField(),
            },
            many=True,
        )
    },
)


class Labs(APIView):
    @extend_schema(
        operation_id="list_labs",
        summary="The sessions with seats of their own, and how many are left",
        description="As things stand this moment, so no cache keeps it.",
        responses={200: LabListSerializer, (404, CONTENT_TYPE): ProblemSerializer},
    )
    def get(self, request: Request, event: Event) -> Response:
        return Response({"labs": seating.lab_figures(event)}, headers={"Cache-Control": "no-store"})


class Registrations(APIView):
    @extend_schema(
        operation_id="register",
        summary="Register somebody",
        description="The person is mailed a link that confirms and changes everything. An address that is registered "
        "already gets the answer a new one would get, and a mail with its link. With an `Idempotency-Key` it is safe "
        "to send again: the same key gets the first answer; with another body it is refused with 422. A ticket whose "
        "questions require a file can't be had here; the error at that question has the address of the page that "
        "takes it.",
        parameters=[OpenApiParameter("Idempotency-Key", str, OpenApiParameter.HEADER)],
        request=RegistrationSerializer,
        responses={201: RegisteredSerializer, **PROBLEM, (429, CONTENT_TYPE): WAIT},
    )
    def post(self, request: Request, event: Event) -> Response:
        return self.answer(request, event, request.body)

    def answer(self, request: Request, event: Event, raw: bytes) -> Response:
        """What was answered before is no further try, and counts as none."""
        key = request.headers.get("Idempotency-Key", "")
        if len(key) > repeats.LONGEST:
            raise serializers.ValidationError({"Idempotency-Key": [f"At most {repeats.LONGEST} characters."]})
        try:
            attempt = Attempt(event, SCOPE, key, raw)
            status, answer = repeats.earlier(attempt) or register(request, attempt)
        except TooOften as error:
            return problem(429, str(error), **{"Retry-After": str(error.wait)})
        except repeats.RepeatError as error:
            return problem(422, str(error))
        except BookingError as error:
            if error.field:
                place = error.field if error.field in WISHES.fields else f"answers.{error.field}"
                raise serializers.ValidationError({place: [str(error)]}) from error
            return problem(409, str(error))
        return Response(answer, status, headers={"Cache-Control": "no-store"})


def readable(request: Request) -> dict[str, Any]:
    if not isinstance(request.data, dict):
        raise ParseError("Send one JSON object.")
    return request.data


def register(request: Request, attempt: Attempt) -> repeats.Answer:
    sent = WISHES.run_validation(readable(request))
    limits.on_registering(request, sent["email"])
    limits.on_code(request, sent["access_code"])
    wanted = sent | {"client": print_of(request, attempt.event)}
    wish = Wish(attempt, sent["email"], partial(act, wanted))
    try:
        answer = turn.take(wish)
    except serializers.ValidationError as error:
        if sent["access_code"] and "access_code" in error.detail:
            limits.on_wrong_code(request)
        raise
    if wish.is_repeat:  # of one that was waiting too
        limits.on_repeat(request, sent["email"])
    return answer


def act(wanted: dict[str, Any], reception: Reception, guests: Guests) -> repeats.Answer:
    """The answer is what a new person would get, read under the lock before anything is done; so nobody learns from it
    whether this one is new."""
    details = checked(reception, wanted)
    ticket_type = reception.locked(details.pop("ticket_type"))
    state, position = booking.outlook(ticket_type)
    uuid = uuid4()
    booking.book(ticket_type, **details, uuid=uuid, source=consents.API, client=wanted["client"], guests=guests)
    return 201, {"id": str(uuid), "state": state, "position": position}


def checked(reception: Reception, wanted: dict[str, Any]) -> dict[str, Any]:
    """By the form of the page, so that both take the same. Raises ValidationError with the names of the API."""
    tickets = {one.name: one.pk for one in reception.visible(wanted["access_code"])}
    labs = {name: lab.pk for lab, item in reception.labs for name in (item.slug, item.uuid)}
    answers = {PREFIX + key: value for key, value in wanted["answers"].items()}
    data = wanted | answers | {"lab_seats": [labs.get(one, one) for one in wanted["lab_seats"]]}
    data["ticket_type"] = tickets.get(wanted["ticket_type"], wanted["ticket_type"])
    form = RegisterForm(reception, data)
    errors = {name.replace(PREFIX, "answers.", 1): [*map(str, said)] for name, said in form.errors.items()}
    for question in [one for one in form.questions if one.kind == Question.Kind.FILE]:
        name = f"answers.{question.key}"
        if name in errors or wanted["answers"].get(question.key):
            errors[name] = [NEEDS_FILE.format(absolute(reverse("registration:register", args=[reception.event.slug])))]
    for name in answers.keys() - form.fields.keys():
        errors[name.replace(PREFIX, "answers.", 1)] = ["There is no such question."]
    if wanted["lab_seats"] and "lab_seats" not in form.fields:
        errors["lab_seats"] = ["There are no lab seats to choose."]
    if wanted["language"] and "language" not in form.fields:
        errors["language"] = ["This event doesn't let people choose the language of mails."]
    if wanted["ticket_type"] is not None and str(data["ticket_type"]) not in form.tickets:
        errors["ticket_type"] = ["There is no such ticket."]
    if errors:
        raise serializers.ValidationError(errors)
    return form.details


def problem(status: int, detail: str, **headers: str) -> Response:
    return Response(body(status, {"detail": detail}), status, content_type=CONTENT_TYPE, headers=headers)
