from typing import Any

from django.db import migrations

from portal.text import slug as make_slug


def fill(apps: Any, schema_editor: Any) -> None:
    """From the programs of each release and of those before it."""
    releases = apps.get_model("sessions_app", "Release").objects
    event: int | None = None
    seen: dict[str, str] = {}
    rows = releases.order_by("event_id", "number").only("event_id", "data", "earlier_addresses")
    for release in rows.iterator(chunk_size=1):
        if release.event_id != event:
            event, seen = release.event_id, {}
        here = rooms(release.data)
        earlier = {slug: uuid for slug, uuid in seen.items() if slug not in here}
        seen |= here
        releases.filter(pk=release.pk).update(earlier_addresses=release.earlier_addresses | {"rooms": earlier})


def rooms(data: dict[str, Any]) -> dict[str, str]:
    """Where the rooms in use stood: the address of a room is made of its name."""
    used = {item["room"] for item in data["items"]}
    found: dict[str, str] = {}
    for room in data["rooms"]:
        if room["uuid"] in used:
            found[make_slug(room["name"], taken=set(found), fallback="room")] = room["uuid"]
    return found


class Migration(migrations.Migration):
    dependencies = [("sessions_app", "0009_remember_earlier_addresses_of_rooms")]

    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
