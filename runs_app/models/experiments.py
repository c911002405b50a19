"""What lists of experiments show about runs: migration stage and last run."""

from __future__ import annotations

from typing import TypeVar

from django.db.models import Case, Exists, IntegerField, OuterRef, QuerySet, Subquery, When
from django.db.models.functions import Coalesce, Least

from registry_app.choices import Stage
from registry_app.models import Experiment
from runs_app.choices import RunStatus
from runs_app.models import Run, StageProof

Experiments = TypeVar("Experiments", bound=QuerySet[Experiment])


def with_run_facts(experiments: Experiments) -> Experiments:
    """Annotate what `with_stage` does, and `last_run_{id,type,status,queued_at,finished_at}`.

    The last run is the one queued last.
    """
    last = Run.objects.filter(experiment=OuterRef("pk")).order_by("-pk")
    return with_stage(
        experiments.annotate(
            last_run_id=Subquery(last.values("pk")[:1]),
            last_run_type=Subquery(last.values("type")[:1]),
            last_run_status=Subquery(last.values("status")[:1]),
            last_run_queued_at=Subquery(last.values("queued_at")[:1]),
            last_run_finished_at=Subquery(last.values("finished_at")[:1]),
        )
    )


def with_stage(experiments: Experiments) -> Experiments:
    """Annotate `stage` and `proved_stage`.

    The proved stage is 2 if the metadata is complete and confirmed, 3 if a run has succeeded too,
    4 and 5 if a worker stored that their proofs hold as well. The stage is the lower of the
    proved stage and the one at which a user holds it.
    """
    succeeded = Run.objects.filter(experiment=OuterRef("pk"), status=RunStatus.SUCCEEDED)
    proofs = StageProof.objects.filter(experiment=OuterRef("pk"))
    return experiments.annotate(
        proved_stage=Case(
            When(confirmed__lt=100, then=Stage.SCANNED),
            When(~Exists(succeeded), then=Stage.METADATA),
            When(~Exists(proofs.filter(is_standard=True)), then=Stage.WRAPPED),
            When(~Exists(proofs.filter(is_integrated=True)), then=Stage.STANDARD),
            default=Stage.INTEGRATED,
            output_field=IntegerField(),
        ),
        stage=Least(Coalesce("stage_held", Stage.INTEGRATED), "proved_stage"),
    )
