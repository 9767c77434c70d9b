from typing import Any

from django.db import migrations, models

WORDS = {"yes": "yes", "true": "yes", "no": "no", "false": "no"}


def spell(apps: Any, schema_editor: Any) -> None:
    """As the answers they mean are spelled, which from now on is the only way."""
    rows = apps.get_model("registration", "Question").objects.filter(depends_on__isnull=False)
    for row in rows.exclude(depends_value="").select_related("depends_on"):
        texts = list(row.depends_on.choices.values_list("text", flat=True))
        known = WORDS if row.depends_on.kind in ("yes_no", "consent") else {one.casefold(): one for one in texts}
        if row.depends_value not in texts and row.depends_value.casefold() in known:
            row.depends_value = known[row.depends_value.casefold()]
            row.save(update_fields=["depends_value"])


class Migration(migrations.Migration):
    dependencies = [("registration", "0012_count_the_door_by_day")]

    operations = [
        migrations.AlterField(
            model_name="question",
            name="depends_value",
            field=models.CharField(
                blank=True,
                help_text="A choice; “yes” or “no”; empty: by anything but “no”.",
                max_length=200,
                verbose_name="answered by",
            ),
        ),
        migrations.RunPython(spell, migrations.RunPython.noop),
    ]
