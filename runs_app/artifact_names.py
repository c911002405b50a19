"""Names under which files go to MLflow."""

from __future__ import annotations

OUTPUTS = "outputs"
# From the first two on, everything would be lost on the way through HTTP, in silence; the third
# parts folders on other systems.
_UNSAFE = str.maketrans({"#": "_", "?": "_", "\\": "_"})


def safe_name(path: str) -> str:
    """Return a path that arrives whole."""
    return path.translate(_UNSAFE)


def artifact_path(path: str) -> str:
    """Return where the file `path` of an experiment stands among its run's artifacts."""
    return f"{OUTPUTS}/{safe_name(path)}"
