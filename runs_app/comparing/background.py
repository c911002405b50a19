"""Summarises the runs that have no summary yet: of older versions, or after a change.

Each run is stored separately, so that an interrupted job continues where it was. Its progress is
the number of runs that are left.
"""

from __future__ import annotations

import logging
from pathlib import Path

from django.conf import settings
from django.db.models import QuerySet

from registry_app.models import Experiment
from runs_app.comparing import basis
from runs_app.comparing.best import renew_best
from runs_app.comparing.main_metric import MetricTable
from runs_app.comparing.summarise import summarise
from runs_app.models import Run
from runs_app.system import locks

logger = logging.getLogger(__name__)

LOCK = "summarise.lock"
AT_ONCE = 100


def waiting(host: str) -> QuerySet[Run]:
    """Return the ended runs whose folder is on this host and that have no summary yet."""
    return Run.objects.unsummarised().filter(host=host)


def progress() -> tuple[int, int]:
    """Return how many ended runs have a summary, and how many wait for one; two queries."""
    left = Run.objects.unsummarised().count()
    return Run.objects.filter(summarised__gt=0).count(), left


def run_waiting(host: str) -> int:
    """Summarise all waiting runs of a host, the newest first; return how many.

    Returns 0 if another process is doing so, or if the disk of run folders is not there.
    """
    done = 0
    with locks.hold(Path(settings.GUARDIANFLOW_HOME) / LOCK) as ours:
        if not ours or not settings.RUNS_DIR.is_dir():
            return 0
        basis.renew()
        while some := list(waiting(host).order_by("-pk")[:AT_ONCE]):
            done += _summarise(some)
            logger.info("summarised runs=%s left=%s", done, waiting(host).count())
    return done


def _summarise(runs: list[Run]) -> int:
    """Summarise some runs and find the best of their experiments again."""
    table = MetricTable.load()
    experiments = Experiment.everything.in_bulk({run.experiment_id for run in runs})
    types: dict[int, set[str]] = {}
    for run in runs:
        run.experiment = experiments[run.experiment_id]
        try:
            summarise(run, table=table)
        except (OSError, ValueError) as error:
            # What its folder cannot tell today, it will not tell tomorrow.
            logger.warning("summarised without results run=%s error=%s", run.pk, error)
            Run.objects.filter(pk=run.pk).update(summarised=1)
        types.setdefault(run.experiment_id, set()).add(run.type)
    for experiment_pk, kinds in types.items():
        renew_best(experiments[experiment_pk], types=kinds)
    return len(runs)
