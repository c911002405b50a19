"""Read the hidden folders of a directory: its repository and its environments.

Their files are not part of the scan cache, so they are read on every scan.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from registry_app.files.environment_folders import EnvironmentFolder, environment_folders
from registry_app.files.git_state import GitState, git_state


@dataclass(frozen=True, kw_only=True)
class Surroundings:
    environments: tuple[EnvironmentFolder, ...] = ()
    git: GitState | None = None

    def to_json(self) -> dict[str, Any]:
        return {
            "environments": [asdict(environment) for environment in self.environments],
            "git": asdict(self.git) if self.git else {},
        }


def surroundings(directory: Path) -> Surroundings:
    """Return the content of the hidden folders; nothing is executed, and git is not started."""
    return Surroundings(environments=environment_folders(directory), git=git_state(directory))
