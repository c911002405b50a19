"""The state of each experiment: stage, last good run, best run, last failure, what runs now.

Three queries for any number of experiments; none reads all runs.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, NamedTuple

from django.db.models import QuerySet
from django.utils import timezone

from registry_app.messages import Message, read_values
from registry_app.models import Experiment
from registry_app.reading import message_text
from runs_app.choices import ACTIVE, ENDED_BADLY, ON_HOST, RunStatus
from runs_app.models import Run
from runs_app.models.moments import true_reason
from runs_app.overview.run_ids import SPEAKING, best_run, with_run_ids

OLD_DAYS = 90
STILL_DAYS = 30
_PLAIN = ("name", "owner", "task_type", "stage", "completeness", "confirmed", "created_at")
_OF_EXPERIMENT = (
    *("pk", "zone", "zone__site", "zone__site__customer", *_PLAIN),
    *("zone__site__region", "zone__site__plant"),
    *("zone__site__customer__name", "zone__site__customer__display_name"),
)
_IDS = ("newest_run", "ended_run", *(f"good_{kind}" for kind in SPEAKING))


class Health(StrEnum):
    """The state of an experiment, the most urgent first.

    FAILING: its last run failed. OLD: its last good run is older than `OLD_DAYS`. NEVER: no run
    was good yet. BUSY: a run is on a machine.
    """

    FAILING = "failing"
    OLD = "old"
    NEVER = "never"
    BUSY = "busy"
    GOOD = "good"


ORDER = tuple(Health)


class BestRun(NamedTuple):
    """A run that is the best of its group; an experiment has one for each kind of data."""

    pk: int
    experiment_id: int
    type: str
    finished_at: datetime
    main_metric: str
    main_value: float
    data_key: str
    classes_key: str

    @property
    def address(self) -> str:
        return Run(pk=self.pk).get_absolute_url()

    @property
    def ended_at(self) -> datetime:
        return self.finished_at

    @property
    def group(self) -> tuple[str, str, str]:
        """What makes runs of one experiment and type comparable."""
        return self.classes_key, self.data_key, self.main_metric


class RunFacts(NamedTuple):
    """What a list needs to know of a run. A page makes thousands of them, so it is a tuple."""

    pk: int
    experiment_id: int
    type: str
    status: str
    queued_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    main_metric: str
    main_value: float | None
    data_key: str
    classes_key: str
    is_best: bool
    summarised: int
    reason_code: str
    reason_values: Mapping[str, Any]
    cause: Mapping[str, Any]
    priority: int
    not_before: datetime | None
    foreground: bool
    queued_by__username: str | None

    @property
    def address(self) -> str:
        return Run(pk=self.pk).get_absolute_url()

    @property
    def ended_at(self) -> datetime:
        return self.finished_at or self.queued_at

    @property
    def group(self) -> tuple[str, str, str]:
        """What makes runs of one experiment and type comparable."""
        return self.classes_key, self.data_key, self.main_metric

    def as_best(self) -> BestRun:
        """Return what is known of a best run; it has ended, and has a main metric."""
        return BestRun(*(getattr(self, name) for name in BestRun._fields))

    @property
    def why(self) -> str:
        """Why it failed, or is in its state, in the reader's language."""
        if self.cause:
            return message_text(Message(code=self.cause["code"], values=self.cause["values"]))
        stored = Message(code=self.reason_code, values=read_values(dict(self.reason_values)))
        is_queued = self.status == RunStatus.QUEUED
        return message_text(true_reason(stored, is_queued=is_queued, not_before=self.not_before))


@dataclass(frozen=True, kw_only=True)
class Standing:
    """The state of one experiment; empty names mean that its place is not known.

    `good` is its last good run of a type that represents it; `best` the best run comparable with
    the last good one, of the first such type with a metric. `last` is the last run that ended, well
    or badly; `newest` the one queued last.
    """

    pk: int
    name: str
    owner: str
    task: str
    zone: int | None
    site: int | None
    customer: int | None
    site_name: str
    customer_name: str
    stage: int
    completeness: int
    confirmed: int
    created_at: datetime
    good: RunFacts | None = None
    best: BestRun | None = None
    last: RunFacts | None = None
    newest: RunFacts | None = None
    active: Sequence[RunFacts] = field(default=())

    @property
    def health(self) -> Health:
        if any(run.status in ON_HOST for run in self.active):
            return Health.BUSY
        if self.is_failing:
            return Health.FAILING
        if self.good is None:
            return Health.NEVER
        return Health.OLD if _days_since(self.good.ended_at) > OLD_DAYS else Health.GOOD

    @property
    def is_failing(self) -> bool:
        return self.last is not None and self.last.status in ENDED_BADLY

    @property
    def is_still(self) -> bool:
        """Whether it is older than `STILL_DAYS` and nothing has been queued since."""
        if self.newest is None:
            return _days_since(self.created_at) > STILL_DAYS
        is_over = self.newest.status not in ACTIVE
        return is_over and _days_since(self.newest.queued_at) > STILL_DAYS


