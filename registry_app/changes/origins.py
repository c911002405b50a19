"""Mark fields as decided, and save their former origins, so that an undo restores guesses.

Otherwise a guess that is overwritten and restored would count as decided by a user.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from django.contrib.auth.models import AbstractBaseUser

from registry_app.changes import change_sets, decided_guesses
from registry_app.changes.proposals import present_fields
from registry_app.choices import FieldSource
from registry_app.document.model import Evidence
from registry_app.exceptions import RegistryError
from registry_app.fields import completeness, provenance
from registry_app.fields.names import same
from registry_app.models import ChangeSet, Experiment, FieldProvenance, OriginChange
from registry_app.texts.changes import CHANGED_SINCE

Key = tuple[int, str]
Decided = tuple[Experiment, Iterable[str], Mapping[str, Evidence]]
_KEPT = ("source", "confidence", "evidence", "reasons", "by_id")


def decide(
    decided: Iterable[Decided],
    *,
    source: FieldSource,
    by: AbstractBaseUser | None,
    confirmed: Mapping[Key, Any] | None = None,
    singly: Collection[Key] = (),
) -> None:
    """Record that `source` decided these fields; dependent values are updated later.

    `confirmed` has the values, by experiment and field, of the fields that stay unchanged.
    `singly` are those that a person decided by themselves: they count for the hit rates.
    """
    news = [(experiment, list(fields), evidence) for experiment, fields, evidence in decided]
    if source is not FieldSource.SCANNED:
        keys = {(experiment.pk, field) for experiment, fields, _why in news for field in fields}
        scanned = _scanned(keys)
        _keep(scanned, confirmed or {})
        single = [row for row in scanned if (row.experiment_id, row.field) in singly]
        decided_guesses.remember(single, kept=confirmed or {}, by=by)
    provenance.record_many(news, source=source, by=by)


def give_back(change_set: ChangeSet) -> set[int]:
    """Restore the origins from before `change_set`; return the affected experiments.

    Call it within the change set that undoes it, after the values are restored. Raises
    RegistryError if a value that was only confirmed has changed since.
    """
    rows = list(change_set.origin_changes.select_related("experiment"))
    if not rows:
        return set()
    present = present_fields({row.experiment_id for row in rows})
    changed = [
        f"{row.experiment}: {row.field}"
        for row in rows
        if row.value is not None and not same(present[row.experiment_id].get(row.field), row.value)
    ]
    if changed:
        raise RegistryError(CHANGED_SINCE(names=change_sets.listed(changed)))
    before = {(row.experiment_id, row.field): row for row in rows}
    now = _origins(before)
    _keep(now, {key: row.value for key, row in before.items()})
    for origin in now:
        for name in _KEPT:
            setattr(origin, name, getattr(before[origin.experiment_id, origin.field], name))
    columns = [name.removesuffix("_id") for name in _KEPT]
    FieldProvenance.objects.bulk_update(now, columns, batch_size=200)
    return {row.experiment_id for row in rows}


def _keep(origins: Sequence[FieldProvenance], values: Mapping[Key, Any]) -> None:
    """Save the present origins with the open change set; without one there is nothing to undo."""
    made = change_sets.present()
    if made is None:
        return
    OriginChange.objects.bulk_create(
        [
            OriginChange(
                change_set=made,
                experiment_id=row.experiment_id,
                field=row.field,
                value=values.get((row.experiment_id, row.field)),
                **{name: getattr(row, name) for name in _KEPT},
            )
            for row in origins
        ],
        batch_size=200,
        # A form saves its own fields and those of its entry points one after the other.
        ignore_conflicts=True,
    )


def _scanned(keys: set[Key]) -> list[FieldProvenance]:
    return [row for row in _origins(keys) if row.source == FieldSource.SCANNED]


def _origins(keys: Iterable[Key]) -> list[FieldProvenance]:
    """Return the origins of these fields; one query per thousand experiments."""
    wanted = set(keys)
    pks = sorted({pk for pk, _field in wanted})
    found: list[FieldProvenance] = []
    for first in range(0, len(pks), completeness.PKS_AT_ONCE):
        some = pks[first : first + completeness.PKS_AT_ONCE]
        rows = FieldProvenance.objects.filter(experiment__in=some).order_by()
        found += [row for row in rows if (row.experiment_id, row.field) in wanted]
    return found
