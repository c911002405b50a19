"""The sentences of reasons go; their codes and values are there."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("registry_app", "0012_read_sentences_as_messages")]

    operations = [
        migrations.RemoveField(model_name=name, name="reason")
        for name in ("script", "fieldprovenance", "proposal")
    ]
