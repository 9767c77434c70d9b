from typing import Any
from uuid import uuid4

from django.db import migrations
from django.db.models import Sum


def fill(apps: Any, schema_editor: Any) -> None:
    ticket_types, admissions, registrations = (
        apps.get_model("registration", name) for name in ("TicketType", "Admission", "Registration")
    )
    totals = ticket_types.objects.order_by().values("event").annotate(total=Sum("taken"))
    for row in totals:
        admissions.objects.get_or_create(event_id=row["event"], defaults={"taken": row["total"]})
    rows = registrations.objects.filter(uuid=None).only("pk").order_by("pk")
    while some := list(rows[:1000]):
        for one in some:
            one.uuid = uuid4()
        registrations.objects.bulk_update(some, ["uuid"])


class Migration(migrations.Migration):
    dependencies = [("registration", "0002_admission_questions_labs")]

    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
