"""Write the rows into a registry file that exists: edits in place, and nothing else changes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.conf import settings

from registry_app.changes.directories import place_of
from registry_app.document import yaml_nodes
from registry_app.document.model import ExperimentDocument
from registry_app.document.reader import DocumentReader
from registry_app.document.spans.edits import differences
from registry_app.document.spans.rewrite import Refusal, rewrite
from registry_app.document.vocabulary_reader import SECTION
from registry_app.document.writer import dump
from registry_app.fields.rows import document_from_rows
from registry_app.models import Customer, Experiment
from registry_app.sync.matching import by_names, matched
from registry_app.sync.vocabulary import section_with, shown_name
from registry_app.sync.wanted import customer_with, entry_of, entry_with
from registry_app.word_forms import joined_word

Content = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class Exported:
    """A file after an export into it.

    Entries of archived experiments are removed. `left` are entries that the portal does not have;
    they stay. `refusals` are edits that cannot
    be made without touching something else.
    """

    data: bytes
    left: tuple[str, ...] = ()
    refusals: tuple[Refusal, ...] = ()


def exported_into(data: bytes) -> Exported:
    """Return the file `data` saying what the rows say; raises RegistryFileError.

    An empty file gets the fixed form of a new one.
    """
    if not data.strip():
        return Exported(data=dump(document_from_rows()).encode())
    node = yaml_nodes.read(data)
    content = yaml_nodes.plain(node) if node is not None else {}
    if node is None or not isinstance(content, dict):
        content = {}
    # What is wrong with a value is not reported here: the export puts the portal's value there.
    read = DocumentReader(settings.GUARDIANFLOW_ROOTS).document(node) if node is not None else None
    documents = (
        {experiment.name: experiment for experiment in read.experiments} if read is not None else {}
    )
    wanted, renames, left = _wanted(content, documents)
    edits = differences(content, wanted, renames=renames)
    after = rewrite(data, content, edits)
    return Exported(data=after.data, left=tuple(left), refusals=after.refusals)


def _wanted(
    content: Content, documents: Mapping[str, ExperimentDocument]
) -> tuple[Content, dict[tuple[str, ...], str], list[str]]:
    """Return the content that the file should have, the renaming in it, and unknown entries."""
    there = _mapping(content.get("experiments"))
    registry = document_from_rows()
    rows = {experiment.name: experiment for experiment in registry.experiments}
    pairs = matched(by_names(_places(documents.values())), by_names(_places(rows.values())))
    places = _places_in(there, documents)
    archived = matched(
        by_names({name: place for name, place in places.items() if name not in pairs}),
        by_names(_archived_places()),
    )
    there = {name: entry for name, entry in there.items() if name not in archived}
    left = sorted(set(there) - set(pairs))
    # A name that an unknown entry has is not taken from it.
    named = {old: old if new in left else new for old, new in pairs.items()}
    found = {
        named.get(name, name): entry_with(entry, documents.get(name), rows[pairs[name]])
        if name in pairs
        else entry
        for name, entry in there.items()
    }
    known = set(pairs.values())
    new = {name: entry_of(row) for name, row in rows.items() if name not in known}
    renames: dict[tuple[str, ...], str] = {
        ("experiments", old): new for old, new in named.items() if old != new
    }
    wanted: Content = {}
    customers = _customers(_mapping(content.get("customers")))
    if customers:
        wanted["customers"] = customers
    words = _mapping(content.get(SECTION))
    vocabulary = section_with(words, registry.vocabulary, keeps_others=True)
    wanted[SECTION] = vocabulary or content.get(SECTION)
    known_words = {word.word for word in registry.vocabulary}
    left += [shown_name(word) for word in words if joined_word(word) not in known_words]
    wanted |= {key: value for key, value in content.items() if key not in {"customers", SECTION}}
    wanted["experiments"] = found | new
    return wanted, renames, left


def _archived_places() -> dict[str, str]:
    rows = Experiment.everything.exclude(archived_at=None).values_list("name", "path")
    return {name: str(place_of(path) or path) for name, path in rows}


def _places_in(
    there: Mapping[str, Any], documents: Mapping[str, ExperimentDocument]
) -> dict[str, str]:
    """Return the directory of each entry of the file, '' where it has none."""
    places = _places(documents.values())
    return {name: places.get(name, "") for name in there}


def _customers(there: Mapping[str, Any]) -> Content:
    """Return the customers that the file should have, in its spelling of their names."""
    rows = {
        row.name: {"display_name": row.display_name, "aliases": list(row.aliases)}
        for row in Customer.objects.order_by("name")
    }
    spelled = {name.casefold(): name for name in rows}
    found = {
        name: customer_with(entry, rows.get(spelled.get(name.casefold(), "")))
        for name, entry in there.items()
    }
    known = {name.casefold() for name in there}
    for name, row in rows.items():
        if name.casefold() not in known and (customer := customer_with(None, row)):
            found[name] = customer
    return {name: entry for name, entry in found.items() if entry or not there.get(name)}


def _places(documents: Iterable[ExperimentDocument]) -> dict[str, str]:
    """Return the directory of each experiment: with links resolved if it is allowed."""
    return {document.name: str(place_of(document.path) or document.path) for document in documents}


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}
