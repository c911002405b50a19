"""Closes runs whose script has ended; an entry point for the portal's own processes."""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandParser

from runs_app.cli.command import RunsCommand
from runs_app.executors.chosen import executor
from runs_app.lifecycle import reconcile, sending


class Command(RunsCommand):
    help = "Collect and close the runs of this machine whose script has ended."
    is_service = True

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--lock", type=int, metavar="DESCRIPTOR", help="internal")

    def handle(self, *args: Any, **options: Any) -> None:
        # Held so that no command starts another one. Two do no harm: each run has its own lock.
        with sending.FINISHER.at_work(options["lock"]):
            reconcile.finish_ended(executor().place)
            sending.send_what_is_left()  # a worker does so itself
