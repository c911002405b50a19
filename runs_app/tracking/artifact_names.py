"""Names under which files go to MLflow."""

from __future__ import annotations

import hashlib
import posixpath

OUTPUTS = "outputs"
# From the first two on, everything would be lost on the way through HTTP, in silence; the third
# parts folders on other systems.
_UNSAFE = str.maketrans({"#": "_", "?": "_", "\\": "_"})


def safe_name(path: str) -> str:
    """Return a path that arrives whole; one that had to change stays different from every other."""
    safe = path.translate(_UNSAFE)
    if safe == path:
        return path
    root, suffix = posixpath.splitext(safe)
    return f"{root}-{hashlib.sha256(path.encode()).hexdigest()[:8]}{suffix}"


def artifact_path(path: str) -> str:
    """Return where the file `path` of an experiment stands among its run's artifacts."""
    return f"{OUTPUTS}/{safe_name(path)}"
