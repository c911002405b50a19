from typing import Any
from uuid import UUID

from django.apps import AppConfig
from django.db import transaction
from django.db.models.signals import post_delete, post_save
from django.utils.translation import gettext_lazy as _


class RunsAppConfig(AppConfig):
    name = "runs_app"
    verbose_name = _("Runs")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Pass the script user to the runner, and notify workers of new scans and imports.

        The registry only stores scans and imports and knows no worker; the runner knows no Django.
        """
        from runs_app.executors import script_user
        from runs_app.runner import other_user

        other_user.let_scripts_run_as(script_user.by_settings)
        post_save.connect(_enqueue_scan, sender="registry_app.ScanJob", dispatch_uid="runs_app")
        from registry_app.imports.signals import worker_wanted
        from runs_app.models.signals import secrets_no_longer_needed

        worker_wanted.connect(_enqueue_import, dispatch_uid="runs_app")
        secrets_no_longer_needed.connect(_remove_secrets, dispatch_uid="runs_app")
        for changed in (post_save, post_delete):
            changed.connect(_main_metric_changed, sender="runs_app.MainMetric", dispatch_uid="runs")
        post_delete.connect(_best_deleted, sender="runs_app.Run", dispatch_uid="runs_app_best")


def _enqueue_scan(instance: Any, created: bool, **_kwargs: Any) -> None:
    if created and instance.finished_at is None:
        from runs_app.queue import broker

        broker.enqueue(broker.Task.SCAN, instance.pk)


def _remove_secrets(run: UUID, **_kwargs: Any) -> None:
    from runs_app.system import secret_values

    secret_values.remove(run)


def _enqueue_import(pk: int, **_kwargs: Any) -> None:
    from runs_app.queue import broker

    broker.enqueue(broker.Task.IMPORT, pk)


def _main_metric_changed(**_kwargs: Any) -> None:
    from runs_app.comparing import basis

    # After the commit: a summary that is stored until then used the old table.
    transaction.on_commit(basis.rule_changed)


def _best_deleted(instance: Any, **_kwargs: Any) -> None:
    if instance.is_best:
        from runs_app.comparing.best import renew_best

        experiment = instance.experiment
        transaction.on_commit(lambda: renew_best(experiment, types=[instance.type]))
