"""Whether the command of an entry point is what an engineer has read.

An engineer is any user who may run scripts. What the registry puts into a command is compared with
what was confirmed when a run is asked for, not where the command is saved: so a form, a registry
file, a spreadsheet, a proposal and an undo all meet the rule without knowing of it. Three things
confirm at once, field by field: what an engineer saves, what a scan drafts, and what is imported
by a command.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import PurePosixPath
from typing import Any

from django.contrib.auth.models import AbstractBaseUser
from django.utils import timezone

from registry_app.choices import ConfirmedBy
from registry_app.exceptions import PathRefusedError
from registry_app.fields.names import ENTRY_POINT_COLUMNS, same, split_field
from registry_app.files.paths import experiment_directory
from registry_app.models import Confirmation, EntryPoint, Experiment, FieldProvenance

# The fields of an entry point that decide what its runs execute. A test holds this table against
# all fields that there are, so that a new one is put here or named there as harmless.
COMMAND_FIELDS = ("default", "patterns", "args_template", "parameters", "interpreter")
DIRECTORY = "directory"
TYPE = "type"
# What a parameter says to people alone; all the rest of it may enter the command line.
_SAID_TO_PEOPLE = frozenset({"help"})


@dataclass(frozen=True, kw_only=True)
class Difference:
    """One field that is not as it was confirmed; `by` and `at` say who set it, as far as known.

    `field` is the dotted name of the registry, `directory` for where the path leads.
    """

    field: str
    old: Any
    new: Any
    by: str = ""
    at: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class Unconfirmed:
    """An entry point whose command waits for an engineer to read it.

    `digest` names the command as it is now. `confirmed` is the last confirmation, None where
    there never was one.
    """

    entry_point: EntryPoint
    digest: str
    differences: tuple[Difference, ...]
    confirmed: Confirmation | None

    @property
    def changed_by(self) -> str:
        """Who made the latest of the changes, '' where unknown."""
        return self._latest.by

    @property
    def changed_at(self) -> datetime | None:
        return self._latest.at

    @property
    def _latest(self) -> Difference:
        return max(self.differences, key=lambda one: one.at.timestamp() if one.at else 0.0)


def command_of(entry: EntryPoint) -> dict[str, Any]:
    """Return what the registry puts into the command of an entry point, by field."""
    said = {name: _said(entry, name) for name in COMMAND_FIELDS}
    if entry.default_script:  # patterns choose the script only where no default does
        del said["patterns"]
    return {DIRECTORY: _directory_of(entry.experiment), TYPE: entry.type, **said}


def digest_of(command: Mapping[str, Any]) -> str:
    """Return the digest of a command's fields: the same for the same, on any machine."""
    text = json.dumps(command, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode(errors="surrogatepass")).hexdigest()


def unconfirmed(entry: EntryPoint) -> Unconfirmed | None:
    """Return what is to be read before this entry point may run, None where nothing is."""
    return next(iter(all_unconfirmed([entry])), None)


def all_unconfirmed(entries: Sequence[EntryPoint]) -> list[Unconfirmed]:
    """Return those that wait for a confirmation, in order; at most two queries."""
    rows = Confirmation.objects.filter(entry_point__in=[entry.pk for entry in entries])
    confirmed = {row.entry_point_id: row for row in rows.select_related("by")}
    found = [(entry, _differing(entry, confirmed.get(entry.pk))) for entry in entries]
    waiting = [(entry, fields) for entry, fields in found if fields]
    origins = _origins([entry for entry, _fields in waiting])
    return [
        Unconfirmed(
            entry_point=entry,
            digest=digest_of(command_of(entry)),
            differences=tuple(
                _difference(entry, name, old, new, origins) for name, (old, new) in fields.items()
            ),
            confirmed=confirmed.get(entry.pk),
        )
        for entry, fields in waiting
    ]


def confirm(
    entry: EntryPoint, *, how: ConfirmedBy, by: AbstractBaseUser | None = None
) -> Confirmation:
    """Write down that the whole command, as it is in `entry`, was read."""
    values = command_of(entry)
    row, _made = Confirmation.objects.update_or_create(
        entry_point=entry,
        defaults={
            "digest": digest_of(values),
            "values": values,
            "how": how,
            "by_id": by.pk if by is not None else None,
            "at": timezone.now(),
        },
    )
    return row


