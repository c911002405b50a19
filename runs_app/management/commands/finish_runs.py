"""Closes runs whose script has ended; a door for the portal's own processes."""

from __future__ import annotations

from typing import Any

from django.conf import settings

from runs_app.cli.command import RunsCommand
from runs_app.lifecycle import reconcile


class Command(RunsCommand):
    help = "Collect and close the runs of this machine whose script has ended."
    is_service = True

    def handle(self, *args: Any, **options: Any) -> None:
        reconcile.finish_ended(settings.GUARDIANFLOW_HOST)
