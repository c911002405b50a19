"""Keep how a script with several types is told which one is meant; the next scan fills it in."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("registry_app", "0013_remove_sentences_of_reasons")]

    operations = [
        migrations.AddField(
            model_name="script",
            name="type_starts",
            field=models.JSONField(editable=False, null=True),
        )
    ]
