from typing import Any

from django.db import migrations, models
from django.db.models import Max, OuterRef, Subquery
from django.db.models.functions import Coalesce


def fill(apps: Any, schema_editor: Any) -> None:
    ticket_types = apps.get_model("registration", "TicketType").objects.order_by()
    last = ticket_types.filter(event=OuterRef("event")).values("event").annotate(last=Max("queue"))
    apps.get_model("registration", "Admission").objects.update(queue=Coalesce(Subquery(last.values("last")), 0))


def give_back(apps: Any, schema_editor: Any) -> None:
    admissions = apps.get_model("registration", "Admission").objects.filter(event=OuterRef("event"))
    apps.get_model("registration", "TicketType").objects.update(queue=Subquery(admissions.values("queue")))


class Migration(migrations.Migration):
    dependencies = [("registration", "0019_count_who_waits")]

    operations = [
        migrations.AddField(
            model_name="admission",
            name="queue",
            field=models.PositiveIntegerField(
                default=0, editable=False, help_text="The last place given out on the waitlist."
            ),
        ),
        migrations.RunPython(fill, give_back),
    ]
