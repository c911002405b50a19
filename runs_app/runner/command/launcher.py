"""What starts a script: its interpreter, `python -m`, a shell, or the notebook's own Jupyter."""

from __future__ import annotations

import ast
import os
import shutil
import warnings
from pathlib import Path, PurePosixPath

from registry_app.files.shebang import shebang_of
from runs_app.runner.exceptions import CommandError
from runs_app.runner.interpreter import notebook_child
from runs_app.texts import command as texts
from runs_app.texts import outcomes

PYTHON = frozenset({".py"})
SHELL = frozenset({".sh", ".bash"})
NOTEBOOK = frozenset({".ipynb"})
WINDOWS = frozenset({".bat", ".cmd", ".ps1"})
STARTABLE = PYTHON | SHELL | NOTEBOOK
_MAX_BYTES = 2**20


def launcher_for(script: str, interpreter: Path, directory: Path) -> tuple[str, ...]:
    """Return the words before the arguments of a script of `directory`; raises CommandError.

    A module with relative imports works only inside its package, so it is started with `-m`.
    """
    path = PurePosixPath(script)
    # A name that begins with a dash would be parsed as an option.
    written = f"./{path}" if str(path).startswith("-") else str(path)
    suffix = path.suffix.lower()
    if suffix in PYTHON:
        module = _module_of(path, directory)
        return (str(interpreter), "-m", module) if module else (str(interpreter), written)
    if suffix in SHELL:
        return (*_shell_of(script, interpreter, directory), written)
    if suffix in NOTEBOOK:
        return (str(interpreter), notebook_child.__file__, written)
    raise CommandError(texts.CANNOT_BE_STARTED(script=script))


def _shell_of(script: str, interpreter: Path, directory: Path) -> tuple[str, ...]:
    """Return the program that runs a launcher: the one in its first line, else bash.

    Raises CommandError if this machine does not have that program.
    """
    shebang = shebang_of(directory / script)
    if shebang is None:
        return (shutil.which("bash") or "/bin/bash",)
    if shebang.is_python:
        return (str(interpreter), *shebang.options)
    is_there = not shebang.is_searched and os.access(shebang.program, os.X_OK)
    program = shebang.program if is_there and shebang.name != "bash" else shutil.which(shebang.name)
    if program is None:
        raise CommandError(outcomes.NO_SHELL(script=script, program=shebang.name))
    return (program, *shebang.options)


def is_notebook(script: str) -> bool:
    """Return whether a script is executed by Jupyter."""
    return PurePosixPath(script).suffix.lower() in NOTEBOOK


def _module_of(path: PurePosixPath, directory: Path) -> str:
    """Return the name for `python -m`, '' if the script is started by its path."""
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
    """Return whether a script has a top-level import that works only inside a package."""
    try:
        with file.open("rb") as source, warnings.catch_warnings(action="ignore"):
            body = ast.parse(source.read(_MAX_BYTES)).body
    except (OSError, ValueError, SyntaxError, RecursionError, MemoryError):
        return False
    return any(isinstance(node, ast.ImportFrom) and node.level > 0 for node in body)
