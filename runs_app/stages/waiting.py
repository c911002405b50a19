"""Whose proofs of stages 4 and 5 are to be looked at again; only rows are read here."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db.models import F, OuterRef, Q, QuerySet, Subquery

from registry_app.models import SyncedFile
from runs_app.choices import PROVEN, ParityState, PromotionState
from runs_app.models import Parity, Promotion, StageProof
from runs_app.models.moments import not_after

# A changed file of a proved trainer is noticed after this time at most.
EVERY = timedelta(minutes=10)
# The longest time until a promotion in force is looked at again.
LONGEST_S = 86_400


def standard_due(now: datetime) -> QuerySet[Parity]:
    """Return the ended comparisons of experiments whose stage 4 is to be looked at now."""
    proof = StageProof.objects.filter(experiment=OuterRef("experiment"))
    rows = Parity.objects.filter(state=ParityState.DONE, experiment__archived_at=None).annotate(
        checked_at=Subquery(proof.values("standard_at")[:1]),
        asked_at=Subquery(proof.values("asked_at")[:1]),
    )
    return rows.filter(
        Q(checked_at=None)
        | Q(finished_at__gt=F("checked_at"))
        | Q(asked_at__gt=F("checked_at"))
        | Q(not_after("checked_at", now - EVERY), outcome__in=PROVEN)
    )


def integrated_due(now: datetime) -> QuerySet[Promotion]:
    """Return the promotions in force whose state is to be looked at now."""
    synced = SyncedFile.objects.order_by("-synced_at").values("synced_at")[:1]
    proof = StageProof.objects.filter(experiment=OuterRef("experiment"))
    rows = Promotion.objects.filter(state=PromotionState.PROMOTED).annotate(
        checked_at=Subquery(proof.values("integrated_at")[:1]),
        asked_at=Subquery(proof.values("asked_at")[:1]),
        next_check_at=Subquery(proof.values("next_check_at")[:1]),
        synced_at=Subquery(synced),
    )
    return rows.filter(
        Q(checked_at=None)
        | not_after("next_check_at", now, most_s=LONGEST_S)
        | Q(asked_at__gt=F("checked_at"))
        | Q(synced_at__gt=F("checked_at"))
    )
