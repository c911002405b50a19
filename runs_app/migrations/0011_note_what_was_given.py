"""Tell the values that were given for a run from those that its script took by itself."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("runs_app", "0010_mask_secrets_of_runs")]

    operations = [
        migrations.AddField(
            model_name="run",
            name="given",
            field=models.JSONField(
                blank=True, editable=False, null=True, verbose_name="given parameters"
            ),
        ),
        migrations.AddField(
            model_name="run",
            name="left_to_script",
            field=models.JSONField(default=dict, editable=False),
        ),
    ]
