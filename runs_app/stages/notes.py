"""Store the proved stage of experiments and each change of it, with its time and reason.

Repeatable, and called often: after runs, scans and checks, and every few seconds by a worker, so
it is one query while nothing changed.
"""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce
from django.utils import timezone

from registry_app.messages import Message
from registry_app.models import Experiment
from runs_app.models import StageChange, StageProof
from runs_app.models.experiments import with_stage
from runs_app.stages.facts import ladder_for, with_facts
from runs_app.stages.ladder import Ladder, Proof

logger = logging.getLogger(__name__)

AT_ONCE = 500


def note_changes() -> int:
    """Store the proved stage of each experiment where it differs; return how many did."""
    noted = StageProof.objects.filter(experiment=OuterRef("pk")).values("proved")[:1]
    differing = (
        with_stage(Experiment.objects.annotate(noted=Coalesce(Subquery(noted), 0)))
        .exclude(Q(("proved_stage", F("noted"))))
        .order_by("pk")
        .values_list("pk", flat=True)
    )
    pks = list(differing[:AT_ONCE])
    for experiment in with_facts(Experiment.objects.filter(pk__in=pks)):
        _note(experiment.pk, ladder_for(experiment))
    return len(pks)


def store_standard(experiment_pk: int, proof: Proof) -> None:
    """Store whether the proofs of stage 4 hold, and that it was checked now."""
    _store(experiment_pk, is_standard=proof.holds, standard_why=proof.why, standard_at=_now())


def store_integrated(
    experiment_pk: int, proof: Proof, *, next_in: timedelta = timedelta(days=1)
) -> None:
    """Store whether the proofs of stage 5 hold, that it was checked now, and when it is again."""
    now = _now()
    _store(
        experiment_pk,
        is_integrated=proof.holds,
        integrated_why=proof.why,
        integrated_at=now,
        next_check_at=now + next_in,
    )


def ask_for_check(experiment_pk: int) -> None:
    """Have a worker check the stored proofs of an experiment again."""
    _store(experiment_pk, asked_at=_now())


def _store(experiment_pk: int, **values: object) -> None:
    StageProof.objects.update_or_create(
        experiment_id=experiment_pk, defaults=values, create_defaults=values | {"proved_at": _now()}
    )


def _note(experiment_pk: int, ladder: Ladder) -> None:
    """Store one change; of two processes that see it, one records it."""
    now = _now()
    with transaction.atomic():
        row, is_new = StageProof.objects.select_for_update().get_or_create(
            experiment_id=experiment_pk,
            defaults={"proved": ladder.proved, "proved_at": now},
        )
        if is_new or row.proved == ladder.proved:
            return
        StageChange.objects.create(
            experiment_id=experiment_pk,
            at=now,
            old=row.proved,
            new=ladder.proved,
            why=_reason(ladder, up=ladder.proved > row.proved),
        )
        logger.info("stage experiment=%s old=%s new=%s", experiment_pk, row.proved, ladder.proved)
        row.proved, row.proved_at = ladder.proved, now
        row.save(update_fields=["proved", "proved_at"])


def _reason(ladder: Ladder, *, up: bool) -> Message | None:
    """Return what proves the stage that was reached, or what the lost one lacks."""
    if up:
        return ladder.rungs[ladder.proved - 1].why
    return ladder.next.why if ladder.next is not None else None


def _now() -> datetime:
    return timezone.now()
