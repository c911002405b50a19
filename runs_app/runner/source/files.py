"""Which files of an experiment are its source: written by people, not by runs."""

from __future__ import annotations

from pathlib import PurePosixPath

CODE = frozenset(
    {
        ".py", ".pyx", ".pyi", ".ipynb", ".sh", ".bash", ".bat", ".cmd", ".ps1", ".c", ".cc",
        ".cpp", ".cu", ".cuh", ".h", ".hpp", ".m", ".r", ".jl", ".lua",
    }
)  # fmt: skip
CONFIGURATION = frozenset({".yaml", ".yml", ".toml", ".ini", ".cfg", ".conf", ".gin"})
NAMES = frozenset({"makefile", "dockerfile", "pipfile", "requirements.txt", "environment.txt"})
# Scripts write copies of their configuration there.
OUTPUT_FOLDERS = frozenset(
    {
        "runs", "run", "output", "outputs", "result", "results", "log", "logs", "wandb", "mlruns",
        "lightning_logs", "checkpoints", "work_dirs", "weights", "tb_logs",
    }
)  # fmt: skip


def is_source(path: str) -> bool:
    """Return whether a file (relative to its experiment) is code or configuration."""
    place = PurePosixPath(path)
    suffix, name = place.suffix.lower(), place.name.lower()
    if suffix in CODE:
        return True
    if any(folder.lower() in OUTPUT_FOLDERS for folder in place.parts[:-1]):
        return False
    return suffix in CONFIGURATION or name in NAMES or _lists_requirements(name)


def _lists_requirements(name: str) -> bool:
    return name.startswith("requirements") and name.endswith(".txt")
