"""Reads `scenario/*.yaml` and `pipelines/*.yaml`: text to members, with every problem at once.

A scenario is a list of runs, each of an experiment by name or of all at a place with a task. A
pipeline is a list of steps, each of which may take files of earlier ones. docs/pipelines.md has
every key.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from django.db.models import F, Q

from registry_app.choices import EntryPointType
from registry_app.document import yaml_nodes
from registry_app.document.nodes import Reader
from registry_app.document.yaml_nodes import Items, Mapping, Node, Value
from registry_app.exceptions import RegistryFileError
from registry_app.messages import Message
from registry_app.models import Experiment
from runs_app.exceptions import RefusedError
from runs_app.sets.places import PIPELINES, SCENARIO, SourceFile
from runs_app.sets.spec import FromStep, StepSpec
from runs_app.texts import requests
from runs_app.texts import set_files as texts

_COMMON = ("type", "version", "script", "params", "environment", "note", "priority")
_OF_RUN = ("experiment", "where", *_COMMON)
_OF_STEP = ("name", "experiment", "reads", *_COMMON)
# The keys of `where`, and the columns that they are compared with.
PLACES = {
    "customer": "zone__site__customer__name",
    "region": "zone__site__region",
    "plant": "zone__site__plant",
    "zone": "zone__name",
    "task": "task_type",
}
_STEP_NAME = re.compile(r"[\w][\w.-]{0,49}")
MAX_ENTRIES = 200


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One entry of a file, before the experiments that it names are looked up."""

    label: str
    experiment: str = ""
    where: dict[str, str] = field(default_factory=dict)
    values: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """One member that a file asks for; without `spec`, `refusal` says what is unknown."""

    label: str
    spec: StepSpec | None = None
    refusal: Message | None = None


@dataclass(frozen=True, kw_only=True)
class Definition:
    """What a file says: the entries of a scenario, or the steps of a pipeline."""

    file: SourceFile
    folder: str
    description: str
    entries: tuple[Entry, ...]

    @property
    def is_chain(self) -> bool:
        return self.folder == PIPELINES

    def wanted(self) -> list[Wanted]:
        """Return every member, in the order of the file; of a place, by name."""
        rows = _experiments(self.entries)
        return [member for entry in self.entries for member in _members(entry, rows)]


def read(file: SourceFile, folder: str) -> Definition:
    """Return what a file says; raises RefusedError with every problem and its line."""
    reader = _Reader()
    description = ""
    entries: tuple[Entry, ...] = ()
    try:
        top = reader.mapping(yaml_nodes.read(file.data), file.name, known=_TOP[folder])
        description = reader.text(top.entries.get("description"), "description", lines=True)
        entries = reader.entries(top, folder)
        problems = [(problem.line, problem.message) for problem in reader.problems]
    except RegistryFileError as error:
        problems = [(problem.line, problem.message) for problem in error.problems]
    if problems:
        lines = [message.at(f"{file.path}:{line}") for line, message in sorted(problems, key=_line)]
        raise RefusedError(texts.NOT_VALID(file=file.path, problems=lines))
    return Definition(file=file, folder=folder, description=description, entries=entries)


_TOP = {SCENARIO: ("description", "runs"), PIPELINES: ("description", "experiment", "steps")}


def _line(problem: tuple[int | None, Message]) -> int:
    return problem[0] or 0


