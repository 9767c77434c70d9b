from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("sessions_app", "0008_remember_earlier_addresses")]

    operations = [
        migrations.AlterField(
            "release",
            "earlier_addresses",
            models.JSONField(
                default=dict,
                db_default={},
                help_text="Where sessions, speakers and rooms of earlier releases stood, and no other does now: uuids by slug.",
            ),
        ),
    ]
