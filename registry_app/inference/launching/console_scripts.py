"""Find the functions that a package's commands call: console scripts, and nodes of ROS 2.

They are declared in `setup.py`, `setup.cfg` and `pyproject.toml`. The file that has such a function
is a script that people start, with or without a main guard. Nothing is executed.
"""

from __future__ import annotations

import ast
import configparser
import posixpath
import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from registry_app.inference.code.project import Project
from registry_app.inference.code.source import Source

_REMEMBERED = "console scripts"
_DECLARED = "declared console scripts"
_GROUPS = ("console_scripts", "gui_scripts")
# `berth-infer = berth.look:main`, perhaps with extras behind it.
_LINE = re.compile(r"^\s*([\w.\-]+)\s*=\s*([\w.]+)\s*:\s*([\w.]+)", re.ASCII)
_TARGET = re.compile(r"\s*([\w.]+)\s*:\s*([\w.]+)", re.ASCII)
_MAX = 100
# A node of ROS spins in its function `main`.
_SPINS = re.compile(r"\b(?:rclpy|rospy|executor)\.spin\(")
_MAIN = re.compile(r"^def main\(", re.MULTILINE)


@dataclass(frozen=True, kw_only=True)
class ConsoleScript:
    """A command of a package: its name, the file behind it, and the function that it calls."""

    name: str
    path: str
    function: str
    source: str


def console_scripts(project: Project) -> Mapping[str, ConsoleScript]:
    """Return the first command of each file that has one, by the file's path."""
    if _REMEMBERED not in project.remembered:
        found = dict(_declared(project))
        for script in _nodes(project):
            found.setdefault(script.path, script)
        project.remembered[_REMEMBERED] = found
    remembered: Mapping[str, ConsoleScript] = project.remembered[_REMEMBERED]  # type: ignore[assignment]
    return remembered


def console_script_of(project: Project, path: str) -> ConsoleScript | None:
    """Return the first command of a script, without reading the others for it."""
    return _declared(project).get(path) or project.found(node_in_script, path)


def node_in_script(source: Source) -> ConsoleScript | None:
    """Return the command of a script that is a node of ROS, None for any other."""
    return _node(source.path, source.text)


def _declared(project: Project) -> Mapping[str, ConsoleScript]:
    if _DECLARED not in project.remembered:
        found: dict[str, ConsoleScript] = {}
        for script in _all(project):
            found.setdefault(script.path, script)
        project.remembered[_DECLARED] = found
    remembered: Mapping[str, ConsoleScript] = project.remembered[_DECLARED]  # type: ignore[assignment]
    return remembered


def _all(project: Project) -> Iterator[ConsoleScript]:
    for path in project.paths:
        read = _READERS.get(posixpath.basename(path))
        text = project.text(path) if read is not None else None
        if read is None or not text:
            continue
        for name, module, function in list(read(text))[:_MAX]:
            file = _file_of(module, posixpath.dirname(path), project)
            if file:
                yield ConsoleScript(name=name, path=file, function=function, source=path)


def _nodes(project: Project) -> Iterator[ConsoleScript]:
    """Yield the nodes of ROS whose `main()` a program elsewhere starts: `yolo_node.py`."""
    for path, text in project.texts():
        node = _node(path, text)
        if node is not None:
            yield node


def _node(path: str, text: str) -> ConsoleScript | None:
    if ".spin(" not in text or not (_SPINS.search(text) and _MAIN.search(text)):
        return None
    stem = posixpath.splitext(posixpath.basename(path))[0]
    return ConsoleScript(name=stem, path=path, function="main", source=path)


def _file_of(module: str, folder: str, project: Project) -> str:
    """Return the file of a module of a package in `folder`, '' if it is not here."""
    stem = module.replace(".", "/")
    for base in (folder, posixpath.join(folder, "src"), posixpath.join(folder, "lib")):
        for name in (f"{stem}.py", f"{stem}/__init__.py", f"{stem}/__main__.py"):
            path = posixpath.join(base, name)
            if path in project:
                return path
    # `package_dir` may name any folder.
    below = [path for path in project.paths if path.endswith(f"/{stem}.py")]
    return below[0] if len(below) == 1 else ""


def _of_setup_py(text: str) -> Iterator[tuple[str, str, str]]:
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return
    for node in ast.walk(tree):
        if isinstance(node, ast.Dict):
            for key, value in zip(node.keys, node.values, strict=True):
                if isinstance(key, ast.Constant) and key.value in _GROUPS:
                    yield from _lines(_texts(value))
        elif isinstance(node, ast.keyword) and node.arg == "entry_points":
            yield from _lines(_texts(node.value))


def _texts(node: ast.expr) -> Iterator[str]:
    """Yield the lines of a text, or of the texts of a list."""
    parts = node.elts if isinstance(node, ast.List | ast.Tuple | ast.Set) else [node]
    for part in parts:
        if isinstance(part, ast.Constant) and isinstance(part.value, str):
            yield from part.value.splitlines()


def _of_setup_cfg(text: str) -> Iterator[tuple[str, str, str]]:
    parser = configparser.ConfigParser(interpolation=None, strict=False)
    try:
        parser.read_string(text)
    except configparser.Error:
        return
    for group in _GROUPS:
        written = parser.get("options.entry_points", group, fallback="")
        yield from _lines(iter(written.splitlines()))


def _of_pyproject(text: str) -> Iterator[tuple[str, str, str]]:
    try:
        data = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError):
        return
    tables = [_table(data, "project", "scripts"), _table(data, "project", "gui-scripts")]
    tables.append(_table(data, "tool", "poetry", "scripts"))
    for table in tables:
        for name, target in table.items():
            found = _TARGET.match(target) if isinstance(target, str) else None
            if found:
                yield name, found[1], found[2]


def _table(data: Mapping[str, Any], *keys: str) -> dict[str, Any]:
    value: Any = data
    for key in keys:
        value = value.get(key) if isinstance(value, dict) else None
    return value if isinstance(value, dict) else {}


def _lines(lines: Iterator[str]) -> Iterator[tuple[str, str, str]]:
    for line in lines:
        found = _LINE.match(line)
        if found:
            yield found[1], found[2], found[3]


_READERS = {
    "setup.py": _of_setup_py,
    "setup.cfg": _of_setup_cfg,
    "pyproject.toml": _of_pyproject,
}
