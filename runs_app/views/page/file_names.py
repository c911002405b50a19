"""Names under which files of a run are downloaded, so that those of two runs differ."""

from __future__ import annotations

import re
from fnmatch import fnmatch
from pathlib import PurePosixPath

from runs_app.models import Run
from runs_app.runner.outputs.kinds import WEIGHTS

_PATTERNS = tuple(pattern for patterns in WEIGHTS.values() for pattern in patterns)


def run_name(run: Run) -> str:
    """Return the experiment and the number of a run as part of a file name: `ppe-busan-128`."""
    name = re.sub(r"[^\w.-]+", "-", run.experiment.name).strip("-.") or "run"
    return f"{name}-{run.pk}"


def download_name(run: Run, path: str) -> str:
    """Return the name of a downloaded file; of weights it says of which run they are."""
    name = PurePosixPath(path).name
    is_weights = any(fnmatch(name.lower(), pattern) for pattern in _PATTERNS)
    return f"{run_name(run)}-{name}" if is_weights else name
