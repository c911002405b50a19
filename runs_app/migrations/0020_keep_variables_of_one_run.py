"""Keep the environment variables that were given for one run."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("runs_app", "0019_read_more_sentences_as_messages")]

    operations = [
        migrations.AddField(
            model_name="run",
            name="given_environment",
            field=models.JSONField(default=dict, editable=False),
        )
    ]
