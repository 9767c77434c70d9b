"""The right to be forgotten: the one thing that changes what was released."""

import re
from collections.abc import Callable, Iterator
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db import models, transaction
from django.utils.module_loading import import_string

from portal.models import Event
from portal.text import slug as make_slug
from sessions_app.models import Release, Speaker
from sessions_app.program import digest

NAME = "A speaker"
TEXTS = ("slug", "title", "subtitle", "abstract", "prerequisites")  # of a session
CHANGE = ("slug", "title", "before", "after")
LIVE = ("organizers", "overview", "audience", "prerequisites", "additional")  # of an event

type Redact = Callable[[str], str]


def redact(speaker: Speaker) -> int:
    """Take a person out of every release of the event, of its draft and of its outbox: they become "A speaker" with
    nothing told of them, and their full name goes from titles, abstracts, notes and lists of changes. Returns how many
    releases were rewritten. Their digests change, so that no older page is served any more."""
    with transaction.atomic():
        Event.objects.filter(pk=speaker.event_id).with_family().lock()
        event = Event.objects.get(pk=speaker.event_id)
        written_out = out_of(speaker)
        count = sum(rewrite(release, speaker, written_out) for release in event.releases.iterator(chunk_size=1))
        for rows, names in ((event.sessions.all(), TEXTS), (event.speakers.all(), ("biography",))):
            clear_texts(rows, names, written_out)
        if speaker.pk:
            event.mails.filter(context__speaker=speaker.pk).delete()
            clear(speaker)
        Event.objects.filter(pk__in=[event.pk, event.host_id]).renew()
        import_string(settings.REDACTED)(speaker)
        return count


def named(event: Event, name: str) -> list[Speaker]:
    """Everybody of this name, in the draft or in some release."""
    wanted = name.strip().casefold()
    return list({one.uuid: one for one in everybody(event) if one.name.casefold() == wanted}.values())


def everybody(event: Event) -> Iterator[Speaker]:
    """Those in the draft, and as each release has them those who are in it no more and have no row."""
    rows = {str(one.uuid): one for one in event.speakers.all()}
    yield from rows.values()
    for data in event.releases.order_by("number").values_list("data", flat=True).iterator(chunk_size=1):
        for one in data["people"]:
            if one["uuid"] not in rows:
                about = {"name": one["name"], "affiliation": one["affiliation"]}
                yield Speaker(event=event, uuid=UUID(one["uuid"]), **about)


def still_named(speaker: Speaker) -> list[str]:
    """The live texts that name the person too. They are the organizers' own, to be changed by hand."""
    event, name = speaker.event, speaker.name.casefold()
    texts = [event._meta.get_field(one).verbose_name for one in LIVE if name in getattr(event, one).casefold()]  # type: ignore[union-attr]
    materials = [f"material “{one}”" for one in event.materials.filter(title__icontains=speaker.name)]
    return [f"the event's {text}" for text in texts] + materials


def slug_of(speaker: Speaker) -> str:
    return f"speaker-{speaker.uuid.hex[:12]}"


def out_of(speaker: Speaker) -> Redact:
    """Writes the full name out of a text or an address. One of a single word is taken for a name only where it
    stands alone: it may be a word like any other."""
    name, slug = speaker.name.strip(), make_slug(speaker.name)
    in_text = rf"(?<!\w){re.escape(name)}(?!\w)" if " " in name else rf"^{re.escape(name)}(?= \(|$)"
    in_address = rf"(?<![a-z0-9]){slug}(?![a-z0-9])" if "-" in slug else r"(?!)"
    nameless = f"speaker-{speaker.uuid.hex[:4]}"

    def redacted(text: str) -> str:
        return re.sub(in_address, nameless, re.sub(in_text, NAME, text, flags=re.IGNORECASE))

    return redacted


def rewrite(release: Release, speaker: Speaker, written_out: Redact) -> bool:
    """Whether anything in it was about the person."""
    data = release.data
    slugs = {one["slug"]: slug_of(speaker) for one in data["people"] if one["uuid"] == str(speaker.uuid)}
    values = {
        "data": data
        | {"people": [person_without(one, speaker, written_out) for one in data["people"]]}
        | {"items": [item_without(one, slugs, written_out) for one in data["items"]]},
        "changes": [part_without(one, CHANGE, written_out) for one in release.changes],
        "withdrawn": [part_without(one, TEXTS, written_out) for one in release.withdrawn],
        "note": written_out(release.note),
        "earlier_addresses": addresses_without(release.earlier_addresses, speaker, written_out),
    }
    if all(getattr(release, name) == value for name, value in values.items()):
        return False
    mark = digest({"program": values["data"], "stage": release.stage, "number": release.number})
    return bool(Release.objects.filter(pk=release.pk).update(**values, digest=mark))


def person_without(person: dict[str, Any], speaker: Speaker, written_out: Redact) -> dict[str, Any]:
    if person["uuid"] != str(speaker.uuid):
        return part_without(person, ("biography",), written_out)
    told = {"name": NAME, "affiliation": "", "biography": "", "url": ""}
    return {"uuid": str(speaker.uuid), "slug": slug_of(speaker)} | told


def item_without(item: dict[str, Any], slugs: dict[str, str], written_out: Redact) -> dict[str, Any]:
    people = [one | {"person": slugs.get(one["person"], one["person"])} for one in item["speakers"]]
    return part_without(item, (*TEXTS, "links"), written_out) | {"speakers": people}


def addresses_without(known: dict[str, dict[str, str]], speaker: Speaker, written_out: Redact) -> dict[str, Any]:
    """Their own are their name."""
    sessions = {written_out(slug): uuid for slug, uuid in known.get("sessions", {}).items()}
    speakers = {slug: uuid for slug, uuid in known.get("speakers", {}).items() if uuid != str(speaker.uuid)}
    return known and known | {"sessions": sessions, "speakers": speakers}


def part_without(part: dict[str, Any], names: tuple[str, ...], written_out: Redact) -> dict[str, Any]:
    return part | {name: in_all(part[name], written_out) for name in names if name in part}


def in_all(part: Any, written_out: Redact) -> Any:
    match part:
        case dict():
            return {key: in_all(value, written_out) for key, value in part.items()}
        case list():
            return [in_all(value, written_out) for value in part]
        case str():
            return written_out(part)
        case _:
            return part


def clear(speaker: Speaker) -> None:
    """The row in the draft, and its name in the admin's log."""
    entries = LogEntry.objects.filter(content_type=ContentType.objects.get_for_model(Speaker))
    entries.filter(object_id=str(speaker.pk)).update(object_repr=NAME)
    empty = dict.fromkeys(("affiliation", "biography", "url", "email", "source"), "")
    Speaker.objects.filter(pk=speaker.pk).update(name=NAME, slug=slug_of(speaker), **empty)


def clear_texts(rows: models.QuerySet[Any], names: tuple[str, ...], written_out: Redact) -> None:
    changed = []
    for row in rows:
        values = {name: written_out(getattr(row, name)) for name in names}
        if any(getattr(row, name) != value for name, value in values.items()):
            for name, value in values.items():
                setattr(row, name, value)
            changed.append(row)
    rows.model._default_manager.bulk_update(changed, names, batch_size=100)
