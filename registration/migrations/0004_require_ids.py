import uuid

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("registration", "0003_fill_admissions_and_ids")]

    operations = [
        migrations.AlterField(
            model_name="registration",
            name="uuid",
            field=models.UUIDField(
                default=uuid.uuid4, editable=False, help_text="Its id in the API; opens nothing.", unique=True
            ),
        ),
    ]
