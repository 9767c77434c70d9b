from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("registration", "0020_number_places_of_the_whole_event")]

    operations = [migrations.RemoveField(model_name="tickettype", name="queue")]
