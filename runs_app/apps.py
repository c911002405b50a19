from typing import Any

from django.apps import AppConfig
from django.db.models.signals import post_save
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from runs_app.runner import language


class RunsAppConfig(AppConfig):
    name = "runs_app"
    verbose_name = _("Runs")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Let the runner speak as the portal does, and a worker hear of scans and imports.

        The registry writes them down and knows no worker; the runner knows no Django.
        """
        from runs_app.executors import script_user
        from runs_app.runner import other_user

        language.speak_by(gettext)
        other_user.let_scripts_run_as(script_user.by_settings)
        post_save.connect(_ring_for_scan, sender="registry_app.ScanJob", dispatch_uid="runs_app")
        from registry_app.imports.job import worker_wanted

        worker_wanted.connect(_ring_for_import, dispatch_uid="runs_app")


def _ring_for_scan(instance: Any, created: bool, **_kwargs: Any) -> None:
    if created and instance.finished_at is None:
        from runs_app.queue import doorbell

        doorbell.ring(doorbell.Task.SCAN, instance.pk)


def _ring_for_import(pk: int, **_kwargs: Any) -> None:
    from runs_app.queue import doorbell

    doorbell.ring(doorbell.Task.IMPORT, pk)
