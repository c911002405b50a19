"""Sends ended runs to MLflow; an entry point for the worker's own processes."""

from __future__ import annotations

import os
from typing import Any

from runs_app.cli.command import RunsCommand
from runs_app.system.parent_death import die_with_parent
from runs_app.tracking import sender

# No user waits for it; launches and pages do not wait for its CPU time either.
NICENESS = 10


class Command(RunsCommand):
    help = "Tell MLflow about the ended runs of this machine, until none was due for a while."
    is_service = True

    def handle(self, *args: Any, **options: Any) -> None:
        # Else a sender that outlived its worker would go on next to a second one.
        die_with_parent(os.getppid())
        os.nice(NICENESS)
        sender.serve()
