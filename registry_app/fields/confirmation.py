"""Whether the command of an entry point is the one that an engineer has read.

An engineer is any user who may run scripts. The command is compared with the confirmed one when a
run is requested, not when it is saved. So the rule covers forms, registry files, spreadsheets,
proposals and undo without any code there. Three ways of writing confirm immediately, field by
field: a save by an engineer, a draft of a scan, and an import by a command.
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
from django.db.models import Exists, OuterRef, Q, Value
from django.db.models.functions import Concat
from django.utils import timezone

from registry_app.choices import ConfirmedBy
from registry_app.exceptions import PathRefusedError
from registry_app.fields.names import ENTRY_POINT_COLUMNS, same, split_field
from registry_app.files.core_scripts import PREFIX, is_core
from registry_app.files.paths import experiment_directory
from registry_app.models import Confirmation, CoreTrainer, EntryPoint, Experiment, FieldProvenance
from registry_app.schema.table import ENTRY_POINT_FIELDS

# The fields of an entry point that decide what its runs execute.
COMMAND_FIELDS = tuple(field.name for field in ENTRY_POINT_FIELDS if field.is_command)
DIRECTORY = "directory"
TYPE = "type"
# The keys of a parameter that are only for users; all others may affect the command line.
_HELP = frozenset({"help"})


@dataclass(frozen=True, kw_only=True)
class Difference:
    """One field that differs from its confirmation; `by` and `at` are of the change, if known.

    `field` is the dotted name of the registry, or `directory` for the target of the path.
    """

    field: str
    old: Any
    new: Any
    by: str = ""
    at: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class Unconfirmed:
    """An entry point whose command waits for an engineer to read it.

    `digest` identifies the present command. `confirmed` is the last confirmation, None if there
    never was one.
    """

    entry_point: EntryPoint
    digest: str
    differences: tuple[Difference, ...]
    confirmed: Confirmation | None

    @property
    def changed_by(self) -> str:
        """The user of the latest change, '' if unknown."""
        return self._latest.by

    @property
    def changed_at(self) -> datetime | None:
        return self._latest.at

    @property
    def _latest(self) -> Difference:
        return max(
            self.differences,
            key=lambda difference: difference.at.timestamp() if difference.at else 0.0,
        )


def command_of(entry: EntryPoint, core: Mapping[str, str] | None = None) -> dict[str, Any]:
    """Return the values that the registry puts into the command of an entry point, by field.

    `core` are the digests of trainers of the core repository, if the caller has fetched them.
    """
    values = {name: _command_value(entry, name, core) for name in COMMAND_FIELDS}
    if entry.default_script:  # patterns choose the script only without a default
        del values["patterns"]
    return {DIRECTORY: _directory_of(entry.experiment), TYPE: entry.type, **values}


def digest_of(command: Mapping[str, Any]) -> str:
    """Return the digest of a command's fields; equal fields have equal digests on any machine."""
    text = json.dumps(command, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode(errors="surrogatepass")).hexdigest()


def unconfirmed(entry: EntryPoint) -> Unconfirmed | None:
    """Return what must be read before this entry point may run, None if nothing must."""
    return next(iter(all_unconfirmed([entry])), None)


def all_unconfirmed(
    entries: Sequence[EntryPoint],
    *,
    confirmed: Mapping[int, Confirmation] | None = None,
    provenance: Iterable[FieldProvenance] | None = None,
) -> list[Unconfirmed]:
    """Return the entry points that wait for a confirmation, in order; at most two queries.

    `confirmed` are their confirmations by entry point, `provenance` the origins of their
    experiments, if the caller has fetched them already.
    """
    if confirmed is None:
        rows = Confirmation.objects.filter(entry_point__in=[entry.pk for entry in entries])
        confirmed = {row.entry_point_id: row for row in rows.select_related("by")}
    core = _core_digests(entries)
    found = [(entry, _differing(entry, confirmed.get(entry.pk), core)) for entry in entries]
    waiting = [(entry, fields) for entry, fields in found if fields]
    if provenance is None:
        origins = _origins([entry for entry, _fields in waiting])
    else:
        origins = {(row.experiment_id, row.field): row for row in provenance}
    return [
        Unconfirmed(
            entry_point=entry,
            digest=digest_of(command_of(entry, core)),
            differences=tuple(
                _difference(entry, name, old, new, origins) for name, (old, new) in fields.items()
            ),
            confirmed=confirmed.get(entry.pk),
        )
        for entry, fields in waiting
    ]


