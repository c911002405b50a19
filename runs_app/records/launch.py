"""What holds for a run at its start and may change by its end, saved in the run folder."""

from __future__ import annotations

import getpass
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from pathlib import Path
from typing import Any

from registry_app.files.core_scripts import PREFIX, copies_folder, is_core
from registry_app.files.git_state import head_commit
from registry_app.models import CoreTrainer, Experiment
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
    # Of a trainer of the core repository: path, commit and digest of its folder.
    core: dict[str, str] = field(default_factory=dict)
    user: str = ""
    # What the script received, without secrets, and the machine it ran on.
    environment: dict[str, str] = field(default_factory=dict)
    machine: dict[str, Any] = field(default_factory=dict)

    @staticmethod
    def of(run: Run, environment: Mapping[str, str] | None = None) -> LaunchRecord:
        """Read the registry as it is now; `environment` is the script's complete environment."""
        return replace(
            names_of(run.experiment, Path(run.cwd)),
            git_commit=head_commit(Path(run.cwd)),
            core=_core(run),
            user=run.queued_by.get_username() if run.queued_by else _account(),
            environment=masked(environment or {}),
            machine=machine_facts(),
        )


def names_of(experiment: Experiment, directory: Path) -> LaunchRecord:
    """Return a record of the names alone, as the registry has them now."""
    zone = experiment.zone
    site = zone.site if zone else None
    return LaunchRecord(
        directory=directory.name,
        experiment=experiment.name,
        customer=site.customer.name if site else "",
        region=site.region if site else "",
        plant=site.plant if site else "",
        zone=zone.name if zone else "",
        task=experiment.task_type,
    )


def _core(run: Run) -> dict[str, str]:
    """Return which trainer of the core repository a run starts, {} for a script of its own.

    The digest is that of the copy in its command; the commit the last one that had this content.
    """
    if not is_core(run.script):
        return {}
    folders = (Path(word).parts for word in run.argv[:3] if copies_folder().name in word)
    digest = next((parts[parts.index(copies_folder().name) + 1] for parts in folders), "")
    path = run.script.removeprefix(PREFIX)
    row = CoreTrainer.objects.filter(path=path, digest=digest).first()
    return {"path": path, "digest": digest, "commit": row.commit if row is not None else ""}


def _account() -> str:
    """Return the name of the account this process runs under, '' if it has none."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return ""


def write(run: Run, folder: Path, environment: Mapping[str, str]) -> None:
    """Save the record of `run`, whose script gets `environment`; raises OSError."""
    write_json(folder / NAME, asdict(LaunchRecord.of(run, environment)))


def read(run: Run, folder: Path) -> LaunchRecord:
    """Return the saved record or, if there is none, what the registry says now."""
    return kept(folder) or LaunchRecord.of(run)


def kept(folder: Path) -> LaunchRecord | None:
    """Return the saved record, None without one that the portal can have written."""
    try:
        return _from_json(json.loads(read_own(folder / NAME)))
    except (OSError, ValueError, TypeError, RecursionError):
        return None


def _from_json(parsed: object) -> LaunchRecord:
    """Return the record in the parsed JSON; raises TypeError if it is not a record."""
    if not isinstance(parsed, dict):
        raise TypeError("not a record")
    names = [field.name for field in fields(LaunchRecord) if field.name in parsed]
    known = {name: parsed[name] for name in names}
    for name, value in known.items():
        if not isinstance(value, dict if name in {"environment", "machine", "core"} else str):
            raise TypeError(name)
    return LaunchRecord(**known)
