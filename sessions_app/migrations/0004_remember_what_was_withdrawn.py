from typing import Any

from django.db import migrations, models

KEPT = ("uuid", "id", "slug", "title", "kind", "duration", "block", "offset", "start", "end")
OPEN = {"is_pinned": False, "abstract": "", "level": "", "language": "en", "track": "", "room": "", "speakers": []}


def fill(apps: Any, schema_editor: Any) -> None:
    """From each release's own document, in order; nothing else knows what calendars were told."""
    releases = apps.get_model("sessions_app", "Release").objects
    event: int | None = None
    told: dict[str, Any] = {}
    before: dict[str, Any] = {}
    for release in releases.order_by("event_id", "number").iterator(chunk_size=10):
        if release.event_id != event:
            event, told, before = release.event_id, {}, {}
        here = {row["uuid"]: row for row in release.data["items"]}
        told |= {uuid: withdrawn(row) for uuid, row in before.items() if row["start"]}
        told = {uuid: row for uuid, row in told.items() if uuid not in here}
        before = here
        changes = len(release.changes)
        releases.filter(pk=release.pk).update(withdrawn=list(told.values()), change_count=changes)


def withdrawn(row: dict[str, Any]) -> dict[str, Any]:
    kept = {name: row[name] for name in KEPT}
    return kept | OPEN | {"status": "cancelled", "sequence": row["sequence"] + 1}


class Migration(migrations.Migration):
    dependencies = [("sessions_app", "0003_say_what_is_made_public")]

    operations = [
        migrations.AddField(
            "release", "change_count", models.PositiveIntegerField(default=0, help_text="How many changes there are.")
        ),
        migrations.AddField(
            "release",
            "withdrawn",
            models.JSONField(
                default=list, help_text="Sessions of earlier releases that are gone, as calendars are told of them."
            ),
        ),
        migrations.RunPython(fill, migrations.RunPython.noop),
    ]
