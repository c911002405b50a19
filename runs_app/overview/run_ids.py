"""Which runs represent an experiment, found by the database by index."""

from __future__ import annotations

from typing import Any

from django.db.models import Case, Exists, OuterRef, QuerySet, Subquery, When
from django.db.models.functions import Coalesce

from registry_app.choices import EntryPointType
from registry_app.models import Experiment
from runs_app.choices import ENDED_BADLY, RunStatus
from runs_app.models import Run
from runs_app.models.experiments import with_stage

# The types whose runs say how good an experiment is, and whose metric is preferred: an evaluation
# measures on the data meant for it, a training on what it looked at while it learned.
SPEAKING = (
    EntryPointType.EVAL,
    EntryPointType.TRAIN,
    EntryPointType.QUANT,
    EntryPointType.INFER,
)
# What makes runs of one experiment and type comparable.
_GROUP = ("classes_key", "data_key", "main_metric")


def with_run_ids(experiments: QuerySet[Experiment]) -> QuerySet[Experiment]:
    """Annotate the stage, and which runs speak for an experiment: by index, a few rows each.

    Runs of a parity comparison are none of these, but for the newest run.
    """
    runs = Run.objects.filter(experiment=OuterRef("pk")).order_by("-pk").values("pk")
    own = runs.filter(parity_run__isnull=True)
    ended = own.filter(status__in=[*ENDED_BADLY, RunStatus.SUCCEEDED])
    good = {
        f"good_{kind}": Subquery(own.filter(type=kind, status=RunStatus.SUCCEEDED)[:1])
        for kind in SPEAKING
    }
    return with_stage(experiments).annotate(
        newest_run=Subquery(runs[:1]), ended_run=Subquery(ended[:1]), **good
    )


def best_run() -> Coalesce:
    """Return the key of the best run that represents the experiment around it.

    It is of the first of these types with a best run, and comparable with the last good run of the
    type where there is one. The database chooses, as best runs are many more than experiments.
    """
    return Coalesce(*(Subquery(_best_of(kind)) for kind in SPEAKING))


def _best_of(kind: EntryPointType) -> QuerySet[Any]:
    own = Run.objects.filter(experiment=OuterRef(OuterRef("experiment")), type=kind)
    last_good = (
        own.filter(status=RunStatus.SUCCEEDED, parity_run__isnull=True)
        .order_by("-pk")
        .values("pk")[:1]
    )
    is_beside = Exists(
        Run.objects.filter(pk=Subquery(last_good), **{name: OuterRef(name) for name in _GROUP})
    )
    bests = Run.objects.filter(
        experiment=OuterRef("pk"),
        type=kind,
        is_best=True,
        main_value__isnull=False,
        finished_at__isnull=False,
    )
    return bests.order_by(Case(When(is_beside, then=0), default=1), "-pk").values("pk")[:1]
