"""The facts of experiments that decide their stages, for any number of them in two queries."""

from __future__ import annotations

from typing import Any

from django.db.models import Case, OuterRef, Subquery, When

from registry_app.choices import EntryPointType
from registry_app.fields.completeness import lacking
from registry_app.models import EntryPoint
from runs_app.choices import PromotionState, RunStatus
from runs_app.models import Promotion, Run, StageProof
from runs_app.models.experiments import Experiments, with_stage
from runs_app.stages.ladder import Facts, Ladder, Proof, Step, ladder_of

# What a promotion waits for until stage 5 is proved.
_OPEN_STEPS = {
    PromotionState.REQUESTED: Step.APPROVE,
    PromotionState.APPROVED: Step.WAIT,
    PromotionState.PROMOTED: Step.MERGE,
}


def with_facts(experiments: Experiments) -> Experiments:
    """Annotate what `facts_of` reads, besides `stage` and `proved_stage`."""
    good = Run.objects.filter(experiment=OuterRef("pk"), status=RunStatus.SUCCEEDED)
    scripts = EntryPoint.objects.filter(experiment=OuterRef("pk")).exclude(default_script="")
    promotions = Promotion.objects.filter(
        experiment=OuterRef("pk"),
        state__in=(PromotionState.REQUESTED, PromotionState.APPROVED, PromotionState.PROMOTED),
    ).order_by("-pk")
    training_first = Case(When(type=EntryPointType.TRAIN, then=0), default=1)
    return with_stage(
        experiments.select_related("stage_proof").annotate(
            good_run=Subquery(good.order_by("-pk").values("pk")[:1]),
            promotion_pk=Subquery(promotions.values("pk")[:1]),
            promotion_state=Subquery(promotions.values("state")[:1]),
            script_type=Subquery(scripts.order_by(training_first, "pk").values("type")[:1]),
        )
    )


def facts_of(experiment: Any) -> Facts:
    """Return the facts of an experiment that was fetched `with_facts`; no query."""
    missing, guessed = lacking(experiment)
    proof: StageProof | None = getattr(experiment, "stage_proof", None)
    return Facts(
        held=experiment.stage_held,
        missing=missing,
        guessed=guessed,
        has_script=bool(experiment.script_type),
        good_run=experiment.good_run,
        standard=_standard(proof),
        integrated=_integrated(proof),
        promotion=_OPEN_STEPS.get(experiment.promotion_state),
    )


def ladder_for(experiment: Any) -> Ladder:
    """Return the stages of an experiment that was fetched `with_facts`."""
    return ladder_of(facts_of(experiment))


def _standard(proof: StageProof | None) -> Proof:
    if proof is None:
        return Proof()
    return Proof(holds=proof.is_standard, why=proof.standard_why)


def _integrated(proof: StageProof | None) -> Proof:
    if proof is None:
        return Proof()
    return Proof(holds=proof.is_integrated, why=proof.integrated_why)
