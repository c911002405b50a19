"""Runs scans requested in the portal; an entry point for the portal's own processes."""

from __future__ import annotations

from typing import Any

from runs_app.cli.command import RunsCommand
from runs_app.lifecycle import scans


class Command(RunsCommand):
    help = "Carry out the scans that were asked for in the portal."
    is_service = True

    def handle(self, *args: Any, **options: Any) -> None:
        scans.run_waiting()
