"""How much of an experiment's metadata is known, and what a project manager has still to say.

Seven things count the same: customer, region, plant, zone, task type, classes, and at least one
entry point with a default script. Everything else is welcome but not asked for.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from registry_app.models import EntryPoint, Experiment

PKS_AT_ONCE = 1000


@dataclass(frozen=True, kw_only=True)
class MissingField:
    """A dotted field that nobody has filled in yet, with its name for people."""

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
    """Return what is missing for 100 percent, in the order in which people fill it in."""
    known = _known(experiment, entry_points)
    return [wanted for wanted in _WANTED if wanted.field not in known]


def percent(experiment: Experiment, entry_points: Iterable[EntryPoint]) -> int:
    """Return how much is known, from 0 to 100; 100 only when nothing is missing."""
    missing = len(missing_fields(experiment, entry_points))
    return (len(_WANTED) - missing) * 100 // len(_WANTED)


def refresh(experiment: Experiment) -> None:
    """Compute the percentage from the rows and store it, without a row of history."""
    refresh_many([experiment.pk])


def refresh_many(pks: Sequence[int]) -> None:
    """Compute and store the percentage of many experiments; a few statements for each thousand.

    A database takes only so many numbers in one query.
    """
    rows = Experiment.objects.select_related("zone__site__customer").prefetch_related(
        "entry_points"
    )
    for first in range(0, len(pks), PKS_AT_ONCE):
        found = rows.filter(pk__in=pks[first : first + PKS_AT_ONCE])
        refresh_known([(row, row.entry_points.all()) for row in found])


def refresh_known(rows: Iterable[tuple[Experiment, Iterable[EntryPoint]]]) -> None:
    """Store the percentage of experiments that are at hand with their zone and entry points."""
    changed: dict[int, list[int]] = {}
    for row, entry_points in rows:
        now = percent(row, entry_points)
        if now != row.completeness:
            changed.setdefault(now, []).append(row.pk)
    for now, pks in changed.items():
        for first in range(0, len(pks), PKS_AT_ONCE):
            some = pks[first : first + PKS_AT_ONCE]
            Experiment.objects.filter(pk__in=some).update(completeness=now)


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
