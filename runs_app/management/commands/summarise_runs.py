"""Computes what lists show of runs; an entry point for the portal's own processes."""

from __future__ import annotations

from typing import Any

from runs_app.cli.command import RunsCommand
from runs_app.comparing import background
from runs_app.executors.chosen import executor


class Command(RunsCommand):
    help = "Compute what lists show of the ended runs of this machine, where it is missing."
    is_service = True

    def handle(self, *args: Any, **options: Any) -> None:
        background.run_waiting(executor().place)
