"""Turns the rows of a sheet into a registry document, so that a sheet is planned as a file is.

A row becomes the entry that a registry file would have, and the reader of that file judges it: one
rule holds for all ways in. A missing column and a blank cell are not said; a cell that says what
the registry says already is left out too, so that what was wrong before and is not touched keeps
no sheet out.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _

from registry_app.choices import EntryPointType, ImportKind
from registry_app.document.model import PlaceDocument, RegistryDocument
from registry_app.document.reader import DocumentReader, with_evidence
from registry_app.document.yaml_nodes import Items, Mapping, Node, Value
from registry_app.exceptions import PathRefusedError, Problem, RegistryFileError
from registry_app.fields.names import same
from registry_app.fields.rows import RegistryRows
from registry_app.files.paths import resolve_directory
from registry_app.progress import Progress, followed
from registry_app.resources.base import SheetResource
from registry_app.resources.cells import is_blank, text_of
from registry_app.resources.experiments import EntryPointResource, ExperimentResource
from registry_app.resources.names import NearestNames
from registry_app.resources.places import CustomerResource, SiteResource, ZoneResource
from registry_app.resources.table import SheetPlace, SheetRow, Table, read_table

SHEETS: dict[str, type[SheetResource]] = {
    ImportKind.EXPERIMENTS: ExperimentResource,
    ImportKind.ENTRY_POINTS: EntryPointResource,
    ImportKind.CUSTOMERS: CustomerResource,
    ImportKind.SITES: SiteResource,
    ImportKind.ZONES: ZoneResource,
}
_NAME_LENGTH = 100

# What a row says: the keys that lead to a value in a registry file, and the value.
Said = dict[tuple[str, ...], Node]


def read_sheet(
    data: bytes,
    kind: ImportKind,
    *,
    name: str,
    rows: RegistryRows,
    progress: Progress | None = None,
) -> RegistryDocument:
    """Return what a sheet of this kind says about the registry that `rows` are.

    Raises RegistryFileError with every problem, each with the number of its row and its column.
    """
    sheet = _Sheet(kind, rows, progress)
    document = sheet.document(read_table(data))
    if sheet.problems:
        raise RegistryFileError(in_cells(sheet.problems))
    experiments = tuple(with_evidence(one, Path(name).name) for one in document.experiments)
    return replace(document, experiments=experiments, is_whole=False)


def in_cells(problems: Any) -> list[Problem]:
    """Return the problems of a sheet in the order of its rows, each with its column."""
    found = [
        Problem(
            message=one.message,
            line=None if one.line is None else int(one.line),
            column=one.line.column if isinstance(one.line, SheetPlace) else one.column,
        )
        for one in problems
    ]
    return sorted(found, key=lambda one: one.line or 0)


class _SheetReader(DocumentReader):
    """Reads entries that were made from rows: where an experiment lies already is no mistake."""

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
    """One sheet on its way into a document; notes every problem with its cell."""

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
        self._check_headers(table)
        if self.problems:
            # Without its columns no row makes sense; what they would say is left out.
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

    # The header

    def _check_headers(self, table: Table) -> None:
        for name in table.headers:
            if name and name not in self._columns:
                self._say(self._nearest.unknown(_("column"), name, list(self._columns)), 1, name)
        for name in self._columns:
            if table.headers.count(name) > 1:
                self._say(_("The column {name} stands here twice.").format(name=name), 1, name)
        for name in self._resource.keys:
            if name not in table.headers:
                text = _("The column {name} is missing; it says which row is meant.")
                self._say(text.format(name=name), 1, name)
        if table.nameless_with_cells is not None:
            text = _("A column has cells and no name in the first row.")
            self._say(text, table.nameless_with_cells, "")

    # The rows

    def _keyed(self, table: Table) -> Iterator[tuple[SheetRow, tuple[str, ...]]]:
        """Yield the rows whose keys are readable, and each key once."""
        seen: set[tuple[str, ...]] = set()
        for row in followed(table.rows, self._progress):
            key = self._key(row)
            if key is None:
                continue
            if key in seen:
                text = _("This row stands in the file twice.")
                self._say(text, row.number, self._resource.keys[0])
            else:
                seen.add(key)
                yield row, key

    def _key(self, row: SheetRow) -> tuple[str, ...] | None:
        key = []
        for name in self._resource.keys:
            try:
                text = text_of(row.cells.get(name))
            except ValueError as error:
                self._say(str(error), row.number, name)
                return None
            if not text and name not in self._resource.keys_may_be_blank:
                self._say(_("This cell must not be blank."), row.number, name)
                return None
            key.append(text)
        return tuple(key)

    def _said(self, row: SheetRow, present: dict[str, Any], prefix: str = "") -> Said:
        """Return what the cells of a row say that `present`, by dotted field, does not."""
        said: Said = {}
        for column, field in self._resource.said.items():
            cell = row.cells.get(column)
            if is_blank(cell):
                continue
            try:
                value = self._columns[column].clean(cell)
            except ValueError as error:
                self._say(str(error), row.number, column)
                continue
            dotted = f"{prefix}{field}"
            if not same(present.get(dotted), value):
                said[tuple(dotted.split("."))] = _node(value, row.place(column))
        return said

    def _experiments(self, keyed: list[tuple[SheetRow, tuple[str, ...]]]) -> Said:
        entries: Said = {}
        for row, (name,) in keyed:
            said = self._said(row, self._rows.fields.get(name, {}))
            entries[name,] = self._entry(name, said, row.place("name"))
        return entries

    def _entry_points(self, keyed: list[tuple[SheetRow, tuple[str, ...]]]) -> Said:
        said: dict[str, Said] = {}
        places: dict[str, SheetPlace] = {}
        for row, (name, kind) in keyed:
            if name not in self._rows.experiments:
                text = self._nearest.unknown(_("experiment"), name, list(self._rows.experiments))
                self._say(text, row.number, "experiment")
            elif kind not in EntryPointType.values:
                text = self._nearest.unknown(_("type"), kind, EntryPointType.values)
                self._say(text, row.number, "type")
            else:
                places.setdefault(name, row.place("experiment"))
                news = self._said(row, self._rows.fields[name], f"entry_points.{kind}.")
                said.setdefault(name, {}).update(news)
        return {(name,): self._entry(name, one, places[name]) for name, one in said.items()}

    def _entry(self, name: str, said: Said, place: SheetPlace) -> Node:
        """Return the entry of an experiment; it needs a path, said here or known already."""
        known = self._rows.experiments.get(name)
        if known is not None and ("path",) not in said:
            said = {("path",): Value(line=place, value=known.path), **said}
        return _mapping(said, place)

    def _customers(self, keyed: list[tuple[SheetRow, tuple[str, ...]]]) -> Said:
        entries: Said = {}
        for row, (name,) in keyed:
            known = self._rows.customers.get(name.casefold())
            present = {
                field: getattr(known, field) if known else "" for field in self._resource.said
            }
            entries[name,] = _mapping(self._said(row, present), row.place("name"))
        return entries

    def _places(self, keyed: list[tuple[SheetRow, tuple[str, ...]]]) -> Iterator[PlaceDocument]:
        for row, key in keyed:
            place = PlaceDocument(**dict(zip(self._resource.keys, key, strict=True)))
            for column, text in zip(self._resource.keys, key, strict=True):
                node = Value(line=row.place(column), value=text)
                self._reader.text(node, column, limit=_NAME_LENGTH)
            if problem := self._lacking(place):
                self._say(problem[1], row.number, problem[0])
            else:
                yield place

    def _lacking(self, place: PlaceDocument) -> tuple[str, str] | None:
        """Return the column and a message where a place would stand in one that is not there."""
        folded = place.customer.casefold()
        if folded not in self._rows.customers:
            names = [row.name for row in self._rows.customers.values()]
            return "customer", self._nearest.unknown(_("customer"), place.customer, names)
        if place.zone is None or replace(place, customer=folded, zone=None) in self._rows.places:
            return None
        known = [
            f"{one.region} · {one.plant}"
            for one in self._rows.places
            if one.customer == folded and one.zone is None and one.region is not None
        ]
        wanted = f"{place.region} · {place.plant}"
        return "region", self._nearest.unknown(_("site"), wanted, known)

    def _read(
        self, *, experiments: Said | None = None, customers: Said | None = None
    ) -> RegistryDocument:
        """Return the document of these entries, judged by the reader of the registry file."""
        top = SheetPlace(1, "")
        said: Said = {
            ("experiments",): _mapping(experiments or {}, top),
            ("customers",): _mapping(customers or {}, top),
        }
        return self._reader.document(_mapping(said, top))

    def _say(self, message: str, row: int, column: str) -> None:
        self._reader.say(message, SheetPlace(row, column))


def _mapping(said: Said, line: int) -> Mapping:
    """Return the mapping in which these keys lead to these values."""
    entries: dict[str, Node] = {}
    keys: dict[str, int] = {}
    deeper: dict[str, Said] = {}
    for (key, *rest), node in said.items():
        keys.setdefault(key, node.line)
        if rest:
            deeper.setdefault(key, {})[tuple(rest)] = node
        else:
            entries[key] = node
    entries |= {key: _mapping(one, keys[key]) for key, one in deeper.items()}
    return Mapping(line=line, entries=entries, keys=keys)


def _node(value: Any, line: int) -> Node:
    """Return the node that a registry file would have for a value."""
    if isinstance(value, list):
        return Items(line=line, items=tuple(_node(one, line) for one in value))
    if isinstance(value, dict):
        entries = {key: _node(one, line) for key, one in value.items()}
        return Mapping(line=line, entries=entries, keys=dict.fromkeys(value, line))
    return Value(line=line, value=value)
