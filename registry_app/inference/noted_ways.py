"""Find the way in which notes and launchers start a script, where all of them agree.

python -m kit.train          a module of a package
torchrun --nproc_per_node=2 train.py
accelerate launch train.py
"""

from __future__ import annotations

import posixpath
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from registry_app.arguments.starts import Start
from registry_app.document.model import Evidence
from registry_app.inference.code.project import Project
from registry_app.inference.code.source import BATCH, SHELL
from registry_app.inference.launching.console_scripts import console_script_of
from registry_app.inference.launching.recipes import recipes
from registry_app.inference.purpose.entry_points import EntryScript
from registry_app.inference.purpose.launchers import find_started
from registry_app.inference.purpose.shell_lines import commands_of, started_in
from registry_app.texts import reasons

# The place where a script is first started in that way, by its path.
_PLACES = "places of noted ways"
_REMEMBERED = "noted ways"


def noted_ways(project: Project, notes: Sequence[tuple[str, str]]) -> Mapping[str, Start]:
    """Return the way to start each script that is always started in one other than by its path.

    `notes` are path and text.
    """
    if _REMEMBERED not in project.remembered:
        ways: dict[str, set[Start]] = defaultdict(set)
        places: dict[str, str] = {}
        for path, text in _texts(project, notes):
            for command in commands_of(text):
                for started in started_in(command.strip("`$> ")):
                    found = find_started(started.script, path, project) if started.script else ""
                    if found:
                        ways[found].add(started.way)
                        places.setdefault(found, path)
        project.remembered[_PLACES] = places
        agreed = {path: found.pop() for path, found in ways.items() if len(found) == 1}
        project.remembered[_REMEMBERED] = {
            path: way for path, way in agreed.items() if _fits(path, way)
        }
    remembered: Mapping[str, Start] = project.remembered[_REMEMBERED]  # type: ignore[assignment]
    return remembered


def with_ways(scripts: Iterable[EntryScript], ways: Mapping[str, Start]) -> list[EntryScript]:
    """Return the scripts with their noted way to start, except those that a function starts."""
    return [
        replace(
            script,
            type_starts={
                kind: start if start.start else replace(start, start=str(ways[script.path]))
                for kind, start in script.type_starts.items()
            },
        )
        if script.path in ways
        else script
        for script in scripts
    ]


def start_evidence(script: str, project: Project, confidence: str) -> Evidence:
    """Return why a script is started in an unusual way: a package's command, or a note."""
    command = console_script_of(project, script)
    places: Mapping[str, str] = project.remembered.get(_PLACES, {})  # type: ignore[assignment]
    source = command.source if command is not None else places.get(script, script)
    return Evidence(
        confidence=str(confidence), source=source, reason=(reasons.STARTED_SO(file=source),)
    )


def _texts(project: Project, notes: Iterable[tuple[str, str]]) -> Iterable[tuple[str, str]]:
    yield from notes
    for recipe in recipes(project):
        yield recipe.path, "\n".join(recipe.commands)
    for path in project.paths:
        if path.lower().endswith(SHELL + BATCH):
            yield path, project.text(path) or ""


def _fits(path: str, way: Start) -> bool:
    """Whether a script is started otherwise than by its path, and can be."""
    if way is Start.MODULE:
        stem = posixpath.splitext(path)[0]
        return "/" in path and all(part.isidentifier() for part in stem.split("/"))
    return way is not Start.SCRIPT and path.endswith(".py")
