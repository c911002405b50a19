"""Moves run sets on; an entry point for the portal's own processes."""

from __future__ import annotations

from typing import Any

from runs_app.cli.command import RunsCommand
from runs_app.sets import tick


class Command(RunsCommand):
    help = "Move on the run sets of which a step has ended or is due."
    is_service = True

    def handle(self, *args: Any, **options: Any) -> None:
        tick.tick_all()
