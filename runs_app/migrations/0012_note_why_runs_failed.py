"""Keep of a failed run why it failed."""

from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("runs_app", "0011_note_what_was_given")]

    operations = [
        migrations.AddField(
            model_name="run",
            name="cause",
            field=models.JSONField(default=dict, verbose_name="cause"),
        ),
    ]
