"""The file after a merge: edited in place, with the edits that cannot be made."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from registry_app.document.model import CustomerDocument, RegistryDocument, WordDocument
from registry_app.document.spans.edits import Edit, EditKind, differences
from registry_app.document.spans.rewrite import Refusal, rewrite
from registry_app.document.vocabulary_reader import SECTION
from registry_app.document.writer import dump
from registry_app.sync.identity import CUSTOMER
from registry_app.sync.objects import WHOLE, Key, Merged
from registry_app.sync.sides import FileSide, Sides, document_of
from registry_app.sync.vocabulary import document_of as word_of
from registry_app.sync.vocabulary import keys_of as keys_of_words
from registry_app.sync.vocabulary import section_with, words_among
from registry_app.sync.wanted import customer_with, entry_of, entry_with


@dataclass(frozen=True, kw_only=True)
class NewFile:
    """The bytes of a file, and the keys of the merge that they do not say."""

    data: bytes
    refused: dict[Key, Refusal]


def new_file(file: FileSide, sides: Sides, merged: Merged, sections: Merged) -> NewFile:
    """Return the file with the values that the merge decided for it.

    `sections` are the customers and the vocabulary.
    """
    if not file.data.strip():
        return NewFile(data=_fixed_form(merged, sections).encode(), refused={})
    there: dict[str, Any] = file.content.get("experiments") or {}
    found: dict[str, Any] = {}
    renames: dict[tuple[str, ...], str] = {}
    id_of = {name: id_ for id_, name in sides.names.items()}
    for name, entry in there.items():
        merged_entry = merged.file.get(id_of.get(name, ""))
        if merged_entry is None:
            continue
        if merged_entry["name"] != name:
            renames["experiments", name] = merged_entry["name"]
        found[merged_entry["name"]] = entry_with(
            entry, file.documents.get(name), document_of(merged_entry)
        )
    for id_, merged_entry in merged.file.items():
        if id_ not in sides.names:
            found[merged_entry["name"]] = entry_of(document_of(merged_entry))
    wanted = _with_customers(file, sections)
    wanted[SECTION] = section_with(
        file.content.get(SECTION) or {}, _words(sections), keeps_others=False
    )
    wanted |= {key: value for key, value in file.content.items() if key not in wanted}
    wanted["experiments"] = found
    edits = differences(file.content, wanted, renames=renames)
    after = rewrite(file.data, file.content, edits)
    refused = {
        key: refusal
        for refusal in after.refusals
        for key in _keys_of(refusal.edit, id_of, sides, merged)
    }
    return NewFile(data=after.data, refused=refused)


def _words(sections: Merged) -> list[WordDocument]:
    """Return the words that the file should have."""
    words = words_among(sections.file)
    return [word_of(id_, entry) for id_, entry in sorted(words.items())]


def _fixed_form(merged: Merged, sections: Merged) -> str:
    customers = [entry for id_, entry in sections.file.items() if id_.startswith(CUSTOMER)]
    return dump(
        RegistryDocument(
            experiments=tuple(document_of(entry) for entry in merged.file.values()),
            customers=tuple(
                CustomerDocument(
                    name=entry["name"],
                    display_name=entry.get("display_name"),
                    aliases=tuple(entry.get("aliases") or ()) or None,
                )
                for entry in sorted(customers, key=lambda entry: str(entry["name"]))
            ),
            vocabulary=tuple(_words(sections)),
        )
    )


def _with_customers(file: FileSide, sections: Merged) -> dict[str, Any]:
    """Return the customers that the file should have, in its spelling of their names."""
    there: dict[str, Any] = file.content.get("customers") or {}
    known = {f"{CUSTOMER}{name.casefold()}": name for name in there}
    found = {
        name: customer_with(there[name], sections.file.get(id_)) for id_, name in known.items()
    }
    for id_, entry in sections.file.items():
        is_new = id_.startswith(CUSTOMER) and id_ not in known
        if is_new and (customer := customer_with(None, entry)):
            found[entry["name"]] = customer
    kept = {name: entry for name, entry in found.items() if entry or not there.get(name)}
    return {"customers": kept} if kept else {"customers": None}


def _keys_of(edit: Edit, id_of: dict[str, str], sides: Sides, merged: Merged) -> list[Key]:
    """Return the keys of the merge that a refused edit was made for."""
    section, *rest = edit.path
    if section == SECTION:
        return keys_of_words(edit)
    if section != "experiments" or not rest:
        return [(f"{CUSTOMER}{rest[0].casefold()}", rest[1])] if len(rest) > 1 else []
    new = {entry["name"]: id_ for id_, entry in merged.file.items()}
    id_ = id_of.get(rest[0]) or new.get(rest[0], "")
    if edit.kind is EditKind.RENAME:
        return [(id_, "name")]
    if len(rest) == 1:
        return [(id_, WHOLE)]
    prefix = ".".join(rest[1:])
    before, after = sides.file.get(id_, {}), merged.file.get(id_, {})
    return [
        (id_, name)
        for name in {**before, **after}
        if (name == prefix or name.startswith(f"{prefix}.")) and before.get(name) != after.get(name)
    ]
