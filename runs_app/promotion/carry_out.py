"""What a worker does after an approval or a withdrawal: steps, each recorded before it is tried.

No two calls to MLflow and git are one transaction. So the step that is tried is stored first, what
it made is found again by the promotion's key, and every step may be repeated: a worker that dies
at any moment is followed by one that continues. The alias of the model moves last in MLflow, after
the files were downloaded again and compared.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from datetime import timedelta
from enum import StrEnum
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import Error as DatabaseError
from django.db import transaction
from django.utils import timezone

from registry_app.exceptions import RegistryError
from registry_app.messages import Message, plain
from registry_app.models import Experiment
from runs_app.choices import PromotionState
from runs_app.exceptions import RunnerError, TrackingError
from runs_app.models import Promotion
from runs_app.models.promotions import MAX_WAIT_S, PromotionQuerySet
from runs_app.promotion import branch, integrated, package
from runs_app.promotion.card import card_of
from runs_app.records.epoch import milliseconds
from runs_app.stages.ladder import Proof
from runs_app.stages.notes import note_changes, store_integrated
from runs_app.system import locks
from runs_app.texts import promotion as texts
from runs_app.tracking import registered
from runs_app.tracking.registered import Own
from runs_app.tracking.tags import OWNER_TAG

logger = logging.getLogger(__name__)

LOCK = "promotions.lock"
FIRST_WAIT_S = 30

# Returns the entry points of an experiment as MLproject writes them.
EntryPoints = Callable[[Experiment], Mapping[str, Any]]


class Step(StrEnum):
    """The steps of carrying out a promotion, in their order; those of a withdrawal at the end."""

    RUN = "run"
    UPLOAD = "upload"
    MODEL = "model"
    VERSION = "version"
    VERIFY = "verify"
    ALIAS = "alias"
    BRANCH = "branch"
    ALIAS_BACK = "alias_back"
    BRANCH_BACK = "branch_back"


def run_waiting(entry_points: EntryPoints) -> int:
    """Carry out and take back all promotions that are due; return how many were completed.

    One process at a time does so; the next one continues what a dead one left.
    """
    done = 0
    with locks.hold(Path(settings.GUARDIANFLOW_HOME) / LOCK) as ours:
        if not ours:
            return 0
        for promotion in Promotion.objects.due(timezone.now()):
            done += _attempt(promotion, entry_points)
        integrated.check_due()
    note_changes()
    return done


def _attempt(promotion: Promotion, entry_points: EntryPoints) -> bool:
    """Try a promotion once; what fails is stored with the time of the next try, never raised."""
    try:
        if promotion.state == PromotionState.WITHDRAWING:
            _take_back(promotion)
        else:
            _carry_out(promotion, entry_points)
    except (RunnerError, RegistryError) as error:
        _postpone(promotion, error.message)
        return False
    except DatabaseError:
        raise
    except Exception as error:
        logger.exception("promotion not carried out promotion=%s", promotion.pk)
        _postpone(promotion, plain(f"{type(error).__name__}: {error}"))
        return False
    return True


def _carry_out(promotion: Promotion, entry_points: EntryPoints) -> None:
    _want(promotion, Step.RUN)
    run_id = registered.open_own_run(_own(promotion))
    _store(promotion, mlflow_run_id=run_id)
    _want(promotion, Step.UPLOAD)
    registered.upload(run_id, package.copies(promotion.training_run, promotion.files))
    _want(promotion, Step.MODEL)
    name = registered.model_name(promotion.experiment.name)
    registered.ensure_model(name, promotion.experiment.name, _site_tags(promotion.experiment))
    _store(promotion, mlflow_name=name)
    _want(promotion, Step.VERSION)
    version = registered.ensure_version(
        name, run_id, tags=_version_tags(promotion), card=card_of(promotion)
    )
    _store(promotion, mlflow_version=version)
    _want(promotion, Step.VERIFY)
    _verify(promotion)
    if promotion.previous_version is None:
        champion = registered.champion_of(name)
        _store(promotion, previous_version="" if champion == version else champion)
    _want(promotion, Step.ALIAS)
    registered.set_champion(name, version)
    _want(promotion, Step.BRANCH)
    if settings.GUARDIANFLOW_CORE_URL:
        branch.integrate(promotion, entry_points(promotion.experiment))
    with transaction.atomic():
        _in_force(promotion).update(state=PromotionState.REPLACED)
        _finish(promotion, PromotionState.PROMOTED)
    integrated.check_new(promotion)


def _take_back(promotion: Promotion) -> None:
    """Give the alias back, or remove it; then take the promotion out of the core repository."""
    _want(promotion, Step.ALIAS_BACK)
    previous = _previous(promotion)
    name, version = promotion.mlflow_name, promotion.mlflow_version
    if version and registered.champion_of(name) == version:
        if previous is not None:
            registered.set_champion(name, previous.mlflow_version)
        else:
            registered.remove_champion(name)
    _want(promotion, Step.BRANCH_BACK)
    branch.take_back(promotion, previous)
    with transaction.atomic():
        if previous is not None:
            Promotion.objects.filter(pk=previous.pk).update(state=PromotionState.PROMOTED)
        _finish(promotion, PromotionState.WITHDRAWN)
    # One that never became the champion leaves the promotion before it in force.
    left = _in_force(promotion).select_related("experiment").first()
    if left is not None:
        integrated.check_new(left)
    else:
        store_integrated(promotion.experiment_id, Proof(why=texts.NO_PROMOTION_IN_FORCE()))


def _in_force(promotion: Promotion) -> PromotionQuerySet:
    """Return the other promotions of the experiment that are in force: one, or none."""
    rows = Promotion.objects.filter(
        experiment=promotion.experiment_id, state=PromotionState.PROMOTED
    )
    return rows.exclude(pk=promotion.pk)


def _previous(promotion: Promotion) -> Promotion | None:
    """Return the promotion whose version had the alias before, if its files are still right."""
    if not promotion.previous_version:
        return None
    found = Promotion.objects.filter(
        experiment=promotion.experiment_id,
        mlflow_name=promotion.mlflow_name,
        mlflow_version=promotion.previous_version,
        state__in=(PromotionState.REPLACED, PromotionState.PROMOTED),
    ).first()
    if found is None:
        return None
    there = registered.hashes_of(found.mlflow_name, found.mlflow_version)
    return found if there == found.hashes() else None


def _verify(promotion: Promotion) -> None:
    """Download the version again; raises TrackingError unless every byte came back."""
    there = registered.hashes_of(promotion.mlflow_name, promotion.mlflow_version)
    wanted = promotion.hashes()
    if there != wanted:
        wrong = sorted(name for name in {*there, *wanted} if there.get(name) != wanted.get(name))
        raise TrackingError(texts.DOWNLOAD_DIFFERS(names=wrong))


def _own(promotion: Promotion) -> Own:
    run = promotion.training_run
    if not run.mlflow_experiment_id:
        raise TrackingError(texts.NOT_IN_MLFLOW(run=run.pk))
    approved_at = promotion.approved_at or promotion.requested_at
    return Own(
        key=str(promotion.uuid),
        experiment_id=run.mlflow_experiment_id,
        name=f"{promotion.experiment.name}/promotion/{promotion.pk}",
        started_ms=milliseconds(approved_at),
        tags={
            **_version_tags(promotion),
            OWNER_TAG: str(run.uuid),
            "mlflow.user": str(promotion.approved_by or ""),
            "mlflow.note.content": f"{settings.GUARDIANFLOW_URL}{promotion.get_absolute_url()}",
        },
    )


def _site_tags(experiment: Experiment) -> dict[str, str]:
    zone = experiment.zone
    site = zone.site if zone else None
    parts = {
        "customer": site.customer.name if site else "",
        "region": site.region if site else "",
        "plant": site.plant if site else "",
        "zone": zone.name if zone else "",
        "task": experiment.task_type,
    }
    return {f"guardianflow.{name}": value for name, value in parts.items() if value}


def _version_tags(promotion: Promotion) -> dict[str, str]:
    return {
        registered.PROMOTION_TAG: str(promotion.uuid),
        registered.EXPERIMENT_TAG: promotion.experiment.name,
        "guardianflow.run": str(promotion.training_run_id),
        "guardianflow.evaluation": str(promotion.evaluation_run_id or ""),
        "guardianflow.sha256": promotion.main_sha256,
        "guardianflow.approved_by": str(promotion.approved_by or ""),
        "guardianflow.self_approved": str(promotion.is_self_approved).lower(),
    }


def _want(promotion: Promotion, step: Step) -> None:
    """Store the step that is about to be tried; raises TrackingError if it was withdrawn."""
    _store(promotion, wanted=step)
    logger.info("promotion step promotion=%s step=%s", promotion.pk, step)


def _store(promotion: Promotion, **values: Any) -> None:
    rows = Promotion.objects.filter(pk=promotion.pk, state=promotion.state)
    if not rows.update(**values):
        raise TrackingError(texts.MOVED_ON(number=promotion.pk))
    for name, value in values.items():
        setattr(promotion, name, value)


def _finish(promotion: Promotion, state: PromotionState) -> None:
    _store(promotion, state=state, wanted="", problem=None, attempts=0, next_at=None)


def _postpone(promotion: Promotion, problem: Message) -> None:
    attempts = promotion.attempts + 1
    wait_s = min(FIRST_WAIT_S * 2 ** min(attempts - 1, 10), MAX_WAIT_S)
    logger.warning("promotion waits promotion=%s problem=%s", promotion.pk, problem)
    Promotion.objects.filter(pk=promotion.pk, state=promotion.state).update(
        problem=problem,
        attempts=attempts,
        next_at=timezone.now() + timedelta(seconds=wait_s),
    )
