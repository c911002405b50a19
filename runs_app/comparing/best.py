"""The best run of each group of comparable runs of one experiment.

Comparable are runs of one type, with the same classes, what is known of their data, and main
metric. Only succeeded runs that still have their folder count, and none that is marked as being
only for comparison, or belongs to a comparison of old and new. Of equal values the earliest is the
best.
"""

from __future__ import annotations

from collections.abc import Iterable

from django.db import transaction

from registry_app.models import Experiment
from runs_app.choices import Direction, RunStatus
from runs_app.comparing.main_metric import MetricRule, MetricTable
from runs_app.models import Run, SummaryBasis

Group = tuple[str, str, str]


def renew_best(experiment: Experiment, *, types: Iterable[str] | None = None) -> None:
    """Compute `is_best` of an experiment's runs, or of those of some types, from their rows."""
    rule = MetricTable.load().of(experiment.task_type)
    runs = Run.objects.filter(experiment=experiment)
    with transaction.atomic():
        # One process at a time, so that the last one has seen what all others have stored.
        SummaryBasis.objects.select_for_update().filter(experiment=experiment).first()
        if types is None:
            types = runs.order_by().values_list("type", flat=True).distinct()
        for kind in list(types):
            _renew(experiment, kind, rule)


def _renew(experiment: Experiment, kind: str, rule: MetricRule) -> None:
    runs = Run.objects.filter(experiment=experiment, type=kind)
    candidates = (
        runs.filter(
            status=RunStatus.SUCCEEDED,
            is_marked=False,
            parity_run=None,
            folder_removed_at=None,
            main_value__isnull=False,
            summarised__gt=0,
        )
        .order_by("pk")
        .values_list("pk", "main_value", "classes_key", "data_key", "main_metric")
    )
    best: dict[Group, tuple[float, int]] = {}
    for pk, value, *keys in candidates.iterator(chunk_size=2000):
        if value is None:
            continue
        group: Group = (keys[0], keys[1], keys[2])
        is_lower = rule.direction_of(group[2]) == Direction.DOWN
        rank = value if is_lower else -value
        if group not in best or rank < best[group][0]:
            best[group] = (rank, pk)
    chosen = {pk for _rank, pk in best.values()}
    before = set(runs.filter(is_best=True).values_list("pk", flat=True))
    Run.objects.filter(pk__in=before - chosen).update(is_best=False)
    Run.objects.filter(pk__in=chosen - before).update(is_best=True)
