"""Checks stages and carries out promotions; an entry point for the portal's own processes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from portal.core.entry_points import entry_points
from portal.core.run_command import run_command
from registry_app.models import Experiment
from runs_app.cli.command import RunsCommand
from runs_app.parity import stage
from runs_app.promotion.carry_out import run_waiting


class Command(RunsCommand):
    help = "Look whether stages 4 and 5 still hold, and carry out or take back promotions."
    is_service = True

    def handle(self, *args: Any, **options: Any) -> None:
        stage.check_due()
        run_waiting(entry_points_of)


def entry_points_of(experiment: Experiment) -> Mapping[str, Any]:
    """Return the entry points of one experiment, as an export into MLproject writes them."""
    return {
        name: entry
        for name, entry in entry_points().items()
        if (runs := run_command(entry["command"])) is not None
        and runs.experiment == experiment.name
    }
