"""What a script starts of other scripts, and what that says of it."""

from __future__ import annotations

import ast
import posixpath
from collections import Counter
from collections.abc import Callable, Iterable

from registry_app.choices import EntryPointType
from registry_app.inference.code.project import Project
from registry_app.inference.code.source import BATCH, NOTEBOOK, SHELL, Source
from registry_app.inference.purpose.script_names import type_by_name
from registry_app.inference.purpose.shell_lines import Started, started_by

# What one command says of who starts it, at most.
MOST_POINTS = 6
TypesOf = Callable[[Source], tuple[str, ...]]


def commands_in(source: Source) -> list[Started]:
    """Return what a launcher, a notebook's shell lines or a script's `os.system(...)` start."""
    if source.path.lower().endswith(SHELL + BATCH):
        return started_by(source.text)
    texts = list(source.commands)
    calls = source.calls("system", "run", "Popen", "check_call", "check_output", "call")
    texts += [_written(call.args[0]) for call in calls if call.args]
    return [started for text in texts if text for started in started_by(text)]


def _written(node: ast.expr) -> str:
    """Return the literal text of a command, with `$_` where a value is put in."""
    match node:
        case ast.Constant(value=str() as text):
            return text
        case ast.JoinedStr(values=values):
            return "".join(
                str(one.value) if isinstance(one, ast.Constant) else "$_" for one in values
            )
        case ast.List(elts=elements) | ast.Tuple(elts=elements):
            return " ".join(_written(one) or "$PYTHON" for one in elements)
    return ""


def points_of_commands(
    commands: Iterable[Started], launcher: str, project: Project, types_of: TypesOf
) -> Counter[EntryPointType]:
    """Return what started scripts speak for: their own types, or what their names say."""
    points: Counter[EntryPointType] = Counter()
    for one in commands:
        kind = one.kind
        if kind is None:
            kind = _type_of_started(one.script, launcher, project, types_of)
        if kind is not None:
            points[kind] = min(points[kind] + one.points, MOST_POINTS)
    return points


def _type_of_started(
    script: str, launcher: str, project: Project, types_of: TypesOf
) -> EntryPointType | None:
    path = find_started(script, launcher, project)
    if path == launcher:  # it says how it is called
        return None
    target = project.source(path) if path else None
    if target is not None and not path.lower().endswith(NOTEBOOK):
        types = types_of(target)
        return EntryPointType(types[0]) if types else None
    return type_by_name(script)


def find_started(script: str, launcher: str, project: Project) -> str:
    """Return the path of a script as a launcher writes it; '' where the directory lacks it.

    Launchers change the folder before they start something, so every folder above is tried.
    """
    folder = posixpath.dirname(launcher)
    while True:
        path = posixpath.normpath(posixpath.join(folder, script))
        for candidate in (path, path.removesuffix(".py") + "/__main__.py"):
            if candidate in project:
                return candidate
        if not folder:
            return ""
        folder = posixpath.dirname(folder)
