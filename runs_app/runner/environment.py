"""The environment of a script: what it inherits, without the portal's own variables."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

from runs_app.runner.folder import RunFolder

# A script must not see the portal's own settings and interpreter.
_WITHHELD = frozenset(
    {"DATABASE_URL", "SECRET_KEY", "VIRTUAL_ENV", "PYTHONPATH", "PYTHONHOME", "NOTIFY_SOCKET"}
)
_WITHHELD_PREFIXES = ("DJANGO_", "GUARDIANFLOW_", "MLFLOW_")
# An empty value is no request: Python then writes in blocks, as without the variable.
BUFFERED: Mapping[str, str] = MappingProxyType({"PYTHONUNBUFFERED": ""})
_UNBUFFERED: Mapping[str, str] = MappingProxyType({"PYTHONUNBUFFERED": "1"})
_NONE: Mapping[str, str] = MappingProxyType({})


def script_environment(
    base: Mapping[str, str],
    *,
    interpreter: Path,
    cwd: Path,
    run_id: str,
    folder: RunFolder,
    context_tags: Mapping[str, str],
    own: Mapping[str, str] = _NONE,
) -> dict[str, str]:
    """Return the environment of a script: `base` without the portal's variables.

    `own` are the variables of its entry point, which follow the rules of `arguments.variables`.
    The script's own MLflow calls go to a private store in the run folder, with `context_tags`.
    """
    environment = {
        name: value
        for name, value in base.items()
        if name not in _WITHHELD and not name.startswith(_WITHHELD_PREFIXES)
    }
    path = [str(interpreter.parent), base.get("PATH", os.defpath)]
    return {
        **environment,
        # Output is read while the script runs, and what a killed script holds back is lost.
        **_UNBUFFERED,
        **own,
        "PATH": os.pathsep.join(filter(None, path)),
        # As in a shell: the inherited value names the worker's folder.
        "PWD": str(cwd),
        "GUARDIANFLOW_RUN_ID": run_id,
        "GUARDIANFLOW_RECORD_DIR": str(folder.trainer),
        "MLFLOW_TRACKING_URI": folder.child_store.as_uri(),
        "MLFLOW_ALLOW_FILE_STORE": "true",
        "MLFLOW_RUN_CONTEXT": json.dumps(dict(context_tags)),
    }
