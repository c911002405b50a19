"""Read the commands of an MLproject file: the script that each starts, and its arguments.

Commands that need a shell are ignored (`--out $HOME/runs`, `> log.txt`). `mlproject_start` makes
the template of a script from its command.
"""

from __future__ import annotations

import posixpath
import re
import shlex
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import yaml

from registry_app.arguments.template import NAME
from registry_app.inference.code.project import Project
from registry_app.inference.launching.recipes import recipes
from registry_app.inference.purpose.launchers import find_started
from registry_app.inference.purpose.script_names import type_by_name, type_of_function
from registry_app.inference.purpose.shell_lines import commands_of, started_in
from registry_app.kinds import EntryPointType

MAIN = "main"
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_TYPES = {"float": "float", "int": "int", "integer": "int", "path": "Path"}
_OF_A_SHELL = re.compile(r"[$`]|^\d*[<>]")
_REMEMBERED = "mlproject"


@dataclass(frozen=True, kw_only=True)
class Declared:
    """A parameter as the file declares it; `has_default` if it has a literal default."""

    name: str
    type: str
    default: Any
    source: str

    @property
    def has_default(self) -> bool:
        return isinstance(self.default, str | int | float | bool)


@dataclass(frozen=True, kw_only=True)
class ProjectCommand:
    """One entry point of the file; `words` are the arguments after the script."""

    name: str
    script: str
    words: tuple[str, ...]
    declared: Mapping[str, Declared] = field(default_factory=dict)
    source: str = ""

    @property
    def kind(self) -> EntryPointType | None:
        return type_of_function(self.name) or type_by_name(f"{self.name}.py")


def project_commands(project: Project) -> tuple[ProjectCommand, ...]:
    """Return the commands of MLproject that start a script of the directory.

    Those of recipes (`Makefile`, `dvc.yaml`, ...) follow, for scripts that MLproject does not name.
    """
    if _REMEMBERED not in project.remembered:
        declared = tuple(_read(project))
        known = {command.script for command in declared}
        others = (row for row in _of_recipes(project) if row.script not in known)
        project.remembered[_REMEMBERED] = (*declared, *others)
    found: tuple[ProjectCommand, ...] = project.remembered[_REMEMBERED]  # type: ignore[assignment]
    return found


def command_for_type(
    commands: Sequence[ProjectCommand], script: str, kind: str, *, is_first: bool
) -> ProjectCommand | None:
    """Return the command that starts a script for a type; `main` starts the script's first type."""
    own = [command for command in commands if command.script == script]
    named = next((command for command in own if command.kind == kind), None)
    if named is not None or not is_first:
        return named
    return next((command for command in own if command.name == MAIN or command.kind is None), None)


def _read(project: Project) -> Iterator[ProjectCommand]:
    path = next((path for path in project.paths if path.lower() == _REMEMBERED), None)
    text = project.text(path) if path else None
    try:
        root = yaml.compose(text, Loader=_LOADER) if text else None
    except (yaml.YAMLError, ValueError, RecursionError):
        return
    entry_points = _mapping(root).get("entry_points")
    for name, node in _mapping(entry_points and entry_points[0]).items():
        mapping = _mapping(node[0])
        command = mapping.get("command")
        if command is None or not isinstance(command[0], yaml.ScalarNode):
            continue
        declared = {
            parameter.name: parameter
            for parameter in _declared(mapping.get("parameters"), str(path))
        }
        for script, words in _started(command[0].value, project):
            yield ProjectCommand(
                name=name,
                script=script,
                words=words,
                declared=declared,
                source=f"{path}:{command[1]}",
            )
            break


def _of_recipes(project: Project) -> Iterator[ProjectCommand]:
    """Yield the commands of recipes, except for work that they start with different arguments."""
    found: dict[tuple[str, EntryPointType | None], list[ProjectCommand]] = {}
    for recipe in recipes(project):
        for script, words in _started("\n".join(recipe.commands), project, recipe.folder):
            command = ProjectCommand(
                name=recipe.name,
                script=script,
                words=words,
                source=f"{recipe.path}:{recipe.line}",
            )
            found.setdefault((script, command.kind), []).append(command)
    for commands in found.values():
        if len({command.words for command in commands}) == 1:
            yield commands[0]


def _mapping(node: yaml.Node | None) -> dict[str, tuple[yaml.Node, int]]:
    """Return the values of a mapping, each with the line of its key."""
    if not isinstance(node, yaml.MappingNode):
        return {}
    return {
        key.value: (value, key.start_mark.line + 1)
        for key, value in node.value
        if isinstance(key, yaml.ScalarNode)
    }


def _declared(found: tuple[yaml.Node, int] | None, path: str) -> Iterator[Declared]:
    for name, (node, line) in _mapping(found[0] if found else None).items():
        if not NAME.fullmatch(name):
            continue
        mapping = _mapping(node)
        kind = node.value if isinstance(node, yaml.ScalarNode) else _scalar(mapping.get("type"))
        yield Declared(
            name=name,
            type=_TYPES.get(str(kind), ""),
            default=_scalar(mapping.get("default")),
            source=f"{path}:{line}",
        )


def _scalar(found: tuple[yaml.Node, int] | None) -> Any:
    if found is None or not isinstance(found[0], yaml.ScalarNode):
        return None
    if found[0].style in {"'", '"'}:
        return found[0].value
    try:
        return yaml.safe_load(found[0].value)
    except (yaml.YAMLError, ValueError):
        return found[0].value


def _started(
    text: str, project: Project, folder: str = ""
) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Yield each script that a command starts, with the words after it."""
    place = posixpath.join(folder, "recipe") if folder else ""
    for command in commands_of(text):
        for started in started_in(command):
            path = find_started(started.script, place, project) if started.script else ""
            try:
                words = shlex.split(command)
            except ValueError:
                continue
            behind = next(
                (
                    words[place + 1 :]
                    for place, word in enumerate(words)
                    if path and _means(word, started.script)
                ),
                None,
            )
            if behind is not None and not any(map(_OF_A_SHELL.search, behind)):
                yield path, tuple(behind)


def _means(word: str, script: str) -> bool:
    """Whether a word names a script, as a file or as a module."""
    return word.endswith(script) or f"{word.replace('.', '/')}.py" == script
