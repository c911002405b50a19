"""Keep the parameters of each sub-command of a script; the next scan fills them in."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("registry_app", "0033_buffer_output_where_asked")]

    operations = [
        migrations.AddField(
            model_name="script",
            name="command_parameters",
            field=models.JSONField(default=dict, editable=False),
        )
    ]
