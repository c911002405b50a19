"""How much of an experiment's metadata is known, and how much of that is confirmed.

Seven items have equal weight: customer, region, plant, zone, task type, classes, and at least one
entry point with a default script. All other fields are optional. A value that a user or a file
decided, or a user accepted from a scan, is confirmed; one that only a scan set is not.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from registry_app.fields.provenance import scanned_fields
from registry_app.models import EntryPoint, Experiment

PKS_AT_ONCE = 1000


@dataclass(frozen=True, kw_only=True)
class MissingField:
    """A dotted field that is still empty, with its label."""

    field: str
    label: str | Promise


_WANTED: tuple[MissingField, ...] = (
    MissingField(field="site.customer", label=_("customer")),
    MissingField(field="site.region", label=_("region")),
    MissingField(field="site.plant", label=_("plant")),
    MissingField(field="site.zone", label=_("zone")),
    MissingField(field="task.type", label=_("task type")),
    MissingField(field="task.classes", label=_("classes")),
    MissingField(field="entry_points", label=_("an entry point with a default script")),
)


def missing_fields(
    experiment: Experiment, entry_points: Iterable[EntryPoint]
) -> list[MissingField]:
    """Return the fields missing for 100 percent, in the order of the form."""
    known = _known(experiment, entry_points)
    return [wanted for wanted in _WANTED if wanted.field not in known]


def unconfirmed_fields(
    experiment: Experiment, entry_points: Iterable[EntryPoint], scanned: Collection[str]
) -> list[MissingField]:
    """Return the known fields that are only guessed; `scanned` are the fields that a scan wrote."""
    entry_points = list(entry_points)
    known = _known(experiment, entry_points)
    facts = _facts(known, entry_points, scanned)
    return [wanted for wanted in _WANTED if wanted.field in known - facts]


def percent(experiment: Experiment, entry_points: Iterable[EntryPoint]) -> int:
    """Return the percentage that is known; 100 only if nothing is missing."""
    return _share(_known(experiment, entry_points))


def confirmed_percent(
    experiment: Experiment, entry_points: Iterable[EntryPoint], scanned: Collection[str]
) -> int:
    """Return the percentage that is known and confirmed; never above the known percentage."""
    entry_points = list(entry_points)
    return _share(_facts(_known(experiment, entry_points), entry_points, scanned))


def refresh(experiment: Experiment) -> None:
    """Compute both percentages from the rows and store them, without a history row."""
    refresh_many([experiment.pk])


def refresh_many(pks: Sequence[int]) -> None:
    """Compute and store both percentages of many experiments; a few statements per thousand.

    Batched, because a database limits the number of parameters in a query.
    """
    rows = Experiment.objects.select_related("zone__site__customer").prefetch_related(
        "entry_points"
    )
    for first in range(0, len(pks), PKS_AT_ONCE):
        found = rows.filter(pk__in=pks[first : first + PKS_AT_ONCE])
        refresh_known([(row, row.entry_points.all()) for row in found])


def refresh_known(rows: Iterable[tuple[Experiment, Iterable[EntryPoint]]]) -> None:
    """Store both percentages of experiments that were fetched with their zone and entry points.

    Their origins are read here, so write those first.
    """
    pairs = [(row, list(entry_points)) for row, entry_points in rows]
    scanned = scanned_fields([row.pk for row, _entry_points in pairs])
    changed: dict[tuple[int, int], list[int]] = {}
    for row, entry_points in pairs:
        now = percent(row, entry_points)
        confirmed = confirmed_percent(row, entry_points, scanned.get(row.pk, ()))
        if (now, confirmed) != (row.completeness, row.confirmed):
            changed.setdefault((now, confirmed), []).append(row.pk)
    for (now, confirmed), pks in changed.items():
        for first in range(0, len(pks), PKS_AT_ONCE):
            some = Experiment.objects.filter(pk__in=pks[first : first + PKS_AT_ONCE])
            some.update(completeness=now, confirmed=confirmed)


def count_of(percentage: int) -> int:
    """Return how many of the seven items a stored percentage means."""
    return -(-percentage * len(_WANTED) // 100)


def lacking(experiment: Experiment) -> tuple[int, int]:
    """Return how many items are missing, and how many known ones are unconfirmed."""
    known = count_of(experiment.completeness)
    return len(_WANTED) - known, known - count_of(experiment.confirmed)


def _share(fields: Collection[str]) -> int:
    return len(fields) * 100 // len(_WANTED)


def _facts(
    known: set[str], entry_points: Iterable[EntryPoint], scanned: Collection[str]
) -> set[str]:
    """Return the known values that are more than a guess."""
    facts = known - set(scanned)
    if not any(row.default_script and default_of(row.type) not in scanned for row in entry_points):
        facts.discard("entry_points")
    return facts


def default_of(kind: str) -> str:
    """Return the dotted name of the default script of a type."""
    return f"entry_points.{kind}.default"


def _known(experiment: Experiment, entry_points: Iterable[EntryPoint]) -> set[str]:
    zone = experiment.zone
    site = zone.site if zone else None
    values = {
        "site.customer": site.customer.name if site else "",
        "site.region": site.region if site else "",
        "site.plant": site.plant if site else "",
        "site.zone": zone.name if zone else "",
        "task.type": experiment.task_type,
        "task.classes": experiment.classes,
        "entry_points": any(row.default_script for row in entry_points),
    }
    return {name for name, value in values.items() if value}
