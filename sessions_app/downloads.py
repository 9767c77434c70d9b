"""The only way to a material's file or link."""

from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse

from portal.models import Event


def material(request: HttpRequest, event: Event, uuid: UUID, token: str | None = None) -> HttpResponse:
    raise Http404("There is no such material.")