def experiments_to_read() -> set[int]:
    """Return the experiments with a command that an engineer must read before it may run.

    One query; only the commands of entry points that were changed since they were confirmed are
    compared.
    """
    is_command = Q(field="path") | Q(
        field__startswith=Concat(Value("entry_points."), OuterRef("type"), Value("."))
    )
    changed = FieldProvenance.objects.filter(
        is_command, experiment=OuterRef("experiment"), at__gt=OuterRef("confirmation__at")
    )
    is_of_core = Q(default_script__startswith=PREFIX)
    rows = EntryPoint.objects.filter(Q(confirmation=None) | Exists(changed) | is_of_core)
    found = set()
    entries = list(rows.select_related("confirmation", "experiment").order_by())
    core = _core_digests(entries)
    for entry in entries:
        row = entry.confirmation if hasattr(entry, "confirmation") else None
        if row is None or _differing(entry, row, core):
            found.add(entry.experiment_id)
    return found


def confirm(
    entry: EntryPoint, *, how: ConfirmedBy, by: AbstractBaseUser | None = None
) -> Confirmation:
    """Record that the whole command, as it is in `entry`, was read."""
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
    """Record that these dotted fields, just saved, are confirmed.

    Other fields stay unchanged: unconfirmed changes of another user in the same entry point still
    wait. If nothing else is set in an entry point, its directory counts as confirmed too. Three
    statements.
    """
    fields = {experiment.pk: _by_type(names) for experiment, names in decided}
    entries = list(
        EntryPoint.objects.filter(experiment__in=fields).select_related("experiment").order_by("pk")
    )
    known = {
        row.entry_point_id: row
        for row in Confirmation.objects.filter(entry_point__in=[entry.pk for entry in entries])
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


def _command_value(entry: EntryPoint, field: str, core: Mapping[str, str] | None) -> Any:
    value = getattr(entry, ENTRY_POINT_COLUMNS[field])
    if field == "default" and is_core(value):
        digest = (_core_digests([entry]) if core is None else core).get(value)
        return f"{value} → {digest}" if digest else value
    if field == "default":
        return _script_of(entry.experiment, value) if value else ""
    if field == "parameters":
        return [
            {key: parameter[key] for key in parameter if key not in _HELP}
            for parameter in value or ()
        ]
    return value


def _script_of(experiment: Experiment, script: str) -> str:
    """Return the path of a script; that of a link with its target, which is what runs."""
    path = PurePosixPath(script).as_posix()
    written = os.path.join(_directory_of(experiment), path)
    target = os.path.realpath(written)
    return path if target == os.path.normpath(written) else f"{path} → {target}"


def _core_digests(entries: Iterable[EntryPoint]) -> dict[str, str]:
    """Return the digest of each trainer of the core repository that is a default; one query."""
    scripts = {entry.default_script for entry in entries if is_core(entry.default_script)}
    if not scripts:
        return {}
    paths = [script.removeprefix(PREFIX) for script in scripts]
    rows = CoreTrainer.objects.filter(path__in=paths).values_list("path", "digest")
    return {f"{PREFIX}{path}": digest for path, digest in rows}


def _directory_of(experiment: Experiment) -> str:
    """Return the real path of an experiment; the path itself if it is refused."""
    try:
        return os.path.realpath(experiment_directory(experiment))
    except PathRefusedError:
        return experiment.path


def _values_of(row: Confirmation | None) -> dict[str, Any]:
    """Return the confirmed values; an upgrade stored the path instead of its target."""
    values = dict(row.values) if row is not None else {}
    if "path" in values:
        values[DIRECTORY] = _directory_of(Experiment(path=values.pop("path")))
    return values


def _differing(
    entry: EntryPoint, row: Confirmation | None, core: Mapping[str, str]
) -> dict[str, tuple[Any, Any]]:
    old, new = _values_of(row), command_of(entry, core)
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
    rows = FieldProvenance.objects.filter(experiment__in={entry.experiment_id for entry in entries})
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
