"""Combine the guesses about one experiment into a drafted document."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

from registry_app.document.model import (
    EntryPointDocument,
    Evidence,
    ExperimentDocument,
    SiteDocument,
    TaskDocument,
)
from registry_app.inference.argparse_trace.relevance import parsers_spoken_of
from registry_app.inference.choice.defaults import choose_default, draft_patterns
from registry_app.inference.choice.displaced import displaced_scripts, modules_beside
from registry_app.inference.choice.kinship import (
    BESIDE_DEFAULT,
    WITH_CLASSES,
    folders_in_use,
    is_of_framework_itself,
    named_after_task,
    named_scripts,
    noted_scripts,
)
from registry_app.inference.choice.last_resort import with_missing_types
from registry_app.inference.choice.vendored import vendored_folders
from registry_app.inference.code.project import Project, imports_of
from registry_app.inference.environment.frameworks import imported_frameworks, named_models
from registry_app.inference.environment.imports import import_statements
from registry_app.inference.facts import Facts, find_facts, trainers_of
from registry_app.inference.guess import Guess
from registry_app.inference.launching.console_scripts import node_in_script
from registry_app.inference.launching.recipes import recipes
from registry_app.inference.noted_ways import noted_ways, start_evidence, with_ways
from registry_app.inference.purpose.entry_points import (
    EntryScript,
    find_entry_scripts,
    launch_of,
    template_for,
)
from registry_app.inference.purpose.helper_scripts import is_test
from registry_app.inference.purpose.mlproject import project_commands
from registry_app.inference.purpose.purpose import Purposes
from registry_app.inference.purpose.start_folders import start_folder
from registry_app.inference.purpose.surroundings import imported_names
from registry_app.inference.readers.absl import flags_spoken_of
from registry_app.inference.site import places
from registry_app.inference.site.known_places import NoteLine
from registry_app.inference.task.class_added import names_added
from registry_app.inference.task.class_constants import constants_with_names
from registry_app.inference.task.class_folders import named_folders
from registry_app.inference.task.class_names import guess_classes
from registry_app.inference.task.class_outputs import names_by_outputs
from registry_app.inference.task.code_tasks import task_of_imports
from registry_app.inference.task.second_models import crops_in_script
from registry_app.inference.task.tasks import guess_task
from registry_app.inference.task.vocabulary import BUILT_IN, Vocabulary
from registry_app.inference.task.written_settings import written_names
from registry_app.kinds import EntryPointType
from registry_app.messages import Message
from registry_app.texts import reasons

T = TypeVar("T")

MAX_NOTES = 5
MAX_LINE_LENGTH = 300
NOTE_SUFFIXES = (".md", ".rst", ".txt")
NOTE_WORDS = ("readme", "memo", "note", "읽어", "메모")

# What is wanted of every script, so that each is parsed once for all of them.
RULES = (
    imports_of,
    imported_names,
    import_statements,
    imported_frameworks,
    named_models,
    constants_with_names,
    written_names,
    named_folders,
    names_added,
    names_by_outputs,
    crops_in_script,
    task_of_imports,
    trainers_of,
    launch_of,
    modules_beside,
    is_test,
    parsers_spoken_of,
    flags_spoken_of,
    node_in_script,
)


@dataclass(frozen=True, kw_only=True)
class Draft:
    """The draft of one experiment; `scripts` by path."""

    document: ExperimentDocument
    scripts: tuple[EntryScript, ...]
    facts: Facts
    notes: tuple[NoteLine, ...]


def draft_experiment(project: Project, *, path: str, vocabulary: Vocabulary = BUILT_IN) -> Draft:
    """Read an experiment and draft its entry in the registry."""
    project.note(*RULES)
    notes = _notes(project)
    commands = [*notes, *((recipe.path, recipe.text) for recipe in recipes(project))]
    purposes = Purposes(project)
    found = with_missing_types(find_entry_scripts(project, purposes), purposes)
    scripts = with_ways(found, noted_ways(project, notes))
    evidence: dict[str, Evidence] = {}
    paths = [script.path for script in scripts]
    noted = noted_scripts([note for note in commands if not is_of_framework_itself(note[1])], paths)
    mentioned = (
        noted
        | named_scripts(commands, paths)
        | {path for script in scripts for path in script.starts}
        | {command.script for command in project_commands(project)}
    )
    classes = guess_classes(project, mentioned=_given_files(scripts))
    site = _site(project.name, notes, evidence, vocabulary)
    task = _task(project, notes, classes, evidence, vocabulary)
    document = ExperimentDocument(
        name=project.name,
        path=path,
        site=site,
        task=task,
        entry_points=_entry_points(
            project,
            scripts,
            commands,
            evidence,
            mentioned=frozenset(mentioned),
            noted=noted,
            on_task=named_after_task(task.type, scripts, vocabulary),
            classes=classes.source.rpartition(":")[0] if classes else "",
        ),
        evidence=evidence,
    )
    return Draft(
        document=document,
        scripts=tuple(scripts),
        facts=find_facts(project, [script.path for script in scripts]),
        notes=tuple(_first_lines(notes)),
    )


def _notes(project: Project) -> list[tuple[str, str]]:
    """Return the notes at the top of the directory as path and text."""
    paths = [
        path
        for path in project.paths
        if "/" not in path
        and path.lower().endswith(NOTE_SUFFIXES)
        and any(word in path.lower() for word in NOTE_WORDS)
    ]
    return [(path, text) for path in paths if (text := project.text(path))]


def _first_lines(notes: Sequence[tuple[str, str]]) -> Iterator[NoteLine]:
    for path, text in notes[:MAX_NOTES]:
        for number, line in enumerate(text.splitlines()[: places.NOTE_LINES], start=1):
            if line.strip():
                yield NoteLine(path=path, number=number, text=line[:MAX_LINE_LENGTH])


def _given_files(scripts: Sequence[EntryScript]) -> list[str]:
    """Return the YAML files that training scripts take by default."""
    return [
        parameter.default.removeprefix("./")
        for script in scripts
        if EntryPointType.TRAIN in script.types.value
        for parameter in script.command_line.parameters
        if isinstance(parameter.default, str) and parameter.default.endswith((".yaml", ".yml"))
    ]


def _site(
    name: str,
    notes: Sequence[tuple[str, str]],
    evidence: dict[str, Evidence],
    vocabulary: Vocabulary,
) -> SiteDocument:
    by_name, noted = places.read_name(name, vocabulary), places.read_notes(notes)
    guesses = {
        "customer": by_name.customer,
        "region": by_name.region or noted.region,
        "plant": by_name.plant or noted.plant,
        "zone": by_name.zone or noted.zone,
    }
    return SiteDocument(
        **{part: _take(guess, f"site.{part}", evidence) for part, guess in guesses.items()}
    )


def _task(
    project: Project,
    notes: Sequence[tuple[str, str]],
    classes: Guess[tuple[str, ...]] | None,
    evidence: dict[str, Evidence],
    vocabulary: Vocabulary,
) -> TaskDocument:
    task = guess_task(
        project.name,
        by_habit=places.read_name(project.name, vocabulary).task,
        notes=notes,
        classes=classes,
        code=project,
        vocabulary=vocabulary,
    )
    return TaskDocument(
        type=_take(task, "task.type", evidence), classes=_take(classes, "task.classes", evidence)
    )


def _entry_points(
    project: Project,
    scripts: Sequence[EntryScript],
    notes: Sequence[tuple[str, str]],
    evidence: dict[str, Evidence],
    *,
    mentioned: frozenset[str],
    noted: frozenset[str],
    on_task: frozenset[str],
    classes: str,
) -> dict[str, EntryPointDocument]:
    by_path = {script.path: script for script in scripts}
    vendored = vendored_folders(project.paths)
    drafted: dict[str, EntryPointDocument] = {}
    kin = folders_in_use(project.paths, scripts)
    kin[posixpath.dirname(classes)] += WITH_CLASSES
    displaced = displaced_scripts(scripts, project)
    imported = {path for path in by_path if project.importers(path)}
    for kind in EntryPointType.values:
        default = choose_default(
            kind,
            scripts,
            mentioned=mentioned,
            vendored=vendored,
            changed_on=project.changed_on,
            noted=noted,
            kin=kin,
            on_task=on_task,
            displaced=displaced,
            imported=imported,
        )
        if default is None:
            continue
        kin[posixpath.dirname(default.value)] += BESIDE_DEFAULT
        script = by_path[default.value]
        patterns = draft_patterns(kind, default.value, scripts)
        template = template_for(script, kind)
        prefix = f"entry_points.{kind}"
        start = script.type_starts[kind].start if kind in script.type_starts else ""
        drafted[kind] = EntryPointDocument(
            default=default.value,
            patterns=patterns or None,
            args_template=template or None,
            working_directory=_take(
                start_folder(script.path, project, notes), f"{prefix}.working_directory", evidence
            ),
            start=start or None,
        )
        evidence[f"{prefix}.default"] = _with_link(default.evidence, project.links, script.path)
        if patterns:
            evidence[f"{prefix}.patterns"] = default.evidence
        if start:
            evidence[f"{prefix}.start"] = start_evidence(script.path, project, default.confidence)
        if template and script.template_source:
            evidence[f"{prefix}.args_template"] = Evidence(
                confidence=str(default.confidence),
                source=script.template_source,
                reason=(_command_of(script.template_source),),
            )
        elif template and script.command_line.parameters:
            evidence[f"{prefix}.args_template"] = Evidence(
                confidence=str(default.confidence),
                source=script.command_line.parameters[0].source,
                reason=(reasons.OPTIONS_OF_DEFAULT(),),
            )
    return drafted


def _command_of(source: str) -> Message:
    file = posixpath.basename(source.rpartition(":")[0])
    if file.lower() == "mlproject":
        return reasons.COMMAND_OF_MLPROJECT()
    return reasons.COMMAND_OF_RECIPE(file=file)


def _with_link(evidence: Evidence, links: Mapping[str, str], script: str) -> Evidence:
    """Return evidence that also names the target of a linked script."""
    if script not in links:
        return evidence
    return replace(evidence, reason=(*evidence.reason, reasons.LINKED(target=links[script])))


def _take(guess: Guess[T] | None, field: str, evidence: dict[str, Evidence]) -> T | None:
    """Return the value of a guess, and record its evidence."""
    if guess is None:
        return None
    evidence[field] = guess.evidence
    return guess.value
