"""Keep the sub-commands of a script; the next scan fills them in."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("registry_app", "0019_read_summaries_as_messages")]

    operations = [
        migrations.AddField(
            model_name="script",
            name="commands",
            field=models.JSONField(editable=False, null=True),
        )
    ]