def standings(experiments: QuerySet[Experiment]) -> list[Standing]:
    """Return the state of each of these experiments, in their order; three queries."""
    names = (*_OF_EXPERIMENT, *_IDS, "best_run")
    found = with_run_ids(experiments).annotate(best_run=best_run()).values_list(*names)
    rows = [dict(zip(names, row, strict=True)) for row in found]
    bests = _bests(Run.objects.filter(pk__in={row["best_run"] for row in rows} - {None}))
    return _with_runs(rows, _facts(_chosen(rows), _active()), bests)


def standing_of(experiment: Any) -> Standing:
    """Return the state of an experiment fetched `with_run_ids`, with its place; one query."""
    zone = experiment.zone
    site = zone.site if zone is not None else None
    row = {
        "pk": experiment.pk,
        "zone": experiment.zone_id,
        "zone__site": site.pk if site else None,
        "zone__site__region": site.region if site else "",
        "zone__site__plant": site.plant if site else "",
        "zone__site__customer": site.customer_id if site else None,
        "zone__site__customer__name": site.customer.name if site else "",
        "zone__site__customer__display_name": site.customer.display_name if site else "",
        **{name: getattr(experiment, name) for name in (*_PLAIN, *_IDS)},
    }
    bests = Run.objects.filter(experiment=experiment, is_best=True)
    found = _facts(_chosen([row]), _active().filter(experiment=experiment), bests)
    own = [run.as_best() for run in found if run.is_best and run.main_value is not None]
    [standing] = _with_runs([row], found, sorted(own, key=lambda run: run.pk, reverse=True))
    return standing


def _chosen(rows: Sequence[Mapping[str, Any]]) -> QuerySet[Run]:
    return Run.objects.filter(pk__in={row[name] for row in rows for name in _IDS} - {None})


def _active() -> QuerySet[Run]:
    """Return what runs and waits, of all experiments: that is less than what each of them did."""
    return Run.objects.filter(status__in=ACTIVE)


def _with_runs(
    rows: Sequence[Mapping[str, Any]], found: Iterable[RunFacts], best: Iterable[BestRun]
) -> list[Standing]:
    """Return the experiments with their runs; `best` are those, the newest first."""
    runs = {run.pk: run for run in found}
    active: dict[int, list[RunFacts]] = {}
    for run in runs.values():
        if run.status in ACTIVE:
            active.setdefault(run.experiment_id, []).append(run)
    bests: dict[int, list[BestRun]] = {}
    for run_of_group in best:
        bests.setdefault(run_of_group.experiment_id, []).append(run_of_group)
    return [
        _standing(row, runs, bests.get(row["pk"], ()), active.get(row["pk"], ())) for row in rows
    ]


def _facts(*querysets: QuerySet[Run]) -> list[RunFacts]:
    """Return these runs in one query; a run that is in several of them comes several times."""
    first, *others = (runs.order_by().values_list(*RunFacts._fields) for runs in querysets)
    return [RunFacts._make(row) for row in first.union(*others, all=True)]


def _bests(runs: QuerySet[Run]) -> Iterator[BestRun]:
    """Yield these runs, which are the best of their groups; one query."""
    return map(BestRun._make, runs.order_by().values_list(*BestRun._fields))


def _standing(
    values: Mapping[str, Any],
    runs: Mapping[int, RunFacts],
    bests: Sequence[BestRun],
    active: Sequence[RunFacts],
) -> Standing:
    good = {str(kind): runs[pk] for kind in SPEAKING if (pk := values[f"good_{kind}"]) in runs}
    return Standing(
        pk=values["pk"],
        name=values["name"],
        owner=values["owner"],
        task=values["task_type"],
        zone=values["zone"],
        site=values["zone__site"],
        customer=values["zone__site__customer"],
        site_name=" · ".join(
            filter(None, (values["zone__site__region"], values["zone__site__plant"]))
        ),
        customer_name=values["zone__site__customer__display_name"]
        or values["zone__site__customer__name"]
        or "",
        stage=values["stage"],
        completeness=values["completeness"],
        confirmed=values["confirmed"],
        created_at=values["created_at"],
        good=max(good.values(), key=lambda run: run.pk, default=None),
        best=_best(bests, good),
        last=runs.get(values["ended_run"]),
        newest=runs.get(values["newest_run"]),
        active=active,
    )


def _best(bests: Sequence[BestRun], good: Mapping[str, RunFacts]) -> BestRun | None:
    """Return the best run of the first representative type with a metric, of the newest first."""
    for kind in SPEAKING:
        found = [run for run in bests if run.type == kind]
        if found:
            last = good.get(kind)
            beside = (run for run in found if last is not None and run.group == last.group)
            return next(beside, found[0])
    return None


def _days_since(moment: datetime) -> float:
    return (timezone.now() - moment) / timedelta(days=1)
