"""Warnings before the start of a shell launcher: its environment, its Pythons, its line ends.

Apart from those of every start, which do without a reader of shell scripts.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from registry_app.files.activation import activated_python
from registry_app.files.conda import conda_python
from registry_app.files.shebang import parse_shebang
from registry_app.inference.purpose.shell_commands import (
    Activation,
    activations,
    background_work,
    pythons_by_path,
)
from registry_app.messages import Message
from registry_app.texts import remarks
from runs_app.executors.script_text import script_bytes, script_text
from runs_app.runner.other_user import script_home
from runs_app.texts import outcomes


def check(directory: Path, script: str, interpreter: Path) -> list[Message]:
    """Return the warnings of a script for a Bourne shell; none for another shell."""
    data = script_bytes(directory, script)
    shebang = parse_shebang(data)
    if shebang is not None and not shebang.is_bourne_shell:
        return []
    warnings = [remarks.CRLF_LAUNCHER().at(script)] if b"\r\n" in data else []
    text = script_text(directory, script)
    warnings += [
        remarks.IN_BACKGROUND(script=command).at(script) for command in background_work(text)
    ]
    for activation in activations(text):
        warnings += _of_activation(activation, directory, script, interpreter)
    warnings += [
        outcomes.OTHER_PYTHON(script=script, program=python, interpreter=str(interpreter))
        for python in pythons_by_path(text)
        if not _is_same(python, interpreter)
    ]
    return warnings


def _of_activation(
    activation: Activation, directory: Path, script: str, interpreter: Path
) -> list[Message]:
    """Return what is wrong with an environment that a launcher activates.

    Nothing is known of a name that contains variables.
    """
    if "$" in activation.name or "`" in activation.name:
        return []
    python = _python_of(activation, [directory, (directory / script).parent])
    if python is None:
        return [outcomes.NO_ENVIRONMENT(script=script, name=activation.name)]
    facts = {"script": script, "name": activation.name, "python": str(python)}
    if not os.access(python, os.X_OK):
        return [outcomes.ENVIRONMENT_BROKEN(**facts)]
    if _is_same(str(python), interpreter):
        return []
    return [outcomes.OTHER_ENVIRONMENT(interpreter=str(interpreter), **facts)]


def _python_of(activation: Activation, folders: Sequence[Path]) -> Path | None:
    """Return the Python that an activation puts first, None if the environment does not exist.

    A relative path is looked for in `folders`, since launchers change the folder first.
    """
    name = activation.name
    if activation.kind == "conda" and "/" not in name:
        return conda_python(name, script_home())
    home = script_home()
    path = home / name.removeprefix("~/") if name.startswith("~/") else Path(name)
    places = [place for folder in folders if os.path.exists(place := folder / path)]
    if not places:
        return None
    place = Path(os.path.normpath(places[0]))
    return place / "bin" / "python" if activation.kind == "conda" else activated_python(place)


def _is_same(program: str, interpreter: Path) -> bool:
    """Whether two paths are Pythons of the same environment; its links have different names."""
    folders = [os.path.realpath(os.path.dirname(path)) for path in (program, str(interpreter))]
    return os.path.exists(program) and folders[0] == folders[1]
