"""Errors of the API as application/problem+json (RFC 9457), with a field map where fields are at fault."""

from http import HTTPStatus
from typing import Any

from django.http import JsonResponse
from rest_framework import serializers
from rest_framework.response import Response
from rest_framework.views import exception_handler

from portal.text import printable

CONTENT_TYPE = "application/problem+json"


class ProblemSerializer(serializers.Serializer[dict[str, Any]]):
    """The shape of a problem, for the API's description."""

    type = serializers.CharField()
    title = serializers.CharField()
    status = serializers.IntegerField()
    detail = serializers.CharField(required=False)
    fields = serializers.DictField(child=serializers.ListField(child=serializers.CharField()), required=False)  # type: ignore[assignment]


def handle(error: Exception, context: dict[str, Any]) -> Response | None:
    """DRF's exception handler."""
    response = exception_handler(error, context)
    if response is None:
        return None
    response.data = body(response.status_code, response.data)
    response.content_type = CONTENT_TYPE
    return response


def body(status: int, data: Any = None) -> dict[str, Any]:
    title = HTTPStatus(status).phrase
    found = {"type": "about:blank", "title": title, "status": status}
    if isinstance(data, dict) and set(data) == {"detail"}:
        return found | {"detail": str(data["detail"])}
    return found | {"detail": "Some fields need another value.", "fields": fields_of(data)} if data else found


def fields_of(data: Any, name: str = "") -> dict[str, list[str]]:
    """What is wrong by the name of the field; that of an item goes behind a dot, as in lab_seats.2. Names may be those
    that were sent, and quoted."""
    if not isinstance(data, dict):
        return {printable(name): [printable(str(one)) for one in data]}
    parts = (fields_of(value, f"{name}.{key}" if name else str(key)) for key, value in data.items())
    return {place: said for part in parts for place, said in part.items()}


def problem(status: int, detail: str) -> JsonResponse:
    """For refusals outside DRF's own views, such as an address under /api/ that doesn't exist."""
    return JsonResponse(body(status, {"detail": detail}), status=status, content_type=CONTENT_TYPE)
