from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db import migrations, models
from django.db.models import Exists, F, OuterRef, Q

DAY_BEGINS = timedelta(hours=4)


def fill(apps: Any, schema_editor: Any) -> None:
    check_ins = apps.get_model("registration", "CheckIn")
    rows = check_ins.objects.filter(session=None, day=None).select_related("event").order_by("pk")
    while some := list(rows[:1000]):
        for one in some:
            local = one.at.astimezone(ZoneInfo(one.event.timezone)).replace(tzinfo=None)
            one.day = (local - DAY_BEGINS).date()
        check_ins.objects.bulk_update(some, ["day"])


def undo_later_days(apps: Any, schema_editor: Any) -> None:
    """Before, the door let in once: the first day stays."""
    door = apps.get_model("registration", "CheckIn").objects.filter(session=None, undone_at=None)
    earlier = door.filter(registration=OuterRef("registration"), day__lt=OuterRef("day"))
    door.filter(Exists(earlier)).update(undone_at=F("received_at"))


class Migration(migrations.Migration):
    dependencies = [("registration", "0011_say_who_is_tied_to_a_session")]

    operations = [
        migrations.AddField(
            model_name="checkin",
            name="day",
            field=models.DateField(blank=True, help_text="Of the event, for the door; empty for a session.", null=True),
        ),
        migrations.RemoveConstraint(model_name="checkin", name="checked_in_once"),
        migrations.RunPython(fill, undo_later_days),
        migrations.AddConstraint(
            model_name="checkin",
            constraint=models.UniqueConstraint(
                fields=["registration", "day"], condition=Q(session=None, undone_at=None), name="checked_in_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="checkin",
            constraint=models.CheckConstraint(
                condition=Q(session=None, day__isnull=False) | Q(session__isnull=False, day=None),
                name="the_door_has_days",
            ),
        ),
    ]
