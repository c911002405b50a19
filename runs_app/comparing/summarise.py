"""Computes what lists show of an ended run, from its folder, and stores it."""

from __future__ import annotations

import logging
import math
from collections.abc import Iterable
from typing import Any

from django.db import DatabaseError, transaction

from runs_app.choices import TERMINAL, Direction
from runs_app.comparing import basis
from runs_app.comparing.best import renew_best
from runs_app.comparing.classes import classes_key, classes_of
from runs_app.comparing.data import data_of
from runs_app.comparing.main_metric import MetricTable
from runs_app.comparing.parameters import changed_from_previous, parameter_rows
from runs_app.comparing.storable import storable
from runs_app.models import Run, RunMetric, RunParameter
from runs_app.models.measured import NAME_LENGTH
from runs_app.records import results

logger = logging.getLogger(__name__)

VERSION = 1
# Of each run; the main metric is among them, the others in the order in which they were reported.
MAX_METRICS = 300


def summarise_if_possible(run_pk: int) -> None:
    """Summarise a run that has just ended; an error only delays it, for `background` to repeat."""
    try:
        run = Run.objects.select_related("experiment").get(pk=run_pk)
        summarise(run)
        renew_best(run.experiment, types=[run.type])
    except (OSError, ValueError, DatabaseError):
        logger.exception("not summarised run=%s", run_pk)


def summarise(run: Run, *, table: MetricTable | None = None) -> None:
    """Store the metrics, parameters and summary columns of an ended run.

    Reads the run folder; where it has been removed, the rows from before are kept. `renew_best`
    has to follow. Does nothing if the run has not ended. Repeatable.
    """
    run.refresh_from_db()
    if run.status not in TERMINAL:
        return
    rule = basis.rule_of(run.experiment, table or MetricTable.load())
    is_there = run.folder.is_dir()
    rows = metric_rows(run) if is_there else list(run.metrics.all())
    for row in rows:
        is_lower = rule.direction_of(row.name) == Direction.DOWN
        row.best = row.lowest if is_lower else row.highest
    main = rule.main_of(row.name for row in rows)
    columns: dict[str, Any] = {
        "summarised": VERSION,
        "main_metric": main,
        "main_value": next((row.best for row in rows if row.name == main), None),
        "changed_params": changed_from_previous(run),
        "duration_s": run.duration.total_seconds() if run.duration else None,
    }
    if is_there:
        data = data_of(run)
        columns["data_key"] = data.key
        columns["classes_key"] = classes_key(classes_of(run, data))
    with transaction.atomic():
        if is_there:
            run.metrics.all().delete()
            RunMetric.objects.bulk_create(_at_most(rows, main), batch_size=500)
        else:
            RunMetric.objects.bulk_update(rows, ["best"], batch_size=500)
        run.parameters.all().delete()
        RunParameter.objects.bulk_create(parameter_rows(run), batch_size=500)
        Run.objects.filter(pk=run.pk, status=run.status).update(**columns)


def metric_rows(run: Run) -> list[RunMetric]:
    """Return the metrics in the run folder as rows, without their best values."""
    rows: dict[str, RunMetric] = {}
    for metric in results.read(run.folder).metrics:
        name = storable(metric.key, NAME_LENGTH)
        row = RunMetric(
            run=run,
            name=name,
            last=_finite(metric.last),
            lowest=_finite(metric.least),
            highest=_finite(metric.greatest),
            points=metric.points,
        )
        rows.setdefault(name, row)
    return list(rows.values())


def _at_most(rows: list[RunMetric], main: str) -> Iterable[RunMetric]:
    """Return at most `MAX_METRICS` rows, the main metric among them."""
    if len(rows) <= MAX_METRICS:
        return rows
    others = [row for row in rows if row.name != main][: MAX_METRICS - 1]
    return [*(row for row in rows if row.name == main), *others]


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None
