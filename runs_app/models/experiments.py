"""What lists of experiments say about runs: migration stage and last run."""

from __future__ import annotations

from typing import TypeVar

from django.db.models import Case, Exists, F, IntegerField, OuterRef, QuerySet, Subquery, When

from registry_app.choices import Stage
from registry_app.models import Experiment
from runs_app.choices import RunStatus
from runs_app.models import Run

Experiments = TypeVar("Experiments", bound=QuerySet[Experiment])


def with_run_facts(experiments: Experiments) -> Experiments:
    """Annotate `stage` and `last_run_{id,type,status,queued_at,finished_at}`.

    The stage is the one that a person holds; else 1, 2 where the metadata is complete, and 3
    where also a run has succeeded. The last run is the one queued last.
    """
    last = Run.objects.filter(experiment=OuterRef("pk")).order_by("-pk")
    succeeded = Run.objects.filter(experiment=OuterRef("pk"), status=RunStatus.SUCCEEDED)
    return experiments.annotate(
        last_run_id=Subquery(last.values("pk")[:1]),
        last_run_type=Subquery(last.values("type")[:1]),
        last_run_status=Subquery(last.values("status")[:1]),
        last_run_queued_at=Subquery(last.values("queued_at")[:1]),
        last_run_finished_at=Subquery(last.values("finished_at")[:1]),
        stage=Case(
            When(stage_held__isnull=False, then=F("stage_held")),
            When(completeness__lt=100, then=Stage.SCANNED),
            When(Exists(succeeded), then=Stage.WRAPPED),
            default=Stage.METADATA,
            output_field=IntegerField(),
        ),
    )
