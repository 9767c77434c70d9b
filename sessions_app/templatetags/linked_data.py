"""What pages tell machines about the event or session they show, and where else."""

from collections.abc import Iterable

from django import template
from django.utils.safestring import SafeString

from portal.models import Event
from sessions_app.exports import jsonld, untimely
from sessions_app.program import Item
from sessions_app.releases import Published

register = template.Library()


@register.simple_tag
def event_data(event: Event, release: Published | None, guests: Iterable[Event]) -> SafeString:
    return jsonld.script(jsonld.event(event, release, guests))


@register.simple_tag
def untimely_forms(event: Event, release: Published | None) -> set[str]:
    return untimely(event, release)


@register.simple_tag
def session_data(event: Event, release: Published, item: Item) -> SafeString:
    return jsonld.script(jsonld.session(event, release, item))
