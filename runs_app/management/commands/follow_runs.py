"""Follows the scripts that run on this machine; an entry point for the portal's own processes."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from django.conf import settings

from runs_app.cli.command import RunsCommand
from runs_app.executors.chosen import executor
from runs_app.system import locks
from runs_app.system.parent_death import die_with_parent
from runs_app.tracking import live


class Command(RunsCommand):
    help = "Follow the metrics of the scripts that run on this machine, until there is none."
    is_service = True

    def handle(self, *args: Any, **options: Any) -> None:
        # Else a follower that outlived its worker would run next to a second follower.
        die_with_parent(os.getppid())
        with locks.hold(Path(settings.GUARDIANFLOW_HOME) / "follow.lock") as ours:
            if ours:
                live.follow(executor().place)
