from typing import Any

from django.db import migrations, models
from django.db.models import Count, OuterRef, Subquery
from django.db.models.functions import Coalesce


def fill(apps: Any, schema_editor: Any) -> None:
    registrations = apps.get_model("registration", "Registration").objects.filter(state="waitlisted").order_by()
    counted = registrations.filter(ticket_type=OuterRef("pk")).values("ticket_type").annotate(number=Count("pk"))
    apps.get_model("registration", "TicketType").objects.update(waiting=Coalesce(Subquery(counted.values("number")), 0))


class Migration(migrations.Migration):
    dependencies = [("registration", "0018_keep_no_index_that_another_begins_with")]

    operations = [
        migrations.AddField(
            model_name="tickettype",
            name="waiting",
            field=models.PositiveIntegerField(default=0, editable=False, help_text="How many are on the waitlist."),
        ),
        migrations.RunPython(fill, migrations.RunPython.noop),
    ]