class _Reader(Reader):
    """The entries of a file, as far as they can be read."""

    def entries(self, top: Mapping, folder: str) -> tuple[Entry, ...]:
        key = "steps" if folder == PIPELINES else "runs"
        node = top.entries.get(key)
        nodes = self.items(node, key) if node is not None else ()
        if not nodes:
            self.report(texts.NO_RUNS(where=key), node.line if node else top.line)
        if len(nodes) > MAX_ENTRIES:
            problem = texts.TOO_MANY_ENTRIES(where=key, count=len(nodes), limit=MAX_ENTRIES)
            self.report(problem, nodes[MAX_ENTRIES].line)
        usual = self.text(top.entries.get("experiment"), "experiment", limit=200)
        found = [
            self._step(item, f"{key}[{number}]", usual)
            if folder == PIPELINES
            else self._run(item, f"{key}[{number}]")
            for number, item in enumerate(nodes[:MAX_ENTRIES], start=1)
        ]
        if folder == PIPELINES:
            names = [entry.label for entry in found]
            for name in sorted({name for name in names if names.count(name) > 1}):
                self.report(texts.TWICE(name=name), top.line)
        return tuple(found)

    def _run(self, node: Node, where: str) -> Entry:
        row = self.mapping(node, where, known=_OF_RUN)
        experiment = self.text(row.entries.get("experiment"), f"{where}.experiment", limit=200)
        place = self._place(row.entries.get("where"), f"{where}.where")
        if bool(experiment) == bool(place):
            self.report((texts.BOTH if place else texts.WHICH)(where=where), node.line)
        return Entry(
            label=experiment or where,
            experiment=experiment,
            where=place,
            values=self._values(row, where, steps=False),
        )

    def _step(self, node: Node, where: str, usual: str) -> Entry:
        row = self.mapping(node, where, known=_OF_STEP)
        name = self.text(row.entries.get("name"), f"{where}.name", limit=50)
        if not name:
            self.report(texts.NO_STEP_NAME(where=where), node.line)
        elif not _STEP_NAME.fullmatch(name):
            self.report(texts.BAD_NAME(name=name), node.line)
        experiment = self.text(row.entries.get("experiment"), f"{where}.experiment", limit=200)
        if not (experiment or usual):
            self.report(texts.WHICH(where=where), node.line)
        values = self._values(row, where, steps=True)
        reads = self.mapping(row.entries.get("reads"), f"{where}.reads").entries
        values["reads"] = {
            path: source
            for path, item in reads.items()
            if (source := self._source(item, f"{where}.reads.{path}")) is not None
        }
        return Entry(label=name, experiment=experiment or usual, values=values)

    def _place(self, node: Node | None, where: str) -> dict[str, str]:
        """Return the conditions; one without a value would hold for every experiment."""
        self.mapping(node, where, known=tuple(PLACES))
        found: dict[str, str] = {}
        for key, item in node.entries.items() if isinstance(node, Mapping) else ():
            known = len(self.problems)
            text = self.text(item, f"{where}.{key}", limit=200).strip()
            if text:
                found[key] = text
            elif len(self.problems) == known:
                self.report(texts.NO_CONDITION(where=f"{where}.{key}"), item.line)
        return {key: text for key, text in found.items() if key in PLACES}

    def _values(self, row: Mapping, where: str, *, steps: bool) -> dict[str, Any]:
        """Return the keys that runs and steps share, as fields of a `StepSpec`."""
        kind = self.text(row.entries.get("type"), f"{where}.type", limit=10)
        if kind not in EntryPointType.values:
            self.report(texts.NO_KIND(where=where, types=EntryPointType.values), row.line)
        values: dict[str, Any] = {"type": kind, "params": {}, "files": {}}
        for key, limit in (("version", 100), ("script", 500), ("note", 1000)):
            values[key] = self.text(row.entries.get(key), f"{where}.{key}", limit=limit)
        if (priority := row.entries.get("priority")) is not None:
            values["priority"] = self.number(priority, f"{where}.priority", least=-100, most=100)
        for name, item in self.mapping(
            row.entries.get("params"), f"{where}.params"
        ).entries.items():
            place = f"{where}.params.{name}"
            if isinstance(item, Mapping) and steps:
                if (source := self._source(item, place)) is not None:
                    values["files"][name] = source
            elif _is_value(item):
                values["params"][name] = yaml_nodes.plain(item)
            else:
                self.report(texts.BAD_VALUE(where=place), item.line)
        values["environment"] = self._variables(row.entries.get("environment"), where)
        return values

    def _variables(self, node: Node | None, where: str) -> dict[str, str]:
        rows = self.mapping(node, f"{where}.environment").entries
        for name, item in rows.items():
            if not isinstance(item, Value) or item.value is None:
                self.report(texts.BAD_VARIABLE(where=f"{where}.environment.{name}"), item.line)
        return {name: str(yaml_nodes.plain(item)) for name, item in rows.items()}

    def _source(self, node: Node, where: str) -> FromStep | None:
        row = self.mapping(node, where, known=("from", "file", "pick"))
        step = self.text(row.entries.get("from"), f"{where}.from", limit=50)
        file = self.text(row.entries.get("file"), f"{where}.file", limit=300)
        pick = self.text(row.entries.get("pick"), f"{where}.pick", limit=10)
        if not step or not file:
            self.report(texts.BAD_VALUE(where=where), node.line)
            return None
        if pick not in {"", "first", "last"}:
            self.report(texts.BAD_PICK(where=f"{where}.pick"), node.line)
        return FromStep(step=step, file=file, pick=pick)


def _is_value(node: Node) -> bool:
    if isinstance(node, Items):
        return all(isinstance(item, Value) for item in node.items)
    return isinstance(node, Value)


def _members(entry: Entry, rows: Sequence[Any]) -> list[Wanted]:
    """Return the members of an entry: one, or one for each experiment of a place."""
    if entry.where:
        columns = {f"at_{key}": text for key, text in entry.where.items()}
        found = [
            Wanted(label=row.name, spec=StepSpec(experiment=row, **entry.values))
            for row in rows
            if all(getattr(row, column) == text for column, text in columns.items())
        ]
        places = ", ".join(f"{key}: {text}" for key, text in entry.where.items())
        none = Wanted(label=entry.label, refusal=texts.MATCHES_NONE(where=places))
        return found or [none]
    named = [row for row in rows if row.name == entry.experiment]
    if not named:
        return [Wanted(label=entry.label, refusal=_unknown(entry.experiment))]
    spec = StepSpec(experiment=named[0], **entry.values)
    if entry.label != entry.experiment:
        spec = replace(spec, name=entry.label)
    return [Wanted(label=entry.label, spec=spec)]


def _experiments(entries: Sequence[Entry]) -> list[Experiment]:
    """Return the experiments that entries name, or whose place they name; three queries."""
    wanted = Q(name__in={entry.experiment for entry in entries if not entry.where})
    for place in {tuple(sorted(entry.where.items())) for entry in entries if entry.where}:
        wanted |= Q(*((PLACES[key], text) for key, text in place))
    places: dict[str, Any] = {f"at_{key}": F(column) for key, column in PLACES.items()}
    rows = Experiment.objects.filter(wanted).annotate(**places).order_by("name")
    return list(rows.prefetch_related("entry_points", "scripts"))


def _unknown(name: str) -> Message:
    near = difflib.get_close_matches(name, Experiment.objects.values_list("name", flat=True), n=3)
    if near:
        return requests.NO_EXPERIMENT_NEAR(name=name, names=near)
    return requests.NO_EXPERIMENT(name=name)
