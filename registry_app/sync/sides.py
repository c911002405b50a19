"""Both sides of a sync as the objects of the merge: what the file says, and what the rows say."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Q

from registry_app.choices import FieldSource
from registry_app.document import yaml_nodes
from registry_app.document.model import (
    EntryPointDocument,
    ExperimentDocument,
    RegistryDocument,
    WordDocument,
)
from registry_app.document.reader import load
from registry_app.fields.documents import fields_of_document, typed, with_values
from registry_app.fields.names import entry_point_fields, experiment_fields, is_empty, split_field
from registry_app.fields.rows import read_rows
from registry_app.fields.vocabulary import words_of_rows
from registry_app.models import Customer, FieldProvenance, SyncedFile
from registry_app.sync.archived import ARCHIVED, Archived
from registry_app.sync.identity import (
    CUSTOMER,
    NEW_IN_FILE,
    NEW_IN_PORTAL,
    WORD,
    identify,
    place_text,
)
from registry_app.sync.matching import Place
from registry_app.sync.objects import Key, Known, Object, Objects
from registry_app.sync.vocabulary import objects_of
from registry_app.sync.waiting import proposed_of


@dataclass(frozen=True, kw_only=True)
class FileSide:
    """A registry file that was read: its bytes, its content and what its sections say."""

    data: bytes
    content: dict[str, Any]
    documents: Mapping[str, ExperimentDocument]
    customers: Mapping[str, Object]
    vocabulary: tuple[WordDocument, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Sides:
    """The input of a merge.

    `names` has the entry's present name in the file for each id; `archived` the names of archived
    experiments, with the ids of entries that would restore them.
    """

    file: Objects
    portal: Objects
    known: dict[str, Known]
    weak: frozenset[Key]
    names: dict[str, str] = field(default_factory=dict)
    archived: dict[str, str] = field(default_factory=dict)


def read_file(data: bytes) -> FileSide:
    """Return the content of a file; raises RegistryFileError with every problem and its line."""
    document = load(data) if data.strip() else RegistryDocument()
    node = yaml_nodes.read(data)
    content = yaml_nodes.plain(node) if node is not None else {}
    customers = {}
    for customer in document.customers:
        fields: Object = {
            "display_name": customer.display_name,
            "aliases": list(customer.aliases or ()),
        }
        customers[customer.name] = {
            key: value for key, value in fields.items() if not is_empty(value)
        }
    return FileSide(
        data=data,
        content=content,
        documents={experiment.name: experiment for experiment in document.experiments},
        customers=customers,
        vocabulary=document.vocabulary,
    )


def read_sides(registry: SyncedFile, file: FileSide) -> Sides:
    """Return both sides and what they last agreed on, in a number of queries that does not grow."""
    portal = portal_objects()
    links = list(registry.links.all())
    id_of = {row.experiment_id: str(row.pk) for row in links if row.experiment_id is not None}
    link = {str(row.pk): (row.name, row.path) for row in links if row.is_experiment}
    by_id = {id_of.get(pk, f"{NEW_IN_PORTAL}{pk}"): entry for pk, entry in portal.items()}
    unlinked = {
        id_: (entry["name"], entry["path"]) for id_, entry in by_id.items() if id_ not in link
    }
    paths = {name: entry.path for name, entry in file.documents.items()}
    proposed = _proposed_places(registry, link)
    ids = identify(link, paths, unlinked, proposed=proposed, place_of=place_text)
    here = {
        ids[name]: {"name": name, **_stated_fields(entry)} for name, entry in file.documents.items()
    }
    known = {
        str(row.pk): Known(fields=row.fields, unknown=frozenset(row.unknown))
        for row in links
        if row.is_experiment
    }
    new = [(id_, entry) for id_, entry in here.items() if id_.startswith(NEW_IN_FILE)]
    archived = Archived().ids_by_name({id_: pk for pk, id_ in id_of.items()}, new)
    if registry.synced_at is None:
        # Whether it was archived or added last cannot be known.
        known |= {id_: ARCHIVED for id_ in archived.values() if id_}
    return Sides(
        file=here,
        portal=by_id,
        known=known,
        weak=_guesses(id_of),
        names={id_: name for name, id_ in ids.items()},
        archived=archived,
    )


def read_sections(registry: SyncedFile, file: FileSide) -> Sides:
    """Return the customers and the words of both sides.

    A side that lacks a customer has no names for it; one that lacks a word does not have it.
    """
    known = {
        f"{WORD if row.is_word else CUSTOMER}{row.name}": Known(
            fields=row.fields, unknown=frozenset(row.unknown)
        )
        for row in registry.links.filter(Q(is_customer=True) | Q(is_word=True))
    }
    customers = _customers(known, file)
    return Sides(
        file=customers[0] | objects_of(file.vocabulary),
        portal=customers[1] | objects_of(words_of_rows().values()),
        known=known,
        weak=frozenset(),
    )


def _customers(known: Iterable[str], file: FileSide) -> tuple[Objects, Objects]:
    """Return the customers of the file and of the portal; those of `known` are on both sides."""
    there = {name.casefold(): entry for name, entry in file.customers.items()}
    rows = {}
    for row in Customer.objects.all():
        fields: Object = {"display_name": row.display_name, "aliases": list(row.aliases)}
        rows[row.name.casefold()] = {
            key: value for key, value in fields.items() if not is_empty(value)
        }
    names = [name for name in {**rows, **there} if rows.get(name) or there.get(name)]
    names += [id_.removeprefix(CUSTOMER) for id_ in known if id_.startswith(CUSTOMER)]
    return (
        {f"{CUSTOMER}{name}": _placed(name, there.get(name)) for name in names},
        {f"{CUSTOMER}{name}": _placed(name, rows.get(name)) for name in names},
    )


def portal_objects() -> dict[int, Object]:
    """Return the experiments in use by the keys of their rows."""
    rows = read_rows()
    return {
        row.pk: {
            "name": name,
            **{key: value for key, value in rows.fields[name].items() if not is_empty(value)},
        }
        for name, row in rows.experiments.items()
    }


def document_of(entry: Object) -> ExperimentDocument:
    """Return an object as a document that says its fields."""
    parts: dict[str, dict[str, Any]] = {}
    for dotted, value in entry.items():
        kind, name = split_field(dotted)
        fields = entry_point_fields if kind else experiment_fields
        if name in fields and not is_empty(value):
            parts.setdefault(kind, {})[name] = typed(fields[name], value)
    own = parts.pop("", {})
    document = ExperimentDocument(
        name=entry["name"],
        path=entry["path"],
        entry_points={
            kind: with_values(EntryPointDocument(), fields) for kind, fields in parts.items()
        },
    )
    return with_values(document, own)


def _proposed_places(registry: SyncedFile, link: Mapping[str, Place]) -> list[dict[str, Place]]:
    """Return the places of new entries in proposals, the last ones first."""
    found: dict[int, dict[str, Place]] = {}
    for id_, fields in proposed_of(registry.proposed_values).items():
        if id_ in link or not {"name", "path"} <= fields.keys():
            continue
        names, paths = ([str(text) for text in fields[part]] for part in ("name", "path"))
        for back in range(max(len(names), len(paths))):
            place = names[max(-1 - back, -len(names))], paths[max(-1 - back, -len(paths))]
            found.setdefault(back, {})[id_] = place
    return [found[back] for back in sorted(found)]


def _stated_fields(document: ExperimentDocument) -> Object:
    return {
        name: value for name, value in fields_of_document(document).items() if not is_empty(value)
    }


def _placed(name: str, fields: Object | None) -> Object:
    return {"name": name, "path": f"{CUSTOMER}{name}", **(fields or {})}


def _guesses(id_of: Mapping[int, str]) -> frozenset[Key]:
    """Return the fields that only a scan drafted."""
    rows = FieldProvenance.objects.filter(source=FieldSource.SCANNED)
    found = rows.order_by().values_list("experiment_id", "field")
    return frozenset((id_of.get(pk, f"{NEW_IN_PORTAL}{pk}"), name) for pk, name in found)
