from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('registry_app', '0032_remember_accepted_losses'),
        ('runs_app', '0032_keep_schedules'),
    ]

    operations = [
        migrations.AddField(
            model_name='run',
            name='collect_next_at',
            field=models.DateTimeField(blank=True, editable=False, null=True),
        ),
        migrations.AddIndex(
            model_name='run',
            index=models.Index(condition=models.Q(('collect_next_at__isnull', False)), fields=['host', 'collect_next_at'], name='run_uncollected'),
        ),
    ]
