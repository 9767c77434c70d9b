from typing import Any

from django.db import migrations, models

KEPT = {"sessions": "items", "speakers": "people"}


def fill(apps: Any, schema_editor: Any) -> None:
    """From the programs of each release and of those before it."""
    releases = apps.get_model("sessions_app", "Release").objects
    event: int | None = None
    seen: dict[str, dict[str, str]] = {}
    rows = releases.order_by("event_id", "number").only("event_id", "data")
    for release in rows.iterator(chunk_size=1):
        if release.event_id != event:
            event, seen = release.event_id, {kind: {} for kind in KEPT}
        here = {kind: {one["slug"]: one["uuid"] for one in release.data[part]} for kind, part in KEPT.items()}
        earlier = {kind: {slug: seen[kind][slug] for slug in seen[kind].keys() - here[kind].keys()} for kind in KEPT}
        seen = {kind: seen[kind] | here[kind] for kind in KEPT}
        releases.filter(pk=release.pk).update(earlier_addresses=earlier)


class Migration(migrations.Migration):
    dependencies = [("sessions_app", "0007_spell_choices_alike")]

    operations = [
        migrations.AddField(
            "release",
            "earlier_addresses",
            models.JSONField(
                default=dict,
                db_default={},
                help_text="Where sessions and speakers of earlier releases stood, and no other does now: uuids by slug.",
            ),
        ),
        migrations.RunPython(fill, migrations.RunPython.noop),
    ]
