"""Request, approve, reject and withdraw a promotion: checks and rows, no git and no MLflow.

The database is the referee: an experiment has one open promotion, and every change of state
filters on the state before it, so of two people who decide at the same time one is told so.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence

from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser
from django.db import IntegrityError, transaction
from django.utils import timezone

from registry_app.messages import in_a_row
from registry_app.models import Experiment
from runs_app.choices import PromotionState, RunStatus
from runs_app.exceptions import RefusedError
from runs_app.models import ParityRun, Promotion, Run
from runs_app.promotion import package
from runs_app.promotion.checks import problems
from runs_app.promotion.evidence import evidence_of, parity_of
from runs_app.texts import promotion as texts

logger = logging.getLogger(__name__)

MAX_REASON = 1000


def request(
    experiment: Experiment,
    run: Run,
    paths: Sequence[str],
    *,
    reason: str,
    by: AbstractBaseUser,
) -> Promotion:
    """Request the promotion of files that a run made; raises RefusedError with all problems."""
    reason = _reason(reason)
    if run.experiment_id != experiment.pk:
        raise RefusedError(texts.RUN_OF_OTHER(run=run.pk, experiment=experiment.name))
    if run.status != RunStatus.SUCCEEDED:
        raise RefusedError(texts.RUN_NOT_GOOD(run=run.pk))
    if ParityRun.objects.filter(run=run).exists():
        raise RefusedError(texts.RUN_OF_PARITY(run=run.pk))
    files = package.chosen(run, paths)
    found = evidence_of(experiment, run, files)
    if wrong := problems(found):
        raise RefusedError(in_a_row(wrong))
    package.copies(run, files)
    parity = parity_of(experiment)
    try:
        with transaction.atomic():
            made = Promotion.objects.create(
                experiment=experiment,
                files=files,
                training_run=run,
                evaluation_run_id=found.evaluation,
                parity=parity,
                trainer=parity.new_script if parity is not None else "",
                metric=found.metric,
                value=found.value,
                classes=list(found.registered),
                classes_source=found.stated[0].source if found.stated else "",
                reason=reason,
                requested_by_id=by.pk,
            )
    except IntegrityError as error:
        number = Promotion.objects.open().filter(experiment=experiment).values_list("pk", flat=True)
        raise RefusedError(
            texts.OPEN_ALREADY(number=next(iter(number), 0), experiment=experiment.name)
        ) from error
    logger.info("promotion requested promotion=%s experiment=%s", made.pk, experiment.pk)
    return made


def approve(promotion: Promotion, *, by: AbstractBaseUser, classes_confirmed: bool = False) -> None:
    """Approve a promotion, so that a worker carries it out; raises RefusedError.

    Everything is checked again: a file, a comparison or the registry may have changed since. What
    was found then is stored, the comparison and its trainer too. A request whose account was
    deleted is refused: its person may have another account by now.
    """
    if promotion.requested_by_id is None:
        raise RefusedError(texts.REQUESTER_GONE(number=promotion.pk))
    is_self = by.pk == promotion.requested_by_id
    if is_self and not settings.GUARDIANFLOW_SELF_APPROVAL:
        raise RefusedError(texts.SAME_PERSON())
    if promotion.state != PromotionState.REQUESTED:
        raise RefusedError(texts.NOT_WAITING(number=promotion.pk))
    found = evidence_of(promotion.experiment, promotion.training_run, promotion.files)
    if wrong := problems(found):
        raise RefusedError(in_a_row(wrong))
    if found.needs_tick and not classes_confirmed:
        raise RefusedError(texts.CLASSES_UNSTATED())
    parity = parity_of(promotion.experiment)
    _move(
        promotion,
        PromotionState.APPROVED,
        approved_by_id=by.pk,
        approved_at=timezone.now(),
        is_self_approved=is_self,
        classes_confirmed=found.needs_tick,
        evaluation_run_id=found.evaluation,
        parity=parity,
        trainer=parity.new_script if parity is not None else "",
        metric=found.metric,
        value=found.value,
        classes=list(found.registered),
        classes_source=found.stated[0].source if found.stated else "",
    )


def reject(promotion: Promotion, *, by: AbstractBaseUser, reason: str) -> None:
    """Close a requested promotion without carrying it out; its requester may do so too."""
    if promotion.state != PromotionState.REQUESTED:
        raise RefusedError(texts.NOT_WAITING(number=promotion.pk))
    _move(promotion, PromotionState.REJECTED, **_withdrawal(by, reason))


def withdraw(promotion: Promotion, *, by: AbstractBaseUser, reason: str) -> None:
    """Have a worker take a promotion back; raises RefusedError if it is not in force."""
    if promotion.state not in {PromotionState.APPROVED, PromotionState.PROMOTED}:
        raise RefusedError(texts.NOT_IN_FORCE(experiment=promotion.experiment.name))
    _move(
        promotion,
        PromotionState.WITHDRAWING,
        **_withdrawal(by, reason),
        attempts=0,
        next_at=None,
        problem=None,
    )


def _withdrawal(by: AbstractBaseUser, reason: str) -> dict[str, object]:
    return {
        "withdrawn_by_id": by.pk,
        "withdrawn_at": timezone.now(),
        "withdrawal_reason": _reason(reason),
    }


def _move(promotion: Promotion, to: PromotionState, **values: object) -> None:
    """Change the state if it still is what the caller saw."""
    rows = Promotion.objects.filter(pk=promotion.pk, state=promotion.state)
    if not rows.update(state=to, **values):
        raise RefusedError(texts.NOT_WAITING(number=promotion.pk))
    logger.info("promotion moved promotion=%s state=%s", promotion.pk, to)
    promotion.refresh_from_db()


def _reason(text: str) -> str:
    text = " ".join(text.split())
    if not text or len(text) > MAX_REASON:
        raise RefusedError(texts.NEEDS_REASON())
    return text
