"""Shows the output of a run, also while it is running."""

from __future__ import annotations

import sys
import time
from typing import Any

from django.core.management.base import CommandParser
from django.utils.translation import gettext as _

from runs_app.choices import RunStatus
from runs_app.cli.command import RunsCommand, byte_sink
from runs_app.cli.exit_status import INTERRUPTED
from runs_app.cli.find import run_numbered
from runs_app.exceptions import RefusedError
from runs_app.executors.base import folder_of
from runs_app.executors.chosen import is_ours
from runs_app.lifecycle import without_worker
from runs_app.models import Run
from runs_app.records.logs.reader import LogReader
from runs_app.records.logs.text import ReadableLines

POLL_S = 0.3


class Command(RunsCommand):
    help = "Show the output of a run as the script wrote it; lines in CP949 become UTF-8."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("id", metavar="ID", help="number of the run")
        parser.add_argument("--follow", action="store_true", help="go on until the script ends")
        # Django takes an option named `stderr` for a stream.
        parser.add_argument(
            "--stderr", dest="errors", action="store_true", help="its errors instead"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        run = run_numbered(options["id"])
        folder = folder_of(run)
        if run.status == RunStatus.QUEUED and not options["follow"]:
            self.say(_("Run {run} has not started yet.").format(run=run.pk))
        elif not run.is_active and not folder.path.is_dir():
            raise RefusedError(_no_folder(run))
        reader = LogReader(folder.stderr if options["errors"] else folder.stdout)
        shown = ReadableLines(byte_sink(self.stdout, outlives_reader=False))
        try:
            while True:
                is_complete = not options["follow"] or _has_ended(run)
                has_more = reader.pump(shown.write)
                if not has_more:
                    shown.flush(is_end=is_complete)
                if is_complete and not has_more:
                    return
                if not has_more:
                    time.sleep(POLL_S)
        except KeyboardInterrupt:
            sys.exit(INTERRUPTED)


def _has_ended(run: Run) -> bool:
    """Return whether the output is complete; the run folder shows it before the row does."""
    if folder_of(run).exit_record() is not None:
        return True
    without_worker.look_at([run])  # nobody else notices that a supervisor was killed
    run.refresh_from_db(fields=["status"])
    return run.status == RunStatus.FINALIZING or not run.is_active


def _no_folder(run: Run) -> str:
    if is_ours(run):
        return _("The folder of run {run} is gone, and its logs with it.").format(run=run.pk)
    return _("The logs of run {run} are not on this machine; it was on {host}.").format(
        run=run.pk, host=run.host or _("no machine")
    )
