"""Shows what a run printed, also while it prints."""

from __future__ import annotations

import sys
import time
from typing import Any

from django.conf import settings
from django.core.management.base import CommandParser
from django.utils.translation import gettext as _

from runs_app.choices import RunStatus
from runs_app.cli.command import RunsCommand, byte_sink
from runs_app.cli.exit_status import INTERRUPTED
from runs_app.cli.find import run_numbered
from runs_app.exceptions import RefusedError
from runs_app.executors import local
from runs_app.models import Run
from runs_app.records.log_reader import LogReader

POLL_S = 0.3


class Command(RunsCommand):
    help = "Show the output of a run, byte by byte as the script wrote it."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("id", metavar="ID", help="number of the run")
        parser.add_argument("--follow", action="store_true", help="go on until the script ends")
        # Django takes an option of the name `stderr` for a stream.
        parser.add_argument(
            "--stderr", dest="errors", action="store_true", help="its errors instead"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        run = run_numbered(options["id"])
        folder = local.folder_of(run)
        if run.status == RunStatus.QUEUED and not options["follow"]:
            self.say(_("Run {run} has not started yet.").format(run=run.pk))
        elif not run.is_active and not folder.path.is_dir():
            raise RefusedError(_no_folder(run))
        reader = LogReader(folder.stderr if options["errors"] else folder.stdout)
        sink = byte_sink(self.stdout, outlives_reader=False)
        try:
            while True:
                is_complete = not options["follow"] or _has_ended(run)
                has_more = reader.pump(sink)
                if is_complete and not has_more:
                    return
                if not has_more:
                    time.sleep(POLL_S)
        except KeyboardInterrupt:
            sys.exit(INTERRUPTED)


def _has_ended(run: Run) -> bool:
    """Whether nothing more will be printed; the folder knows it before the row does."""
    if local.folder_of(run).exit_record() is not None:
        return True
    run.refresh_from_db(fields=["status"])
    return not run.is_active


def _no_folder(run: Run) -> str:
    if run.host == settings.GUARDIANFLOW_HOST:
        return _("The folder of run {run} is gone, and its logs with it.").format(run=run.pk)
    return _("The logs of run {run} are not on this machine; it was on {host}.").format(
        run=run.pk, host=run.host or _("no machine")
    )
