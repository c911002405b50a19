"""What starts a script: its interpreter, `python -m`, a shell, or the notebook's own Jupyter.

An entry point may name another way to start a Python script; `arguments.starts` has the list.
"""

from __future__ import annotations

import ast
import os
import shutil
import warnings
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from registry_app.arguments.starts import Start, function_of, start_problem
from registry_app.files.shebang import shebang_of
from runs_app.runner.exceptions import CommandError
from runs_app.runner.interpreter import call_child, notebook_child
from runs_app.texts import command as texts
from runs_app.texts import outcomes

PYTHON = frozenset({".py"})
SHELL = frozenset({".sh", ".bash"})
NOTEBOOK = frozenset({".ipynb"})
WINDOWS = frozenset({".bat", ".cmd", ".ps1"})
STARTABLE = PYTHON | SHELL | NOTEBOOK
# The modules behind the commands `torchrun` and `accelerate launch`, of the script's interpreter.
TORCHRUN = "torch.distributed.run"
ACCELERATE = "accelerate.commands.launch"
_MAX_BYTES = 2**20


def launcher_for(
    script: str, interpreter: Path, directory: Path, *, start: str = "", gpus: int = 1
) -> tuple[str, ...]:
    """Return the words before the arguments of a script of `directory`; raises CommandError.

    Without a `start`, a module with relative imports is started with `-m`: it works only inside
    its package. `gpus` are those of the run, which torchrun and accelerate give a process each.
    """
    path = PurePosixPath(script)
    # A name that begins with a dash would be parsed as an option.
    written = f"./{path}" if str(path).startswith("-") else str(path)
    suffix = path.suffix.lower()
    if start:
        return _started(path, written, str(interpreter), start=start, gpus=gpus)
    if suffix in PYTHON:
        module = _needed_module(path, directory)
        return (str(interpreter), "-m", module) if module else (str(interpreter), written)
    if suffix in SHELL:
        return (*_shell_of(script, interpreter, directory), written)
    if suffix in NOTEBOOK:
        return (str(interpreter), notebook_child.__file__, written)
    raise CommandError(texts.CANNOT_BE_STARTED(script=script))


def module_of(path: PurePosixPath) -> str:
    """Return the name of a script for `python -m`, '' if no module can have such a name."""
    is_package = path.name == "__main__.py"
    return _dotted(path.parent.parts if is_package else path.with_suffix("").parts)


def _started(
    path: PurePosixPath, written: str, interpreter: str, *, start: str, gpus: int
) -> tuple[str, ...]:
    """Return the words before the arguments for a way to start that an entry point names."""
    problem = start_problem(start)
    if problem:
        raise CommandError(problem)
    if path.suffix.lower() not in PYTHON:
        raise CommandError(texts.START_FOR_PYTHON(script=str(path), start=start))
    if start == Start.MODULE:
        module = module_of(path)
        if not module:
            raise CommandError(texts.NO_MODULE(script=str(path)))
        return (interpreter, "-m", module)
    if start == Start.TORCHRUN:
        # `--standalone` finds a free port, so that several runs on a machine do not meet.
        return (
            interpreter,
            "-m",
            TORCHRUN,
            "--standalone",
            f"--nproc_per_node={gpus or 1}",
            written,
        )
    if start == Start.ACCELERATE:
        return (interpreter, "-m", ACCELERATE, *_of_accelerate(gpus), written)
    if start == Start.SCRIPT:
        return (interpreter, written)
    return (interpreter, call_child.__file__, written, function_of(start))


def _of_accelerate(gpus: int) -> Iterator[str]:
    """Yield the options of accelerate that the resources of a run decide."""
    yield "--num_machines=1"
    yield f"--num_processes={gpus or 1}"
    if gpus > 1:
        yield from ("--multi_gpu", "--main_process_port=0")  # any free port
    elif not gpus:
        yield "--cpu"


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


def _needed_module(path: PurePosixPath, directory: Path) -> str:
    """Return the name for `python -m`, '' if the script is started by its path."""
    if len(path.parts) < 2:
        return ""
    if path.name == "__main__.py" or _imports_relatively(directory / path):
        return module_of(path)
    return ""


def _dotted(parts: tuple[str, ...]) -> str:
    """Return the parts of a path as the name of a module, '' if no module has such a name."""
    return ".".join(parts) if all(part.isidentifier() for part in parts) else ""


def _imports_relatively(file: Path) -> bool:
    """Return whether a script has a top-level import that works only inside a package."""
    try:
        with file.open("rb") as source, warnings.catch_warnings(action="ignore"):
            body = ast.parse(source.read(_MAX_BYTES)).body
    except (OSError, ValueError, SyntaxError, RecursionError, MemoryError):
        return False
    return any(isinstance(node, ast.ImportFrom) and node.level > 0 for node in body)
