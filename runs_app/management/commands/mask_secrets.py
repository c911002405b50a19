"""Masks secret values in the folders of runs from before secrets were masked."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from runs_app.cli.command import RunsCommand
from runs_app.records import older_secrets


class Command(RunsCommand):
    help = (
        "Mask secret values in the folders of runs that ended before secrets were masked. "
        "What MLflow was told then is named, not changed."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        masked, told = 0, []
        for older in older_secrets.found():
            older_secrets.mask(older.run)
            masked += 1
            if older.in_mlflow:
                told.append(older.run)
        self.stdout.write(
            ngettext(
                "The folder of {count} run was masked.",
                "The folders of {count} runs were masked.",
                masked,
            ).format(count=masked)
        )
        for run in told:
            self.say(
                _("MLflow holds secret values of run {run} in {key}; delete it there.").format(
                    run=run.pk, key=run.mlflow_run_id
                )
            )
