"""What is true of a run at its start and may have changed by its end, kept in the run folder."""

from __future__ import annotations

import getpass
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any, Self

from registry_app.files.git_state import head_commit
from runs_app.models import Run
from runs_app.runner.machine import machine_facts
from runs_app.runner.own_file import read_own
from runs_app.runner.source.masking import masked
from runs_app.system.files import write_json

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
    # What the script was given, without secrets, and what it ran on.
    environment: dict[str, str] = field(default_factory=dict)
    machine: dict[str, Any] = field(default_factory=dict)

    @classmethod
    def of(cls, run: Run, environment: Mapping[str, str] | None = None) -> Self:
        """Read the registry as it is now; `environment` is the script's whole one."""
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
            environment=masked(environment or {}),
            machine=machine_facts(),
        )


def _account() -> str:
    """Return the name of the account this process runs under, '' where it has none."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return ""


def write(run: Run, folder: Path, environment: Mapping[str, str]) -> None:
    """Keep the record of `run`, whose script gets `environment`; raises OSError."""
    write_json(folder / NAME, asdict(LaunchRecord.of(run, environment)))


def read(run: Run, folder: Path) -> LaunchRecord:
    """Return the record that was kept, or where there is none what the registry says now.

    One that the portal cannot have written counts as none.
    """
    try:
        kept = json.loads(read_own(folder / NAME))
        return _from_json(kept)
    except (OSError, ValueError, TypeError, RecursionError):
        return LaunchRecord.of(run)


def _from_json(kept: object) -> LaunchRecord:
    """Return the record in what was read; raises TypeError for what is none."""
    if not isinstance(kept, dict):
        raise TypeError("not a record")
    known = {one.name: kept[one.name] for one in fields(LaunchRecord) if one.name in kept}
    for name, value in known.items():
        if not isinstance(value, dict if name in {"environment", "machine"} else str):
            raise TypeError(name)
    return LaunchRecord(**known)
