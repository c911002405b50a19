"""Read the commands of files that are no scripts: Makefile, justfile, dvc.yaml, Dockerfile, launch.

They are evidence for the default script, its working directory and its arguments, like a note. They
are not offered to be started.
"""

from __future__ import annotations

import json
import posixpath
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from xml.etree import ElementTree

import yaml

from registry_app.inference.code.project import Project
from registry_app.inference.launching.console_scripts import console_scripts

_REMEMBERED = "recipes"
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_MAX_CHARACTERS = 200_000
_MAX_FILES = 20
_SET = re.compile(r"^([A-Za-z_]\w*)\s*(?::|\?|::)?=\s*(\S.*?)?\s*$")
_TARGET = re.compile(r"^@?([\w./-]+)(?:\s+[^:=]*)?:(?!=)")
_VARIABLE = re.compile(r"\$[({](\w+)[)}]|\{\{\s*(\w+)\s*\}\}")
_DOCKER = re.compile(r"^\s*(CMD|ENTRYPOINT)\s+(.+)$", re.IGNORECASE)
# A node in a launch file of Python: `Node(package="berth", executable="look", ...)`.
_NODE = re.compile(r"\bNode\s*\([^)]*?\bexecutable\s*=\s*[\"']([\w.\-]+)[\"']", re.DOTALL)


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """Commands under a name: `folder` is where they begin, `line` that of their first one."""

    name: str
    commands: tuple[str, ...]
    path: str
    line: int
    folder: str = ""

    @property
    def text(self) -> str:
        """The commands as a note would have them, one a line."""
        change = [f"cd {self.folder}"] if self.folder else []
        return "\n".join([*change, *self.commands])


def recipes(project: Project) -> tuple[Recipe, ...]:
    """Return the commands of all such files, those nearest to the top first."""
    if _REMEMBERED not in project.remembered:
        project.remembered[_REMEMBERED] = tuple(_all(project))
    found: tuple[Recipe, ...] = project.remembered[_REMEMBERED]  # type: ignore[assignment]
    return found


def _all(project: Project) -> Iterator[Recipe]:
    paths = [path for path in project.paths if _reader(path) is not None]
    for path in sorted(paths, key=lambda path: (path.count("/"), path))[:_MAX_FILES]:
        read, text = _reader(path), project.text(path)
        if read is not None and text and len(text) <= _MAX_CHARACTERS:
            yield from read(text, path, project)


def _of_make(text: str, path: str, _project: Project) -> Iterator[Recipe]:
    """Yield the targets of a Makefile or a justfile, with variables that hold constants."""
    constants: dict[str, str] = {}
    name, line, commands = "", 0, list[str]()
    for number, written in enumerate([*text.replace("\\\n", " ").splitlines(), ""], start=1):
        is_command = written[:1] in {"\t", " "} and written.strip()
        if is_command and name:
            line = line or number
            commands.append(_filled(written.strip().lstrip("@-+"), constants))
            continue
        if not written.strip() or written.lstrip().startswith("#"):
            continue
        if commands:
            yield Recipe(
                name=name, commands=tuple(commands), path=path, line=line, folder=_of(path)
            )
        name, line, commands = "", 0, []
        if assigned := _SET.match(written):
            constants[assigned[1]] = _filled((assigned[2] or "").strip("\"'"), constants)
        elif target := _TARGET.match(written):
            name = target[1]
    if commands:
        yield Recipe(name=name, commands=tuple(commands), path=path, line=line, folder=_of(path))


def _filled(text: str, constants: dict[str, str]) -> str:
    return _VARIABLE.sub(lambda used: constants.get(used[1] or used[2], used[0]), text)


def _of_dvc(text: str, path: str, _project: Project) -> Iterator[Recipe]:
    """Yield the stages of a `dvc.yaml`, in the order in which the file has them."""
    try:
        data = yaml.load(text, Loader=_LOADER)  # noqa: S506  # a safe loader
    except (yaml.YAMLError, ValueError, RecursionError, TypeError):
        return
    stages = data.get("stages") if isinstance(data, dict) else None
    for name, stage in (stages if isinstance(stages, dict) else {}).items():
        if not isinstance(stage, dict):
            continue
        written = stage.get("cmd")
        commands = written if isinstance(written, list) else [written]
        folder = posixpath.normpath(posixpath.join(_of(path), str(stage.get("wdir") or "")))
        yield Recipe(
            name=str(name),
            commands=tuple(line for line in commands if isinstance(line, str)),
            path=path,
            line=_line_of(text, f"{name}:"),
            folder="" if folder == "." else folder,
        )


def _of_docker(text: str, path: str, _project: Project) -> Iterator[Recipe]:
    """Yield what the image starts: its `ENTRYPOINT` with the words of `CMD` behind it."""
    words: dict[str, str] = {}
    for line in text.replace("\\\n", " ").splitlines():
        if found := _DOCKER.match(line):
            words[found[1].upper()] = _exec_form(found[2])
    command = " ".join(filter(None, (words.get("ENTRYPOINT"), words.get("CMD"))))
    if command:
        yield Recipe(name="", commands=(command,), path=path, line=_line_of(text, "CMD"), folder="")


def _exec_form(written: str) -> str:
    """Return `["python", "train.py"]` as one line; the shell form as it is."""
    try:
        words = json.loads(written)
    except ValueError:
        return written.strip()
    return " ".join(map(str, words)) if isinstance(words, list) else written.strip()


def _of_launch_xml(text: str, path: str, project: Project) -> Iterator[Recipe]:
    if "<!" in text:  # no entities
        return
    try:
        root = ElementTree.fromstring(text)  # noqa: S314  # declarations are refused above
    except (ElementTree.ParseError, ValueError, RecursionError):
        return
    for node in root.iter("node"):
        executable = node.get("exec") or node.get("type") or ""
        words = f"{node.get('args') or ''}".strip()
        yield from _node(executable, words, text, path, project)


def _of_launch_py(text: str, path: str, project: Project) -> Iterator[Recipe]:
    for found in _NODE.finditer(text):
        yield from _node(found[1], "", text, path, project)


def _node(executable: str, words: str, text: str, path: str, project: Project) -> Iterator[Recipe]:
    """Yield the start of a ROS node, by its file or by the name of its console script."""
    named = {script.name: script.path for script in console_scripts(project).values()}
    file = named.get(executable) or next(
        (path for path in project.paths if posixpath.basename(path) == executable), ""
    )
    if executable and file:
        command = f"python {file} {words}".strip()
        yield Recipe(
            name=executable, commands=(command,), path=path, line=_line_of(text, executable)
        )


def _of(path: str) -> str:
    return posixpath.dirname(path)


def _line_of(text: str, word: str) -> int:
    lines = enumerate(text.splitlines(), start=1)
    return next((number for number, line in lines if word in line), 1)


def _reader(path: str) -> Callable[[str, str, Project], Iterator[Recipe]] | None:
    name = posixpath.basename(path).lower()
    if name.endswith((".launch", ".launch.xml")):
        return _of_launch_xml
    if name.endswith((".launch.py", "_launch.py")):
        return _of_launch_py
    if name == "dockerfile" or name.startswith("dockerfile.") or name.endswith(".dockerfile"):
        return _of_docker
    readers: dict[str, Callable[[str, str, Project], Iterator[Recipe]]] = {
        "makefile": _of_make,
        "gnumakefile": _of_make,
        "justfile": _of_make,
        "dvc.yaml": _of_dvc,
    }
    return readers.get(name)
