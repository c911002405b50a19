"""List what scans leave out, and keep what people decide about it; the next scan fills the list."""

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

import registry_app.models.message_field


class Migration(migrations.Migration):
    dependencies = [
        ("registry_app", "0035_keep_a_vocabulary"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="LeftOutChild",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("path", models.CharField(max_length=4096, verbose_name="path")),
                ("root", models.CharField(max_length=4096, verbose_name="root")),
                ("code", models.CharField(max_length=60, verbose_name="reason")),
                (
                    "reason",
                    registry_app.models.message_field.MessageField(
                        blank=True, default=None, editable=False, verbose_name="reason"
                    ),
                ),
            ],
            options={
                "verbose_name": "left out directory",
                "verbose_name_plural": "left out directories",
                "ordering": ("path",),
                "default_permissions": (),
                "constraints": [
                    models.UniqueConstraint(fields=("path",), name="one_left_out_child_per_path")
                ],
            },
        ),
        migrations.CreateModel(
            name="ScanDecision",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("path", models.CharField(max_length=4096, verbose_name="path")),
                (
                    "decision",
                    models.CharField(
                        choices=[("add", "Drafted by every scan"), ("never", "Never listed")],
                        max_length=10,
                        verbose_name="decision",
                    ),
                ),
                (
                    "at",
                    models.DateTimeField(
                        default=django.utils.timezone.now, editable=False, verbose_name="at"
                    ),
                ),
                (
                    "by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="by",
                    ),
                ),
            ],
            options={
                "verbose_name": "decision about a directory",
                "verbose_name_plural": "decisions about directories",
                "ordering": ("-at", "-pk"),
                "default_permissions": (),
                "constraints": [
                    models.UniqueConstraint(fields=("path",), name="one_scan_decision_per_path")
                ],
            },
        ),
    ]
