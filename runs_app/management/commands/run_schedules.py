"""Starts what is due by a schedule; an entry point for the portal's own processes."""

from __future__ import annotations

from typing import Any

from runs_app.cli.command import RunsCommand
from runs_app.schedules.fire import fire_due


class Command(RunsCommand):
    help = "Start the schedules whose time has come."
    is_service = True

    def handle(self, *args: Any, **options: Any) -> None:
        fire_due()
