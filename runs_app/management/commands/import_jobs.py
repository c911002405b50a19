"""Plans and applies large imports; an entry point for the portal's own processes."""

from __future__ import annotations

from typing import Any

from runs_app.cli.command import RunsCommand
from runs_app.lifecycle import imports


class Command(RunsCommand):
    help = "Plan and apply the large files that were uploaded in the portal."
    is_service = True

    def handle(self, *args: Any, **options: Any) -> None:
        imports.run_waiting()
