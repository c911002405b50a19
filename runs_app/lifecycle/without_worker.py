"""Keeps what pages and lists show true while no worker is there to look into run folders.

With a worker on this machine nothing is done here; without one, a folder tells how its run ended.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable

from django.db import Error as DatabaseError

from runs_app.choices import OBSERVED
from runs_app.executors.chosen import executor, is_ours
from runs_app.models import Run
from runs_app.queue import hosts
from runs_app.runner.own_file import is_held

logger = logging.getLogger(__name__)


def look() -> None:
    """Sync all active runs of this machine with their folders if no worker is there to do so."""
    look_at(Run.objects.observed(executor().place))


def look_at(runs: Iterable[Run]) -> bool:
    """Do as `look` for those of `runs` that are active here; return whether any may have changed.

    Nothing is collected or sent. A failure to save what was found is logged, so that no page fails
    because of it. A database that cannot be read raises: there is nothing to show.
    """
    active = [run for run in runs if run.status in OBSERVED]
    try:
        if has_worker():
            return False
        ours = [run for run in active if is_ours(run)]
        if ours:
            # A third of a second of imports, which most commands that list something do without.
            from runs_app.lifecycle import observing

            observing.observe_all(ours)
    except (OSError, DatabaseError) as error:  # a full disk: what is stored is shown
        logger.warning("active runs were not looked at error=%s", error)
        return False
    return bool(ours)


def has_worker() -> bool:
    """Return whether a worker of this data directory is alive on this machine."""
    return is_held(hosts.worker_lock())
