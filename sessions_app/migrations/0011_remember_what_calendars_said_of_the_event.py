from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("sessions_app", "0010_fill_earlier_addresses_of_rooms"),
    ]

    operations = [
        migrations.AddField(
            model_name="release",
            name="event_print",
            field=models.CharField(
                blank=True, db_default="", help_text="Of what calendars say of the event itself.", max_length=16
            ),
        ),
    ]
