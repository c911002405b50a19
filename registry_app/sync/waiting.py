"""What a sync agrees on where the portal's changes wait for people, on a branch of their own.

What was proposed is remembered by id and field of the merge, `*` for a whole object:

    {"12": {"owner": {
        "values": ["sujin", "yuna"],          # oldest first
        "by": [3, "2026-11-29T10:00:00+00:00"],  # who gave the last one, and when
        "is_last": true,                      # whether the last proposal has it
        "at": "2026-11-29T10:05:00+00:00"}}}  # when it was proposed last

The file may get each of these values late, also one that was replaced or taken back in the portal
since: it is no edit of the file then. A field is forgotten once the file has another value of it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from registry_app.fields.names import is_empty
from registry_app.sync.authors import NOT_KNOWN, Edit, Editors
from registry_app.sync.objects import WHOLE, Known, Merged, Object, Objects, Proposed
from registry_app.sync.wanted import same_field

Stored = Mapping[str, Mapping[str, Mapping[str, Any]]]
# Proposals of one field that can be merged late; the oldest is forgotten first.
MAX_VALUES = 20
# After this long, a value of a proposal is taken for an edit of the file.
MAX_AGE = timedelta(days=30)


def proposed_of(stored: Stored) -> Proposed:
    """Return the values that the file may get, oldest first."""
    return {
        id_: {name: memory["values"] for name, memory in fields.items()}
        for id_, fields in stored.items()
    }


def agreed_by_merge(known: Mapping[str, Known], stored: Stored) -> dict[str, Known]:
    """Return what both sides agree on once the last proposal is in the history of the branch."""
    found = dict(known)
    for id_, fields in stored.items():
        last = {name: memory["values"][-1] for name, memory in fields.items() if memory["is_last"]}
        if WHOLE in last:
            found.pop(id_, None)
        elif last:
            before = found.get(id_, Known(fields={}))
            kept = {name: value for name, value in before.fields.items() if name not in last}
            kept |= {name: value for name, value in last.items() if not is_empty(value)}
            found[id_] = Known(fields=kept, unknown=before.unknown - last.keys())
    return found


def written_fields(before: Objects, after: Objects) -> dict[str, dict[str, Any]]:
    """Return the values that a file gets, by id and field; `*` is None where an object goes."""
    found: dict[str, dict[str, Any]] = {}
    for id_ in {**before, **after}:
        if id_ not in after:
            found[id_] = {WHOLE: None}
            continue
        old, new = before.get(id_, {}), after[id_]
        fields = {
            name: new.get(name)
            for name in {**old, **new}
            if not same_field(name, old.get(name), new.get(name))
        }
        if fields:
            found[id_] = fields
    return found


def kept_values(stored: Stored, known: Mapping[str, Known], file: Objects) -> dict[str, Any]:
    """Return what is remembered of values that the file does not have yet.

    `known` is what was agreed on before this sync.
    """
    oldest = timezone.now() - MAX_AGE
    found: dict[str, dict[str, Any]] = {}
    for id_, fields in stored.items():
        before = known[id_].fields if id_ in known else None
        if (before is None) != (id_ not in file):
            continue
        for name, memory in fields.items():
            is_same = name == WHOLE or same_field(
                name, file.get(id_, {}).get(name), (before or {}).get(name)
            )
            if is_same and datetime.fromisoformat(memory["at"]) > oldest:
                found.setdefault(id_, {})[name] = {**memory, "is_last": False}
    return found


def with_values(
    kept: Stored, written: Mapping[str, Mapping[str, Any]], editors: Editors
) -> dict[str, dict[str, Any]]:
    """Return what is remembered once these values are proposed as well."""
    found = {id_: dict(fields) for id_, fields in kept.items()}
    now = timezone.now().isoformat()
    for id_, fields in written.items():
        for name, value in fields.items():
            values = kept.get(id_, {}).get(name, {"values": []})["values"]
            user, at = editors.get((id_, name), NOT_KNOWN)
            found.setdefault(id_, {})[name] = {
                "values": [*(old for old in values if old != value), value][-MAX_VALUES:],
                "by": [user, at.isoformat() if at is not None else None],
                "is_last": True,
                "at": now,
            }
    return found


def earlier_editors(stored: Stored, written: Mapping[str, Mapping[str, Any]]) -> Editors:
    """Return the editors of values that were proposed already.

    An answer of a question is written by a sync, so that the history does not tell its author.
    """
    found: Editors = {}
    for id_, fields in written.items():
        for name, value in fields.items():
            memory = stored.get(id_, {}).get(name)
            if (
                memory is not None
                and memory["is_last"]
                and same_field(name, memory["values"][-1], value)
            ):
                user, at = memory["by"]
                found[id_, name] = Edit(user, datetime.fromisoformat(at) if at else None)
    return found


def with_ids(stored: Stored, ids: Mapping[str, str]) -> dict[str, Any]:
    """Return what is remembered by other ids, once new entries have links."""
    return {ids.get(id_, id_): fields for id_, fields in stored.items()}


def without_file_changes(merged: Merged, file: Objects) -> Merged:
    """Return a merge as it is if the file stays as it was.

    The portal has what came from the file. For what the file should have got, both sides agree on
    what it says now: so that stays a change of the portal, which the next sync offers again, and
    an answered question is not asked again.
    """
    agreed: dict[str, Known] = {}
    for id_, known in merged.known.items():
        if id_ in file and id_ in merged.file:
            agreed[id_] = _as_in_file(known, file[id_], merged.file[id_])
        elif id_ not in merged.file:
            agreed[id_] = known
        # What is new in the portal stays new.
    for id_ in file.keys() - merged.file.keys():
        agreed[id_] = Known(fields=dict(file[id_]))
    return replace(merged, file=file, known=agreed)


def _as_in_file(known: Known, before: Object, after: Object) -> Known:
    written = {
        name
        for name in {**before, **after}
        if not same_field(name, before.get(name), after.get(name))
    }
    fields = {name: value for name, value in known.fields.items() if name not in written}
    for name in written:
        if not is_empty(value := before.get(name)):
            fields[name] = value
    return Known(fields=fields, unknown=known.unknown - written)
