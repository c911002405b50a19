"""Archive experiments and restore them: nothing is deleted, and their runs stay.

An archived experiment is in no list, in no exported file, and no scan drafts its directory again.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence

from django.contrib.auth.models import AbstractBaseUser
from django.utils import timezone

from registry_app.changes import change_sets
from registry_app.changes.directories import known_directories, mark_missing, named_twice
from registry_app.choices import ChangeOrigin, ProposalStatus
from registry_app.exceptions import RegistryError
from registry_app.messages import Message
from registry_app.models import ChangeSet, Experiment, Proposal
from registry_app.texts.changes import ALREADY_ARCHIVED, ARCHIVED, NOT_ARCHIVED, RESTORED

logger = logging.getLogger(__name__)

COLUMNS = ("archived_at", "archived_by", "archived_reason")


def archive(
    experiments: Sequence[Experiment],
    *,
    reason: Message,
    by: AbstractBaseUser | None,
    origin: ChangeOrigin = ChangeOrigin.ADMIN,
) -> ChangeSet:
    """Archive experiments as one change set that can be undone; close their proposals.

    Raises RegistryError if one of them is archived already.
    """
    names = [experiment.name for experiment in experiments]
    with change_sets.change_set(origin, by=by, summary=ARCHIVED(names=names)) as made:
        mark_archived(experiments, reason=reason, by=by)
    logger.info("archived change_set=%s experiments=%s", made.pk, len(names))
    return made


def mark_archived(
    experiments: Sequence[Experiment], *, reason: Message, by: AbstractBaseUser | None
) -> None:
    """Archive experiments within the open change set; raises RegistryError like `archive`."""
    rows = _locked(experiments)
    names = [row.name for row in rows if row.archived_at is not None]
    if names:
        raise RegistryError(ALREADY_ARCHIVED(names=names))
    now = timezone.now()
    for row in rows:
        row.archived_at, row.archived_reason = now, reason
        row.archived_by_id = by.pk if by is not None else None
    change_sets.update(rows, COLUMNS)
    Proposal.objects.open().filter(experiment__in=[row.pk for row in rows]).update(
        status=ProposalStatus.WITHDRAWN, closed_at=now
    )


def restore(
    experiments: Sequence[Experiment],
    *,
    by: AbstractBaseUser | None,
    origin: ChangeOrigin = ChangeOrigin.ADMIN,
) -> ChangeSet:
    """Bring archived experiments back as one change set that can be undone.

    Raises RegistryError if one of them is not archived, or if another experiment has its directory
    by now.
    """
    names = [experiment.name for experiment in experiments]
    with change_sets.change_set(origin, by=by, summary=RESTORED(names=names)) as made:
        mark_restored(experiments)
    logger.info("restored change_set=%s experiments=%s", made.pk, len(names))
    return made


def mark_restored(
    experiments: Sequence[Experiment], *, paths: Mapping[int, str] | None = None
) -> None:
    """Restore experiments within the open change set; raises RegistryError like `restore`.

    `paths` are where their directories are by now, by the keys of rows.
    """
    rows = _locked(experiments)
    names = [row.name for row in rows if row.archived_at is None]
    if names:
        raise RegistryError(NOT_ARCHIVED(names=names))
    others = dict(Experiment.objects.values_list("name", "path"))
    for row in rows:
        row.path = (paths or {}).get(row.pk, row.path)
        if problem := named_twice(row.path, name=row.name, others=others):
            raise RegistryError(problem)
        others[row.name] = row.path
        row.archived_at, row.archived_by, row.archived_reason = None, None, None
    change_sets.update(rows, (*COLUMNS, "path") if paths else COLUMNS)
    mark_missing(known_directories([row.pk for row in rows]))


def _locked(experiments: Sequence[Experiment]) -> list[Experiment]:
    pks = [experiment.pk for experiment in experiments]
    rows = Experiment.everything.select_for_update().filter(pk__in=pks)
    return list(rows.order_by("name"))
