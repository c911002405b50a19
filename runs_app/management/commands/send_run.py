"""Sends ended runs to MLflow; an entry point for the portal's own processes."""

from __future__ import annotations

import sys
from typing import Any

from django.core.management.base import CommandParser

from runs_app.cli.command import RunsCommand
from runs_app.cli.find import run_numbered
from runs_app.executors.chosen import executor
from runs_app.lifecycle import sending
from runs_app.tracking import outbox


class Command(RunsCommand):
    help = "Tell MLflow about a run, or about all runs of this machine whose turn it is."
    is_service = True

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("id", metavar="ID", nargs="?", help="number of the run")
        parser.add_argument("--lock", type=int, metavar="DESCRIPTOR", help="internal")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["id"] is None:
            self._send_due(options["lock"])
        elif not outbox.send(run_numbered(options["id"]).pk, wait=True):
            sys.exit(1)

    def _send_due(self, handed: int | None) -> None:
        """Send what is due, then what became due before the lock was let go.

        A command that saw the lock held has left its run to this process.
        """
        tried: set[int] = set()
        while True:
            with sending.SENDER.at_work(handed):
                outbox.send_due(tried=tried)
            handed = None
            if not outbox.due(executor().place).exclude(pk__in=tried).exists():
                return
