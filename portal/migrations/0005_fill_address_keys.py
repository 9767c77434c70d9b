from typing import Any

from django.db import migrations

from portal.text import address_key

STEP = 2000


def fill(apps: Any, schema_editor: Any) -> None:
    Mail = apps.get_model("portal", "Mail")
    missing = Mail.objects.filter(address_key="").order_by("pk")
    while rows := list(missing.only("pk", "address")[:STEP]):
        for row in rows:
            row.address_key = address_key(row.address)
        Mail.objects.bulk_update(rows, ["address_key"])


class Migration(migrations.Migration):
    dependencies = [("portal", "0004_tie_mails_to_mailings")]

    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
