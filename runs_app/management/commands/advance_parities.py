"""Takes comparisons of old and new further; an entry point for the portal's own processes."""

from __future__ import annotations

from typing import Any

from django.utils import timezone

from runs_app.cli.command import RunsCommand
from runs_app.parity.advance import advance_waiting


class Command(RunsCommand):
    help = "Queue the next runs of comparisons of old and new, or store what they found."
    is_service = True

    def handle(self, *args: Any, **options: Any) -> None:
        advance_waiting(timezone.now())
