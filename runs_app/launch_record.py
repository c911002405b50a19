"""What is true of a run at its start and may have changed by its end, kept in the run folder."""

from __future__ import annotations

import getpass
import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Self

from runs_app.atomic import write_json
from runs_app.git_commit import head_commit
from runs_app.models import Run

NAME = "launch.json"


@dataclass(frozen=True, kw_only=True)
class LaunchRecord:
    """Names of the registry as they were at the start; unknown ones are empty."""

    directory: str = ""
    experiment: str = ""
    customer: str = ""
    region: str = ""
    plant: str = ""
    zone: str = ""
    task: str = ""
    git_commit: str = ""
    user: str = ""

    @classmethod
    def of(cls, run: Run) -> Self:
        """Read the registry as it is now."""
        experiment = run.experiment
        zone = experiment.zone
        site = zone.site if zone else None
        return cls(
            directory=Path(run.cwd).name,
            experiment=experiment.name,
            customer=site.customer.name if site else "",
            region=site.region if site else "",
            plant=site.plant if site else "",
            zone=zone.name if zone else "",
            task=experiment.task_type,
            git_commit=head_commit(Path(run.cwd)),
            user=run.queued_by.get_username() if run.queued_by else _account(),
        )


def _account() -> str:
    """Return the name of the account this process runs under, '' where it has none."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return ""


def write(run: Run, folder: Path) -> None:
    """Keep the record of `run`; raises OSError."""
    write_json(folder / NAME, asdict(LaunchRecord.of(run)))


def read(run: Run, folder: Path) -> LaunchRecord:
    """Return the record that was kept, or where there is none what the registry says now."""
    try:
        kept = json.loads((folder / NAME).read_text(encoding="utf-8"))
        return LaunchRecord(**kept)
    except (OSError, ValueError, TypeError):
        return LaunchRecord.of(run)
