"""Room for reasons as codes and values beside the sentences."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("registry_app", "0010_keep_large_imports")]

    operations = [
        migrations.AddField(
            model_name=name,
            name="reasons",
            field=models.JSONField(blank=True, default=list, verbose_name="reasons"),
        )
        for name in ("script", "fieldprovenance", "proposal")
    ]
