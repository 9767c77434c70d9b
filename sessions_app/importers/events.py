"""The event a file is imported into, and its host."""

from dataclasses import fields

from django.core.exceptions import ValidationError

from portal.models import RESERVED_SLUGS, Event
from portal.text import slug as make_slug
from sessions_app.importers.page.people import name_key
from sessions_app.importers.report import ImportFailed, Reading, Remark
from sessions_app.importers.rows import assign, difference
from sessions_app.program import Facts, is_said

FACTS = [field.name for field in fields(Facts) if field.name != "host"]


class EventLoading:
    def __init__(self, reading: Reading) -> None:
        self.reading = reading
        self.facts, self.lines = reading.facts, reading.lines
        self.changes: list[str] = []
        self.kept: list[str] = []

    def at(self, slug: str) -> Event:
        """The event of this address, made or updated. Raises ImportFailed."""
        Event.objects.filter(slug=slug).with_family().lock()
        event = Event.objects.filter(slug=slug).first()
        is_new = event is None
        event = event or Event(slug=slug, is_public=not self.reading.is_hidden)
        values = {name: value for name in FACTS if is_said(value := getattr(self.facts, name))}
        if is_new:
            values.setdefault("title", slug.replace("-", " ").capitalize())
        changed = assign(event, values)
        self.check(event)
        if self.facts.host and event.host is None:
            event.host = self.host_of(event)
            changed.append(("host", None, event.host.title))
        self.tell_other_host(event)
        if is_new:
            event.save()
            self.changes.append(f"new event /{slug}/")
        elif changed:
            event.save(update_fields=[name for name, _, _ in changed])
            self.changes += [f"{name.replace('_', ' ')}: {difference(old, new)}" for name, old, new in changed]
        return event

    def check(self, event: Event) -> None:
        try:
            event.full_clean()
        except ValidationError as error:
            remarks = [
                Remark(self.lines.get(name, self.lines.get("starts_on", 0)), "", f"{name}: {' '.join(messages)}")
                for name, messages in error.message_dict.items()
            ]
            raise ImportFailed(*[named_once(remark) for remark in remarks]) from error

    def host_of(self, event: Event) -> Event:
        """The conference of this name, made where there is none."""
        known = Event.objects.filter(kind=Event.Kind.CONFERENCE).exclude(pk=event.pk)
        host = next((one for one in known if name_key(one.title) == name_key(self.facts.host)), None)
        if host:
            return host
        taken = RESERVED_SLUGS | {event.slug, *Event.objects.values_list("slug", flat=True)}
        slug = make_slug(self.facts.host.replace("_", " "), taken=taken, fallback="host", length=40)
        host = Event(slug=slug, title=self.facts.host, kind=Event.Kind.CONFERENCE, timezone=event.timezone)
        self.check(host)
        host.save()
        self.changes.append(f"new host event /{slug}/: {host.title}")
        return host

    def tell_other_host(self, event: Event) -> None:
        if event.host and self.facts.host and name_key(event.host.title) != name_key(self.facts.host):
            self.kept.append(f"The event belongs to {event.host}, the file says {self.facts.host}.")


def named_once(remark: Remark) -> Remark:
    """Django's messages for the row as a whole have no field to name."""
    return Remark(remark.line, remark.text, remark.reason.removeprefix("__all__: "))
