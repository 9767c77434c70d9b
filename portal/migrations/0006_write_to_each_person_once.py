from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("portal", "0005_fill_address_keys")]

    operations = [
        migrations.RemoveConstraint(
            model_name="mail",
            name="mail_once_per_occasion",
        ),
        migrations.AddConstraint(
            model_name="mail",
            constraint=models.UniqueConstraint(
                fields=("event", "kind", "address_key", "occasion"), name="mail_once_per_occasion"
            ),
        ),
    ]
