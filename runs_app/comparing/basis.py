"""The inputs of the summaries of an experiment's runs, and whether they have changed.

The state of the experiment is compared, not its events: changes come from forms, imports, scans
and undo, most of them without a signal.
"""

from __future__ import annotations

from django.db import transaction
from django.db.models import F, Q, QuerySet

from registry_app.models import Experiment
from runs_app.choices import TERMINAL
from runs_app.comparing.main_metric import MetricRule, MetricTable
from runs_app.models import Run, SummaryBasis


def rule_of(experiment: Experiment, table: MetricTable) -> MetricRule:
    """Return the main metric of an experiment's runs; remember their basis if none is stored."""
    rule = table.of(experiment.task_type)
    SummaryBasis.objects.get_or_create(
        experiment=experiment,
        defaults={
            "task_type": experiment.task_type,
            "classes": experiment.classes,
            "rule": rule.text,
        },
    )
    return rule


def outdated() -> QuerySet[SummaryBasis]:
    """Return the bases that are not those of their experiments any more."""
    return SummaryBasis.objects.filter(
        Q(rule="") | ~Q(task_type=F("experiment__task_type")) | ~Q(classes=F("experiment__classes"))
    )


def rule_changed() -> None:
    """Mark the bases whose rule differs from the table of main metrics."""
    table = MetricTable.load()
    changed = [
        row.pk
        for row in SummaryBasis.objects.select_related("experiment").iterator()
        if row.rule != table.of(row.experiment.task_type).text
    ]
    SummaryBasis.objects.filter(pk__in=changed).update(rule="")


def renew() -> list[int]:
    """Let the runs of experiments with an outdated basis be summarised again.

    Until then they count as not computed. Returns the keys of the experiments.
    """
    table = MetricTable.load()
    rule_changed()  # again: a summary may have been stored with the old table meanwhile
    stale = list(outdated().order_by("pk").values_list("experiment_id", flat=True))
    for pk in stale:
        _renew(pk, table)
    return stale


def _renew(experiment_pk: int, table: MetricTable) -> None:
    with transaction.atomic():
        experiment = Experiment.everything.get(pk=experiment_pk)
        runs = Run.objects.filter(experiment=experiment, status__in=TERMINAL, summarised__gt=0)
        runs.update(summarised=0, is_best=False)
        SummaryBasis.objects.filter(experiment=experiment).update(
            task_type=experiment.task_type,
            classes=experiment.classes,
            rule=table.of(experiment.task_type).text,
        )
