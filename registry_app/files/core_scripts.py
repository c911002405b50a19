"""Scripts of the core repository that an entry point starts: `core:trainers/NAME/trainer.py`.

The portal keeps a copy of each trainer's folder in its data directory, under the SHA-256 of its
content. So a copy never changes, and a run that was queued starts what was confirmed.
"""

from __future__ import annotations

import re
from pathlib import Path

from django.conf import settings

from registry_app.exceptions import PathRefusedError
from registry_app.files.paths import script_inside
from registry_app.texts import paths as texts

PREFIX = "core:"
FOLDER = "trainers"
_DIGEST = re.compile(r"[0-9a-f]{64}")


def is_core(script: str) -> bool:
    """Whether a script is one of the core repository."""
    return script.startswith(PREFIX)


def core_path(script: str) -> str:
    """Return the path of such a script in the core repository; raises PathRefusedError."""
    path = script.removeprefix(PREFIX)
    parts = path.split("/")
    is_plain = all(part and part not in {".", "..", ".git"} for part in parts)
    is_right = len(parts) >= 3 and parts[0] == FOLDER and path.endswith(".py")
    if not is_plain or not is_right or not path.isprintable() or "\\" in path:
        raise PathRefusedError(texts.NO_CORE_SCRIPT(script=script))
    return path


def check_script(directory: Path, script: str) -> None:
    """Raise PathRefusedError unless `script` is inside the directory, or one of the core."""
    if is_core(script):
        core_path(script)
    else:
        script_inside(directory, script)


def copies_folder() -> Path:
    """Return the folder of the copies; scripts may read it, and write nothing there."""
    return Path(settings.GUARDIANFLOW_HOME) / "core-trainers"


def copy_folder(digest: str) -> Path:
    """Return the folder of one copy; raises ValueError for what is no digest."""
    if not _DIGEST.fullmatch(digest):
        raise ValueError(digest)
    return copies_folder() / digest
