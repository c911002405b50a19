"""The reader of the registry file, which reports every problem at once."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

from django.conf import settings

from registry_app.choices import EntryPointType
from registry_app.document import yaml_nodes
from registry_app.document.field_reader import FieldReader, Place
from registry_app.document.model import (
    CustomerDocument,
    EntryPointDocument,
    Evidence,
    ExperimentDocument,
    RegistryDocument,
)
from registry_app.document.vocabulary_reader import VocabularyReader
from registry_app.document.writer import dump
from registry_app.document.yaml_nodes import MAX_BYTES, Mapping, Node
from registry_app.exceptions import PathRefusedError, Problem, RegistryFileError
from registry_app.files.paths import resolve_directory
from registry_app.messages import Message
from registry_app.progress import Progress, followed
from registry_app.schema.fields import Field
from registry_app.schema.table import ENTRY_POINT_FIELDS, EXPERIMENT_FIELDS, keys_of
from registry_app.texts import problems as texts

CUSTOMER_KEYS = ("display_name", "aliases")
CORE_KEYS = ("model", "version", "sha256", "trainer", "since")
TOP_KEYS = ("experiments", "customers", "vocabulary", "core")
EXPERIMENT_KEYS = keys_of(EXPERIMENT_FIELDS)
ENTRY_POINT_KEYS = keys_of(ENTRY_POINT_FIELDS)

D = TypeVar("D", ExperimentDocument, EntryPointDocument)


def load(
    data: bytes,
    *,
    name: str = "experiments.yaml",
    roots: Sequence[Path] | None = None,
    progress: Progress | None = None,
) -> RegistryDocument:
    """Return the content of a registry file.

    Raises RegistryFileError with every problem and its line; `name` is the file's name in the
    problem of an empty file and in the evidence. `roots` are those of the settings unless given.
    """
    top = yaml_nodes.read(data)
    if top is None:
        raise RegistryFileError([Problem(message=texts.EMPTY(name=name), line=1)])
    reader = DocumentReader(settings.GUARDIANFLOW_ROOTS if roots is None else roots, progress)
    document = reader.document(top)
    if reader.problems:
        raise RegistryFileError(sorted(reader.problems, key=lambda problem: problem.line or 0))
    experiments = tuple(
        with_evidence(experiment, Path(name).name) for experiment in document.experiments
    )
    return replace(document, experiments=experiments)


def with_evidence(document: ExperimentDocument, name: str) -> ExperimentDocument:
    """Add the line in the file as evidence of each field."""
    evidence = {
        field: Evidence(confidence="", source=f"{name}:{line}")
        for field, line in document.lines.items()
    }
    return replace(document, evidence=evidence)


def parameter_problems(rows: list[dict[str, Any]]) -> list[Message]:
    """Return why parameters from another source would be invalid in a registry file."""
    reader = DocumentReader(())
    try:
        # JSON is YAML, so one rule holds for all entry points; it also refuses lone surrogates.
        text = json.dumps(rows, ensure_ascii=False, allow_nan=False)
    except ValueError:
        # Python accepts NaN and 1e999, which JSON does not have, and the database stores JSON.
        return [texts.UNREADABLE(text="NaN, Infinity")]
    try:
        node = yaml_nodes.read(text.encode(errors="surrogatepass"))
    except RegistryFileError as error:
        return [problem.message for problem in error.problems]
    if node is not None:
        reader.parameters(node, "parameters")
    return [problem.message for problem in reader.problems]


class DocumentReader(VocabularyReader, FieldReader):
    """Read the sections of a registry file, one method each; sheets are read through it too."""

    def __init__(self, roots: Sequence[Path], progress: Progress | None = None) -> None:
        super().__init__()
        self._roots = roots
        self._progress = progress
        self._directories: dict[Path, str] = {}

    def document(self, node: Node) -> RegistryDocument:
        top = self.mapping(node, texts.THE_FILE(), known=TOP_KEYS)
        if not isinstance(node, Mapping) or "experiments" not in top.keys:
            self.report(texts.NEEDS_EXPERIMENTS(), node.line)
        self._check_core(top.entries.get("core"))
        experiments = self.mapping(top.entries.get("experiments"), "experiments")
        customers = self.mapping(top.entries.get("customers"), "customers")
        return RegistryDocument(
            experiments=tuple(
                self._experiment(name, entry, experiments.keys[name])
                for name, entry in followed(sorted(experiments.entries.items()), self._progress)
            ),
            customers=tuple(
                customer
                for name, entry in sorted(customers.entries.items())
                if (customer := self._customer(name, entry)) is not None
            ),
            vocabulary=self.vocabulary(top.entries.get("vocabulary")),
        )

    def _check_core(self, node: Node | None) -> None:
        """Check the promoted models; they are read by promotions, and no sync changes them."""
        for name, entry in self.mapping(node, "core").entries.items():
            where = f"core.{name}"
            keys = self.mapping(entry, where, known=CORE_KEYS).entries
            for key in ("model", "sha256", "trainer"):
                self.text(keys[key], f"{where}.{key}") if key in keys else None
            if "version" in keys:
                self.number(keys["version"], f"{where}.version", least=1)

    def _customer(self, name: str, node: Node) -> CustomerDocument | None:
        """Return the names of a customer; None if the file does not set them."""
        if len(name) > 100 or not name.isprintable():
            self.report(texts.CUSTOMER_NAME(), node.line)
        entries = self.mapping(node, name, known=CUSTOMER_KEYS).entries
        values: dict[str, Any] = {}
        if "display_name" in entries:
            values["display_name"] = self.text(
                entries["display_name"], f"{name}.display_name", limit=200
            )
        if "aliases" in entries:
            values["aliases"] = self.texts(entries["aliases"], f"{name}.aliases")
        return CustomerDocument(name=name, **values) if values else None

    def _experiment(self, name: str, node: Node, line: int) -> ExperimentDocument:
        self._check_name(name, line)
        mapping = self.mapping(node, name, known=EXPERIMENT_KEYS)
        lines = dict(mapping.keys)
        directory = self._directory(name, mapping.entries.get("path"), line)
        document = ExperimentDocument(
            name=name,
            path="",
            entry_points=self._entry_points(
                name, mapping.entries.get("entry_points"), directory, lines
            ),
            lines=lines,
        )
        return self._filled(document, EXPERIMENT_FIELDS, mapping, Place(where=name, lines=lines))

    def _check_name(self, name: str, line: int) -> None:
        if not name.strip() or len(name) > 200 or not name.isprintable():
            self.report(texts.EXPERIMENT_NAME(), line)

    def _directory(self, name: str, node: Node | None, line: int) -> Path | None:
        """Check the path of an experiment; None if it cannot be determined."""
        written = self.text(node, f"{name}.path")
        line = node.line if node is not None else line
        try:
            directory = resolve_directory(written, self._roots)
        except PathRefusedError as error:
            self.report(error.message.at(name), line)
            return None
        other = self._directories.setdefault(directory, name)
        if other != name:
            self.report(texts.SAME_DIRECTORY(name=name, other=other), line)
        return directory

    def _entry_points(
        self, name: str, node: Node | None, directory: Path | None, lines: dict[str, int]
    ) -> dict[str, EntryPointDocument]:
        section = self.mapping(node, f"{name}.entry_points", known=EntryPointType.values)
        found = {}
        for kind in EntryPointType.values:
            if kind in section.entries:
                prefix = f"entry_points.{kind}"
                lines[prefix] = section.keys[kind]
                where = f"{name}.{prefix}"
                found[kind] = self._entry_point(
                    where, prefix, section.entries[kind], directory, lines
                )
        return found

    def _entry_point(
        self, where: str, prefix: str, node: Node, directory: Path | None, lines: dict[str, int]
    ) -> EntryPointDocument:
        section = self.mapping(node, where, known=ENTRY_POINT_KEYS)
        lines |= {f"{prefix}.{key}": line for key, line in section.keys.items()}
        place = Place(where=where, lines=lines, prefix=f"{prefix}.", directory=directory)
        return self._filled(EntryPointDocument(), ENTRY_POINT_FIELDS, section, place)

    def _filled(self, document: D, fields: Sequence[Field], mapping: Mapping, place: Place) -> D:
        """Return a document filled from the file, with its sections."""
        values: dict[str, Any] = {}
        for group in dict.fromkeys(field.group for field in fields):
            members = [field for field in fields if field.group == group]
            if not group:
                values |= self._values(members, mapping, place)
            elif group in mapping.entries:
                where = f"{place.where}.{group}"
                known = [field.key for field in members]
                section = self.mapping(mapping.entries[group], where, known=known)
                place.lines.update(
                    {f"{place.prefix}{group}.{key}": line for key, line in section.keys.items()}
                )
                own = self._values(members, section, replace(place, where=where))
                values[group] = replace(getattr(document, group), **own)
        return replace(document, **values)

    def _values(self, fields: Sequence[Field], section: Mapping, place: Place) -> dict[str, Any]:
        return {
            field.key: self.value_of(field, section.entries[field.key], place.at(field.key))
            for field in fields
            if field.key in section.entries
        }


__all__ = ["MAX_BYTES", "dump", "load", "parameter_problems"]
