"""Sends ended runs to MLflow; an entry point for the portal's own processes."""

from __future__ import annotations

import sys
from typing import Any

from django.core.management.base import CommandParser

from runs_app.cli.command import RunsCommand
from runs_app.cli.find import run_numbered
from runs_app.tracking import outbox


class Command(RunsCommand):
    help = "Tell MLflow about a run, or about all runs of this machine whose turn it is."
    is_service = True

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("id", metavar="ID", nargs="?", help="number of the run")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["id"] is None:
            outbox.send_due()
        elif not outbox.send(run_numbered(options["id"]).pk, wait=True):
            sys.exit(1)
