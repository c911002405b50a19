"""Whether a promotion still holds: the alias, the hash of what it gives, and the main branch.

Asked by a worker alone: after each sync, daily, and when a person asks. The answer is stored with
its time. MLflow lets a download succeed whose files `mlflow gc` removed, so the hash is compared.
"""

from __future__ import annotations

import logging
from datetime import timedelta

from django.conf import settings
from django.utils import timezone

from registry_app.exceptions import RegistryError
from registry_app.messages import Message
from runs_app.exceptions import RunnerError
from runs_app.models import Promotion, StageProof
from runs_app.promotion import branch
from runs_app.stages.ladder import Proof
from runs_app.stages.notes import store_integrated
from runs_app.stages.waiting import integrated_due
from runs_app.texts import promotion as texts
from runs_app.tracking import registered

logger = logging.getLogger(__name__)

EVERY = timedelta(days=1)
# After a check that failed because MLflow or the remote were away.
RETRY = timedelta(minutes=10)


def check_due() -> int:
    """Look at all promotions that are due; return how many."""
    found = list(integrated_due(timezone.now()).select_related("experiment"))
    for promotion in found:
        check(promotion)
    return len(found)


def check(promotion: Promotion) -> Proof:
    """Look at one promotion, and store and return the answer.

    What cannot be reached says nothing: the last answer stays, with the reason.
    """
    return _checked(promotion, is_answered=True)


def check_new(promotion: Promotion) -> Proof:
    """Look at a promotion that has just come into force; the last answer was about another one."""
    return _checked(promotion, is_answered=False)


def _checked(promotion: Promotion, *, is_answered: bool) -> Proof:
    try:
        proof = state_of(promotion)
    except (RunnerError, RegistryError) as error:
        logger.warning("promotion not checked promotion=%s error=%s", promotion.pk, error)
        holds = is_answered and _held(promotion)
        proof = Proof(holds=holds, why=texts.UNCHECKED(problem=error.message))
        store_integrated(promotion.experiment_id, proof, next_in=RETRY)
        return proof
    store_integrated(promotion.experiment_id, proof, next_in=EVERY)
    return proof


def state_of(promotion: Promotion) -> Proof:
    """Return whether a promotion holds now; raises RunnerError or RegistryError if unreachable."""
    wrong = in_mlflow(promotion)
    return Proof(why=wrong) if wrong is not None else _in_core(promotion)


def in_mlflow(promotion: Promotion) -> Message | None:
    """Return what is wrong with the champion of a promotion in MLflow, None if nothing is."""
    name, version = promotion.mlflow_name, promotion.mlflow_version
    champion = registered.champion_of(name)
    if not champion:
        return texts.NO_CHAMPION(name=name)
    if champion != version:
        return texts.OTHER_CHAMPION(name=name, found=champion, version=version)
    there, wanted = registered.hashes_of(name, version), promotion.hashes()
    if not there:
        return texts.CHAMPION_GONE(name=name, version=version)
    if there != wanted:
        wrong = sorted(path for path in {*there, *wanted} if there.get(path) != wanted.get(path))
        return texts.CHAMPION_DIFFERS(name=name, version=version, names=wrong)
    return None


def _in_core(promotion: Promotion) -> Proof:
    """Return whether the entry of a promotion is in the main branch; an experiment may be renamed.

    Raises RegistryError if the core repository cannot be read.
    """
    if not settings.GUARDIANFLOW_CORE_URL:
        return Proof(why=texts.NO_CORE())
    of = branch.repository()
    found = branch.found_in(of.read(of.fetch()).data, of.path, promotion)
    if found is None:
        return Proof(why=texts.NOT_MERGED(branch=promotion.core_branch, main=of.branch))
    if not found.is_right:
        return Proof(why=texts.CORE_DIFFERS(main=of.branch, experiment=found.name))
    known = {"name": promotion.mlflow_name, "version": promotion.mlflow_version, "main": of.branch}
    if found.name == promotion.experiment.name:
        return Proof(holds=True, why=texts.INTEGRATED(**known))
    return Proof(holds=True, why=texts.INTEGRATED_RENAMED(**known, former=found.name))


def _held(promotion: Promotion) -> bool:
    row = StageProof.objects.filter(experiment=promotion.experiment_id).first()
    return row is not None and row.is_integrated
