"""Starts the worker of this machine."""

from __future__ import annotations

import sys
from typing import Any

from django.core.management.base import CommandParser

from runs_app.cli.command import RunsCommand
from runs_app.worker.parent import Part, run_part, work


class Command(RunsCommand):
    help = "Run the worker of this machine: it starts queued runs and closes ended ones."
    is_service = True

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--new-database",
            action="store_true",
            help="begin with the empty PostgreSQL database that DATABASE_URL names, although "
            "there are folders of runs",
        )
        parser.add_argument("--part", choices=[str(part) for part in Part], help="internal")
        parser.add_argument("--parent", type=int, help="internal")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["part"]:
            sys.exit(run_part(Part(options["part"]), parent_pid=options["parent"]))
        sys.exit(work())
