from typing import Any

from django.db import migrations, models


def fill(apps: Any, schema_editor: Any) -> None:
    """From the moves that each release and those before it made."""
    releases = apps.get_model("sessions_app", "Release").objects
    event: int | None = None
    starts: dict[str, str] = {}
    rows = releases.order_by("event_id", "number").only("event_id", "changes")
    for release in rows.iterator(chunk_size=10):
        if release.event_id != event:
            event, starts = release.event_id, {}
        moves = [one for one in release.changes if one["kind"] in ("moved", "removed")]
        gone = {one["session"] for one in moves if one["kind"] == "removed"}
        starts |= {one["session"]: one["before"] for one in moves if not one["before"].startswith("+")}
        starts = {uuid: start for uuid, start in starts.items() if uuid not in gone}
        releases.filter(pk=release.pk).update(earlier_starts=starts)


class Migration(migrations.Migration):
    dependencies = [("sessions_app", "0005_release_at_a_set_time")]

    operations = [
        migrations.AddField(
            "release",
            "earlier_starts",
            models.JSONField(
                default=dict, help_text="The clock time that sessions had before they were last moved, by uuid."
            ),
        ),
        migrations.RunPython(fill, migrations.RunPython.noop),
    ]
