"""What a scan reads of hidden folders: the repository and the environments of a directory.

Their files are no part of what is kept from one scan to the next, so they are read each time.
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
            "environments": [asdict(one) for one in self.environments],
            "git": asdict(self.git) if self.git else {},
        }


def surroundings(directory: Path) -> Surroundings:
    """Return what hidden folders say; nothing of them is run, and git is not started."""
    return Surroundings(environments=environment_folders(directory), git=git_state(directory))
