"""What starts a script: its interpreter, `python -m`, bash, or the notebook's own Jupyter."""

from __future__ import annotations

import ast
import shutil
import warnings
from pathlib import Path, PurePosixPath

from runs_app.runner.exceptions import CommandError
from runs_app.runner.interpreter import notebook_child
from runs_app.runner.language import gettext as _

PYTHON = frozenset({".py"})
SHELL = frozenset({".sh", ".bash"})
NOTEBOOK = frozenset({".ipynb"})
WINDOWS = frozenset({".bat", ".cmd", ".ps1"})
STARTABLE = PYTHON | SHELL | NOTEBOOK
_MOST_BYTES = 2**20


def launcher_for(script: str, interpreter: Path, directory: Path) -> tuple[str, ...]:
    """Return the words before the arguments of a script of `directory`; raises CommandError.

    A module that imports relatively works only as part of its package, so it is started so.
    """
    path = PurePosixPath(script)
    # A name that begins with a dash would be taken for an option.
    written = f"./{path}" if str(path).startswith("-") else str(path)
    suffix = path.suffix.lower()
    if suffix in PYTHON:
        module = _module_of(path, directory)
        return (str(interpreter), "-m", module) if module else (str(interpreter), written)
    if suffix in SHELL:
        return (shutil.which("bash") or "/bin/bash", written)
    if suffix in NOTEBOOK:
        return (str(interpreter), notebook_child.__file__, written)
    raise CommandError(
        _("{script} cannot be started: only scripts and notebooks can.").format(script=script)
    )


def is_notebook(script: str) -> bool:
    """Return whether a script is executed by Jupyter."""
    return PurePosixPath(script).suffix.lower() in NOTEBOOK


def _module_of(path: PurePosixPath, directory: Path) -> str:
    """Return the name for `python -m`, '' where the script is started by its path."""
    if len(path.parts) < 2:
        return ""
    if path.name == "__main__.py":
        parts = path.parent.parts
    elif _imports_relatively(directory / path):
        parts = path.with_suffix("").parts
    else:
        return ""
    return ".".join(parts) if all(part.isidentifier() for part in parts) else ""


def _imports_relatively(file: Path) -> bool:
    """Whether the body of a script has an import that works only inside of a package."""
    try:
        with file.open("rb") as source, warnings.catch_warnings(action="ignore"):
            body = ast.parse(source.read(_MOST_BYTES)).body
    except (OSError, ValueError, SyntaxError, RecursionError, MemoryError):
        return False
    return any(isinstance(node, ast.ImportFrom) and node.level > 0 for node in body)
