"""Puts the guesses about one experiment together into a drafted document."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from registry_app.choices import EntryPointType
from registry_app.document.model import (
    EntryPointDocument,
    Evidence,
    ExperimentDocument,
    SiteDocument,
    TaskDocument,
)
from registry_app.inference import reasons
from registry_app.inference.code.project import Project
from registry_app.inference.facts import Facts, find_facts
from registry_app.inference.guess import Guess
from registry_app.inference.purpose.defaults import choose_default, draft_patterns, vendored_folders
from registry_app.inference.purpose.entry_points import (
    EntryScript,
    find_entry_scripts,
    template_for,
)
from registry_app.inference.site import places
from registry_app.inference.site.known_places import NoteLine
from registry_app.inference.task.class_names import guess_classes
from registry_app.inference.task.sample_sets import is_of_framework
from registry_app.inference.task.tasks import guess_task

T = TypeVar("T")

MOST_NOTES = 5
LONGEST_LINE = 300
NOTE_SUFFIXES = (".md", ".rst", ".txt")
NOTE_WORDS = ("readme", "memo", "note", "읽어", "메모")
_NAMED_SCRIPT = re.compile(r"[\w./+\-가-힣]+\.(?:py|sh|ipynb)\b")


@dataclass(frozen=True, kw_only=True)
class Draft:
    """What a scan believes of one experiment; `scripts` by path."""

    document: ExperimentDocument
    scripts: tuple[EntryScript, ...]
    facts: Facts
    notes: tuple[NoteLine, ...]


def draft_experiment(project: Project, *, path: str) -> Draft:
    """Read an experiment and draft its entry in the registry."""
    scripts = find_entry_scripts(project)
    notes = _notes(project)
    evidence: dict[str, Evidence] = {}
    mentioned = _mentioned(scripts, notes)
    classes = guess_classes(project, mentioned=_given_files(scripts))
    document = ExperimentDocument(
        name=project.name,
        path=path,
        site=_site(project.name, notes, evidence),
        task=_task(project, notes, classes, evidence),
        entry_points=_entry_points(
            scripts, mentioned, vendored_folders(project.paths), project.changed_on, evidence
        ),
        evidence=evidence,
    )
    return Draft(
        document=document,
        scripts=tuple(scripts),
        facts=find_facts(project, [one.path for one in scripts]),
        notes=tuple(_first_lines(notes)),
    )


def _notes(project: Project) -> list[tuple[str, str]]:
    """Return the notes at the top of the directory, path and text."""
    paths = [
        path
        for path in project.paths
        if "/" not in path
        and path.lower().endswith(NOTE_SUFFIXES)
        and any(word in path.lower() for word in NOTE_WORDS)
    ]
    return [(path, text) for path in paths if (text := project.text(path))]


def _first_lines(notes: Sequence[tuple[str, str]]) -> Iterator[NoteLine]:
    for path, text in notes[:MOST_NOTES]:
        for number, line in enumerate(text.splitlines()[: places.NOTE_LINES], start=1):
            if line.strip():
                yield NoteLine(path=path, number=number, text=line[:LONGEST_LINE])


def _mentioned(scripts: Sequence[EntryScript], notes: Sequence[tuple[str, str]]) -> frozenset[str]:
    """Return the scripts that a note names or a launcher starts."""
    named = {
        posixpath.normpath(found) for _path, text in notes for found in _NAMED_SCRIPT.findall(text)
    }
    started = {path for one in scripts for path in one.starts}
    known = {one.path for one in scripts}
    return frozenset((named | started) & known)


def _given_files(scripts: Sequence[EntryScript]) -> list[str]:
    """Return the YAML files that training scripts take by default."""
    return [
        one.default.removeprefix("./")
        for script in scripts
        if EntryPointType.TRAIN in script.types.value
        for one in script.command_line.parameters
        if isinstance(one.default, str) and one.default.endswith((".yaml", ".yml"))
    ]


def _site(
    name: str, notes: Sequence[tuple[str, str]], evidence: dict[str, Evidence]
) -> SiteDocument:
    said, noted = places.read_name(name), places.read_notes(notes)
    guesses = {
        "customer": said.customer,
        "region": said.region or noted.region,
        "plant": said.plant or noted.plant,
        "zone": said.zone or noted.zone,
    }
    return SiteDocument(
        **{part: _take(guess, f"site.{part}", evidence) for part, guess in guesses.items()}
    )


def _task(
    project: Project,
    notes: Sequence[tuple[str, str]],
    classes: Guess[tuple[str, ...]] | None,
    evidence: dict[str, Evidence],
) -> TaskDocument:
    task = guess_task(
        project.name,
        by_habit=places.read_name(project.name).task,
        notes=notes,
        classes=classes,
        sources=(one for one in project.scripts() if not is_of_framework(one.path)),
    )
    return TaskDocument(
        type=_take(task, "task.type", evidence), classes=_take(classes, "task.classes", evidence)
    )


def _entry_points(
    scripts: Sequence[EntryScript],
    mentioned: frozenset[str],
    vendored: frozenset[str],
    changed_on: Mapping[str, int],
    evidence: dict[str, Evidence],
) -> dict[str, EntryPointDocument]:
    by_path = {one.path: one for one in scripts}
    drafted: dict[str, EntryPointDocument] = {}
    for kind in EntryPointType.values:
        default = choose_default(
            kind, scripts, mentioned=mentioned, vendored=vendored, changed_on=changed_on
        )
        if default is None:
            continue
        script = by_path[default.value]
        patterns = draft_patterns(kind, default.value, scripts)
        template = template_for(script, kind)
        drafted[kind] = EntryPointDocument(
            default=default.value,
            patterns=patterns or None,
            args_template=template or None,
        )
        prefix = f"entry_points.{kind}"
        evidence[f"{prefix}.default"] = default.evidence
        if patterns:
            evidence[f"{prefix}.patterns"] = default.evidence
        if template and script.command_line.parameters:
            evidence[f"{prefix}.args_template"] = Evidence(
                confidence=str(default.confidence),
                source=script.command_line.parameters[0].source,
                reason=(reasons.OPTIONS_OF_DEFAULT(),),
            )
    return drafted


def _take(guess: Guess[T] | None, field: str, evidence: dict[str, Evidence]) -> T | None:
    """Return the value of a guess, and note why it is believed."""
    if guess is None:
        return None
    evidence[field] = guess.evidence
    return guess.value
