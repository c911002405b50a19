"""Closes runs whose script has ended; an entry point for the portal's own processes."""

from __future__ import annotations

from typing import Any

from runs_app.cli.command import RunsCommand
from runs_app.executors.chosen import executor
from runs_app.lifecycle import reconcile, sending
from runs_app.queue import hosts
from runs_app.system import locks

# Outlasts the commands that look whether it is held.
LOCK_TRIES = 20


class Command(RunsCommand):
    help = "Collect and close the runs of this machine whose script has ended."
    is_service = True

    def handle(self, *args: Any, **options: Any) -> None:
        # Held so that no command starts another one. Two do no harm: each run has its own lock.
        with locks.hold(hosts.finish_lock(), tries=LOCK_TRIES):
            reconcile.finish_ended(executor().place)
            sending.send_what_is_left()  # a worker does so itself