def confirm_fields(
    decided: Iterable[tuple[Experiment, Iterable[str]]],
    *,
    how: ConfirmedBy,
    by: AbstractBaseUser | None = None,
) -> None:
    """Write down that these dotted fields, just saved, need no reading.

    The others stay as they are: what another person left unconfirmed in the same entry point goes
    on waiting. Of an entry point in which nothing else is set, the directory counts as read with
    it. Three statements.
    """
    fields = {experiment.pk: _by_type(names) for experiment, names in decided}
    entries = list(
        EntryPoint.objects.filter(experiment__in=fields).select_related("experiment").order_by("pk")
    )
    known = {
        row.entry_point_id: row
        for row in Confirmation.objects.filter(entry_point__in=[one.pk for one in entries])
    }
    rows = []
    for entry in entries:
        names = fields[entry.experiment_id].get(entry.type, set())
        names |= fields[entry.experiment_id].get("", set())
        if names:
            values = _renewed(entry, known.get(entry.pk), names)
            rows.append(
                Confirmation(
                    entry_point=entry,
                    digest=digest_of(values),
                    values=values,
                    how=how,
                    by_id=by.pk if by is not None else None,
                    at=timezone.now(),
                )
            )
    Confirmation.objects.bulk_create(
        rows,
        batch_size=200,
        update_conflicts=True,
        unique_fields=["entry_point"],
        update_fields=["digest", "values", "how", "by", "at"],
    )


def _said(entry: EntryPoint, field: str) -> Any:
    value = getattr(entry, ENTRY_POINT_COLUMNS[field])
    if field == "default":
        return PurePosixPath(value).as_posix() if value else ""
    if field == "parameters":
        return [{key: one[key] for key in one if key not in _SAID_TO_PEOPLE} for one in value or ()]
    return value


def _directory_of(experiment: Experiment) -> str:
    """Return where the path of an experiment leads; the path itself where that is refused."""
    try:
        return os.path.realpath(experiment_directory(experiment))
    except PathRefusedError:
        return experiment.path


def _values_of(row: Confirmation | None) -> dict[str, Any]:
    """Return what was confirmed; an upgrade took over the path instead of where it led."""
    values = dict(row.values) if row is not None else {}
    if "path" in values:
        values[DIRECTORY] = _directory_of(Experiment(path=values.pop("path")))
    return values


def _differing(entry: EntryPoint, row: Confirmation | None) -> dict[str, tuple[Any, Any]]:
    old, new = _values_of(row), command_of(entry)
    return {
        name: (old.get(name), value)
        for name, value in new.items()
        if name != TYPE and not same(old.get(name), value)
    }


def _difference(
    entry: EntryPoint,
    name: str,
    old: Any,
    new: Any,
    origins: Mapping[tuple[int, str], FieldProvenance],
) -> Difference:
    dotted = DIRECTORY if name == DIRECTORY else f"entry_points.{entry.type}.{name}"
    origin = origins.get((entry.experiment_id, "path" if name == DIRECTORY else dotted))
    return Difference(
        field=dotted,
        old=old,
        new=new,
        by=origin.by.get_username() if origin and origin.by else "",
        at=origin.at if origin else None,
    )


def _origins(entries: Sequence[EntryPoint]) -> dict[tuple[int, str], FieldProvenance]:
    if not entries:
        return {}
    rows = FieldProvenance.objects.filter(experiment__in={one.experiment_id for one in entries})
    return {(row.experiment_id, row.field): row for row in rows.select_related("by")}


def _by_type(names: Iterable[str]) -> dict[str, set[str]]:
    """Return the fields of a command by entry-point type; the directory under ''."""
    found: dict[str, set[str]] = {}
    for dotted in names:
        kind, name = split_field(dotted)
        if kind and name in COMMAND_FIELDS:
            found.setdefault(kind, set()).add(name)
        elif dotted == "path":
            found.setdefault("", set()).add(DIRECTORY)
    return found


def _renewed(entry: EntryPoint, row: Confirmation | None, names: Collection[str]) -> dict[str, Any]:
    old, new = _values_of(row), command_of(entry)
    values = {
        name: value if name in names or same(old.get(name), value) else old.get(name)
        for name, value in new.items()
    }
    values[TYPE] = entry.type
    is_whole = all(same(values[name], new[name]) for name in new if name != DIRECTORY)
    if row is None and is_whole:
        values[DIRECTORY] = new[DIRECTORY]
    return values
