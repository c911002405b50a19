"""How a run compares with the others of its experiment: the best, the last good, the earlier.

Runs of a parity comparison are none of these: they are shortened, or changed on purpose.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace

from django.db.models import Max, QuerySet

from registry_app.models import Experiment
from runs_app.choices import RunStatus
from runs_app.comparing.data_parameter import data_parameter
from runs_app.models import Run

Standing = dict[tuple[int, str], Run]
# Of the runs before a run: those that it is seen beside are among them.
LOOKED_AT = 40


@dataclass(frozen=True, kw_only=True)
class Beside:
    """The runs of the entry point that a run is seen beside.

    `best` is the best of the comparable ones, perhaps the run itself; `earlier` are the newest
    succeeded ones of these, `previous` is the one before it, whatever became of it, and `good` the
    newest of those before it that succeeded.
    """

    best: Run | None = None
    earlier: tuple[Run, ...] = ()
    previous: Run | None = None
    good: Run | None = None


def last_good_run(experiment: Experiment | int, kind: str) -> Run | None:
    """Return the run of a type that succeeded last, None if none did; one query."""
    return _good(experiment, kind).first()


def best_run(experiment: Experiment | int, kind: str) -> Run | None:
    """Return the best run comparable with the last good one; two queries.

    Without one, the newest best run on other data, classes or another main metric. None if no run
    has a main metric.
    """
    last = last_good_run(experiment, kind)
    bests = list(Run.objects.filter(experiment=experiment, type=kind, is_best=True))
    return _best_comparable(last, bests)


def previous_run(run: Run) -> Run | None:
    """Return the run of the same entry point that was queued before, whatever became of it."""
    return _of_entry_point(run).first()


def earlier_runs(run: Run) -> QuerySet[Run]:
    """Return the succeeded earlier runs that are comparable with this one, the newest first."""
    return comparable(run).filter(pk__lt=run.pk, status=RunStatus.SUCCEEDED)


def comparable(run: Run) -> QuerySet[Run]:
    """Return the runs of the same entry point, classes, known data and main metric, newest first.

    The run itself is among them, unless it is one of a parity comparison.
    """
    return (
        Run.objects.of_people()
        .filter(
            experiment=run.experiment_id,
            type=run.type,
            classes_key=run.classes_key,
            data_key=run.data_key,
            main_metric=run.main_metric,
        )
        .order_by("-pk")
    )


def beside(run: Run, *, most: int) -> Beside:
    """Return the runs that a run is seen beside, at most so many earlier ones; two queries.

    What is known of the data and classes of a run is stored at its end. Until then it is compared
    with what the newest good run of the entry point whose data parameter has the same value is
    compared with.
    """
    before = list(_of_entry_point(run)[:LOOKED_AT])
    bests = Run.objects.filter(experiment=run.experiment_id, type=run.type, is_best=True)
    good = [other for other in before if other.status == RunStatus.SUCCEEDED]
    base = run if run.summarised and run.main_metric else _with_same_data(run, good)
    found = Beside(previous=next(iter(before), None), good=next(iter(good), None))
    if base is None:
        return found
    company = _company(base)
    return replace(
        found,
        best=next((best for best in bests if _company(best) == company), None),
        earlier=tuple(other for other in good if _company(other) == company)[:most],
    )


def last_good_runs(experiments: Collection[int]) -> Standing:
    """Return `last_good_run` of many experiments by experiment and type; two queries."""
    newest = (
        Run.objects.of_people()
        .filter(experiment__in=experiments, status=RunStatus.SUCCEEDED)
        .order_by()
        .values("experiment", "type")
        .annotate(newest=Max("pk"))
        .values_list("newest", flat=True)
    )
    runs = Run.objects.filter(pk__in=list(newest))
    return {(run.experiment_id, run.type): run for run in runs}


def best_runs(experiments: Collection[int], *, good: Standing | None = None) -> Standing:
    """Return `best_run` of many experiments by experiment and type; three queries.

    `good`: what `last_good_runs` returned for them, which saves two.
    """
    good = last_good_runs(experiments) if good is None else good
    found: dict[tuple[int, str], list[Run]] = {}
    for run in Run.objects.filter(experiment__in=experiments, is_best=True).order_by("-pk"):
        found.setdefault((run.experiment_id, run.type), []).append(run)
    chosen = {key: _best_comparable(good.get(key), bests) for key, bests in found.items()}
    return {key: run for key, run in chosen.items() if run is not None}


def _with_same_data(run: Run, good: list[Run]) -> Run | None:
    value = data_parameter(run.params, run.secrets)
    return next(
        (
            other
            for other in good
            if other.summarised and data_parameter(other.params, other.secrets) == value
        ),
        None,
    )


def _company(run: Run) -> tuple[str, str, str]:
    return run.classes_key, run.data_key, run.main_metric


def _good(experiment: Experiment | int, kind: str) -> QuerySet[Run]:
    good = Run.objects.of_people().filter(status=RunStatus.SUCCEEDED)
    return good.filter(experiment=experiment, type=kind).order_by("-pk")


def _best_comparable(last: Run | None, bests: list[Run]) -> Run | None:
    """Return the best run comparable with the last good one, else the first best run."""
    if last is not None:
        for run in bests:
            if _company(run) == _company(last):
                return run
    return bests[0] if bests else None


def _of_entry_point(run: Run) -> QuerySet[Run]:
    runs = Run.objects.of_people().filter(experiment=run.experiment_id, type=run.type)
    return (runs.filter(pk__lt=run.pk) if run.pk else runs).order_by("-pk")
