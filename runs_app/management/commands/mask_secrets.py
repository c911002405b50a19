"""Masks secret values in the folders of runs that ended before secrets were masked."""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandParser
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from runs_app.cli.command import RunsCommand
from runs_app.records import older_secrets


class Command(RunsCommand):
    help = (
        "Mask secret values in the folders of runs that ended before secrets were masked. "
        "What MLflow was sent then is named, not changed."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument(
            "--deleted-in-mlflow",
            action="store_true",
            help="the runs that were named are deleted in MLflow: name them no more",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        masked, named = 0, []
        for older in older_secrets.found():
            if older.in_folder:
                older_secrets.mask(older)
                masked += 1
            if older.in_mlflow and options["deleted_in_mlflow"]:
                older_secrets.forget(older.run)
            elif older.in_mlflow:
                named.append(older.run)
        self.stdout.write(
            ngettext(
                "The folder of {count} run was masked.",
                "The folders of {count} runs were masked.",
                masked,
            ).format(count=masked)
        )
        for run in named:
            self.say(
                _("MLflow holds secret values of run {run} in {key}; delete it there.").format(
                    run=run.pk, key=run.mlflow_run_id
                )
            )
