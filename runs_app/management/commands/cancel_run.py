"""Cancels a run."""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandParser
from django.utils.translation import gettext as _

from registry_app.messages import Message
from registry_app.reading import word_text
from runs_app.choices import RunStatus
from runs_app.cli.command import RunsCommand
from runs_app.cli.find import run_numbered
from runs_app.exceptions import RefusedError
from runs_app.lifecycle.cancel import cancel
from runs_app.models import Run
from runs_app.texts import requests


class Command(RunsCommand):
    help = "Cancel a run: interrupt, then terminate, then kill, with its grace in between."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("id", metavar="ID", help="number of the run")

    def handle(self, *args: Any, **options: Any) -> None:
        run = run_numbered(options["id"])
        has_effect = cancel(run, user=None)
        run.refresh_from_db()
        if not has_effect:
            raise RefusedError(_no_effect(run))
        if run.status == RunStatus.CANCELLED:
            self.stdout.write(_("Run {run} is cancelled.").format(run=run.pk))
        else:
            self.stdout.write(
                _("Run {run} is being stopped; it has {seconds} s to end by itself.").format(
                    run=run.pk, seconds=run.grace_s
                )
            )


def _no_effect(run: Run) -> Message:
    if run.is_active:
        return requests.RUN_ENDING(run=run.pk)
    return requests.RUN_ENDED(run=run.pk, status=word_text(RunStatus(run.status)))
