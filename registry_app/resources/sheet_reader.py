"""Convert the rows of a sheet to a registry document, so that sheets are planned like files.

A row becomes the entry that a registry file would have, and the reader of that file validates it:
one rule holds for all entry points. A missing column or a blank cell is not mentioned in the
document. A cell with the registry's present value is skipped too, so that an existing problem in
an untouched field does not refuse the sheet.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from django.conf import settings

from registry_app.arguments.json_text import InvalidJsonError
from registry_app.choices import EntryPointType, ImportKind
from registry_app.document.model import PlaceDocument, RegistryDocument
from registry_app.document.reader import DocumentReader, with_evidence
from registry_app.document.yaml_nodes import Items, Mapping, Node, Value
from registry_app.exceptions import PathRefusedError, Problem, RegistryFileError
from registry_app.fields.names import same
from registry_app.fields.rows import RegistryRows
from registry_app.files.paths import resolve_directory
from registry_app.messages import Message
from registry_app.progress import Progress, followed
from registry_app.resources.base import SheetResource
from registry_app.resources.cells import CellError, is_blank, text_of
from registry_app.resources.experiments import EntryPointResource, ExperimentResource
from registry_app.resources.headings import Headings
from registry_app.resources.names import NearestNames
from registry_app.resources.places import CustomerResource, SiteResource, ZoneResource
from registry_app.resources.table import SheetPlace, SheetRow, Table, read_table
from registry_app.resources.type_names import shown_types, type_names, type_of
from registry_app.texts import cells as texts

SHEETS: dict[str, type[SheetResource]] = {
    ImportKind.EXPERIMENTS: ExperimentResource,
    ImportKind.ENTRY_POINTS: EntryPointResource,
    ImportKind.CUSTOMERS: CustomerResource,
    ImportKind.SITES: SiteResource,
    ImportKind.ZONES: ZoneResource,
}
_NAME_LENGTH = 100

# The content of a row: the key path of a value in a registry file, and the value.
Entries = dict[tuple[str, ...], Node]


def read_sheet(
    data: bytes,
    kind: ImportKind,
    *,
    name: str,
    rows: RegistryRows,
    progress: Progress | None = None,
) -> RegistryDocument:
    """Return the document of a sheet of this kind, given the present `rows` of the registry.

    Raises RegistryFileError with every problem, each with its row number and column.
    """
    sheet = _Sheet(kind, rows, progress)
    table = read_table(data, Headings.of(SHEETS[kind]))
    document = sheet.document(table)
    if sheet.problems:
        raise RegistryFileError(in_cells(sheet.problems))
    experiments = tuple(
        with_evidence(experiment, Path(name).name) for experiment in document.experiments
    )
    return replace(document, experiments=experiments, is_whole=False, remarks=table.remarks)


def in_cells(problems: Any) -> list[Problem]:
    """Return the problems of a sheet in the order of its rows, each with its column."""
    found = [
        Problem(
            message=problem.message,
            line=None if problem.line is None else int(problem.line),
            column=problem.line.column if isinstance(problem.line, SheetPlace) else problem.column,
        )
        for problem in problems
    ]
    return sorted(found, key=lambda problem: problem.line or 0)


class _SheetReader(DocumentReader):
    """Read entries made from rows: the present path of an experiment is never an error."""

    def __init__(self, rows: RegistryRows) -> None:
        super().__init__(settings.GUARDIANFLOW_ROOTS)
        self._known = {name: row.path for name, row in rows.experiments.items()}

    def _directory(self, name: str, node: Node | None, line: int) -> Path | None:
        if not isinstance(node, Value) or self._known.get(name) != node.value:
            return super()._directory(name, node, line)
        try:
            return resolve_directory(self._known[name], self._roots)
        except PathRefusedError:
            return None


class _Sheet:
    """Convert one sheet to a document; collect every problem with its cell."""

    def __init__(self, kind: ImportKind, rows: RegistryRows, progress: Progress | None) -> None:
        self._kind, self._rows, self._progress = kind, rows, progress
        self._resource = SHEETS[kind]()
        self._columns = {
            field.column_name: field.widget for field in self._resource.get_import_fields()
        }
        self._reader = _SheetReader(rows)
        self._nearest = NearestNames()

    @property
    def problems(self) -> list[Problem]:
        return self._reader.problems

    def document(self, table: Table) -> RegistryDocument:
        self._check_headings(table)
        if any(not table.written(name) for name in self._resource.keys):
            # The rows cannot be identified; their cells are validated anyway.
            self._check_cells(table)
            return RegistryDocument()
        keyed = list(self._keyed(table))
        if self._kind == ImportKind.EXPERIMENTS:
            return self._read(experiments=self._experiments(keyed))
        if self._kind == ImportKind.ENTRY_POINTS:
            return self._read(experiments=self._entry_points(keyed))
        if self._kind == ImportKind.CUSTOMERS:
            document = self._read(customers=self._customers(keyed))
            names = (key[0] for _row, key in keyed)
            return replace(document, places=tuple(PlaceDocument(customer=name) for name in names))
        return RegistryDocument(places=tuple(self._places(keyed)))

    # The headings

    def _check_headings(self, table: Table) -> None:
        row, known = table.header_row, Headings.of(type(self._resource))
        for heading in table.headings:
            if heading.text and heading.column is None:
                text = self._nearest.unknown(
                    texts.COLUMN,
                    heading.text,
                    known.all(),
                    listed=[*map(known.label, self._columns)],
                )
                self._report(text, SheetPlace(row, heading.text))
        for name in self._columns:
            written = table.written(name)
            if len(written) > 1:
                names = ", ".join(dict.fromkeys(written))
                self._report(texts.DUPLICATE_COLUMN(name=names), SheetPlace(row, written[0]))
        for name in self._resource.keys:
            if not table.written(name):
                message = texts.COLUMN_MISSING(name=known.label(name))
                self._report(message, SheetPlace(row, name))
        if table.nameless_with_cells is not None:
            place = SheetPlace(table.nameless_with_cells, "")
            self._report(texts.NAMELESS_COLUMN(), place)

    def _check_cells(self, table: Table) -> None:
        for row in table.rows:
            self._row_entries(row, {})

    # The rows

    def _keyed(self, table: Table) -> Iterator[tuple[SheetRow, tuple[str, ...]]]:
        """Yield the rows with readable keys, each key once."""
        seen: set[tuple[str, ...]] = set()
        for row in followed(table.rows, self._progress):
            key = self._key(row)
            if key is None:
                continue
            if key in seen:
                self._report(texts.DUPLICATE_ROW(), row.place(self._resource.keys[0]))
            else:
                seen.add(key)
                yield row, key

    def _key(self, row: SheetRow) -> tuple[str, ...] | None:
        key = []
        for name in self._resource.keys:
            try:
                text = text_of(row.cells.get(name))
            except CellError as error:
                self._report(error.message, row.place(name))
                return None
            if not text and name not in self._resource.keys_may_be_blank:
                self._report(texts.BLANK(), row.place(name))
                return None
            key.append(type_of(text) if name == "type" else text)
        return tuple(key)

    def _row_entries(self, row: SheetRow, present: dict[str, Any], prefix: str = "") -> Entries:
        """Return the values of a row's cells that differ from `present`, by dotted field."""
        entries: Entries = {}
        for column, field in self._resource.document_fields.items():
            cell = row.cells.get(column)
            if is_blank(cell):
                continue
            try:
                value = self._columns[column].clean(cell)
            except (CellError, InvalidJsonError) as error:
                self._report(error.message, row.place(column))
                continue
            dotted = f"{prefix}{field}"
            if not same(present.get(dotted), value):
                entries[tuple(dotted.split("."))] = _node(value, row.place(column))
        return entries

    def _experiments(self, keyed: list[tuple[SheetRow, tuple[str, ...]]]) -> Entries:
        entries: Entries = {}
        for row, (name,) in keyed:
            own = self._row_entries(row, self._rows.fields.get(name, {}))
            entries[name,] = self._entry(name, own, row.place("name"))
        return entries

    def _entry_points(self, keyed: list[tuple[SheetRow, tuple[str, ...]]]) -> Entries:
        by_name: dict[str, Entries] = {}
        places: dict[str, SheetPlace] = {}
        for row, (name, kind) in keyed:
            if name not in self._rows.experiments:
                text = self._nearest.unknown(texts.EXPERIMENT, name, list(self._rows.experiments))
                self._report(text, row.place("experiment"))
                self._row_entries(row, {})  # its cells are validated anyway
            elif kind not in EntryPointType.values:
                text = self._nearest.unknown(texts.TYPE, kind, type_names(), listed=shown_types())
                self._report(text, row.place("type"))
                self._row_entries(row, {})
            else:
                places.setdefault(name, row.place("experiment"))
                news = self._row_entries(row, self._rows.fields[name], f"entry_points.{kind}.")
                by_name.setdefault(name, {}).update(news)
        return {
            (name,): self._entry(name, values, places[name]) for name, values in by_name.items()
        }

    def _entry(self, name: str, entries: Entries, place: SheetPlace) -> Node:
        """Return the entry of an experiment; it needs a path, in the sheet or in the registry."""
        known = self._rows.experiments.get(name)
        if known is not None and ("path",) not in entries:
            entries = {("path",): Value(line=place, value=known.path), **entries}
        return _mapping(entries, place)

    def _customers(self, keyed: list[tuple[SheetRow, tuple[str, ...]]]) -> Entries:
        entries: Entries = {}
        for row, (name,) in keyed:
            known = self._rows.customers.get(name.casefold())
            present = {
                field: getattr(known, field) if known else ""
                for field in self._resource.document_fields
            }
            entries[name,] = _mapping(self._row_entries(row, present), row.place("name"))
        return entries

    def _places(self, keyed: list[tuple[SheetRow, tuple[str, ...]]]) -> Iterator[PlaceDocument]:
        for row, key in keyed:
            place = PlaceDocument(**dict(zip(self._resource.keys, key, strict=True)))
            for column, text in zip(self._resource.keys, key, strict=True):
                node = Value(line=row.place(column), value=text)
                self._reader.text(node, column, limit=_NAME_LENGTH)
            if problem := self._lacking(place):
                self._report(problem[1], row.place(problem[0]))
            else:
                yield place

    def _lacking(self, place: PlaceDocument) -> tuple[str, Message] | None:
        """Return the column and a message if the parent of a place does not exist."""
        folded = place.customer.casefold()
        if folded not in self._rows.customers:
            names = [row.name for row in self._rows.customers.values()]
            return "customer", self._nearest.unknown(texts.CUSTOMER, place.customer, names)
        if place.zone is None or replace(place, customer=folded, zone=None) in self._rows.places:
            return None
        known = [
            f"{place.region} · {place.plant}"
            for place in self._rows.places
            if place.customer == folded and place.zone is None and place.region is not None
        ]
        wanted = f"{place.region} · {place.plant}"
        return "region", self._nearest.unknown(texts.SITE, wanted, known)

    def _read(
        self, *, experiments: Entries | None = None, customers: Entries | None = None
    ) -> RegistryDocument:
        """Return the document of these entries, validated by the reader of the registry file."""
        top = SheetPlace(1, "")
        sections: Entries = {
            ("experiments",): _mapping(experiments or {}, top),
            ("customers",): _mapping(customers or {}, top),
        }
        return self._reader.document(_mapping(sections, top))

    def _report(self, message: Message, place: SheetPlace) -> None:
        self._reader.report(message, place)


def _mapping(cells: Entries, line: int) -> Mapping:
    """Return the nested mapping of these key paths and values."""
    entries: dict[str, Node] = {}
    keys: dict[str, int] = {}
    deeper: dict[str, Entries] = {}
    for (key, *rest), node in cells.items():
        keys.setdefault(key, node.line)
        if rest:
            deeper.setdefault(key, {})[tuple(rest)] = node
        else:
            entries[key] = node
    entries |= {key: _mapping(inner, keys[key]) for key, inner in deeper.items()}
    return Mapping(line=line, entries=entries, keys=keys)


def _node(value: Any, line: int) -> Node:
    """Return the node that a registry file would have for a value."""
    if isinstance(value, list):
        return Items(line=line, items=tuple(_node(item, line) for item in value))
    if isinstance(value, dict):
        entries = {key: _node(item, line) for key, item in value.items()}
        return Mapping(line=line, entries=entries, keys=dict.fromkeys(value, line))
    return Value(line=line, value=value)
