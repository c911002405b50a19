"""What is known of each of the compared runs: values, metrics, and what its numbers rest on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from runs_app.choices import Direction
from runs_app.comparing.classes import classes_key, classes_of
from runs_app.comparing.comparability import Basis
from runs_app.comparing.data import data_of
from runs_app.comparing.main_metric import MetricRule, MetricTable
from runs_app.comparing.parameters import parameter_text
from runs_app.comparing.summarise import metric_rows
from runs_app.models import Run, RunMetric

Metrics = dict[str, float | None]


@dataclass(frozen=True, kw_only=True)
class Side:
    """One of the compared runs.

    `metrics`: the best value by name, None where it is no finite number. `classes`: () if their
    names are not known, even where `basis` has their digest. `is_computed`: whether what its
    numbers rest on has been read at all.
    """

    run: Run
    rule: MetricRule
    basis: Basis
    parameters: Mapping[str, str] = field(default_factory=dict)
    metrics: Mapping[str, float | None] = field(default_factory=dict)
    classes: tuple[str, ...] = ()
    is_computed: bool = True

    @property
    def main_value(self) -> float | None:
        """The value of its main metric."""
        return self.metrics.get(self.basis.main_metric)

    @property
    def has_main(self) -> bool:
        """Whether its main metric has a value."""
        return self.main_value is not None


def sides_of(runs: Sequence[Run], *, reads_folders: bool) -> list[Side]:
    """Return what is known of runs that were fetched with their experiments; two queries.

    `reads_folders`: read from run folders what their rows do not hold: the names of classes, and
    everything of runs that have not ended.
    """
    table = MetricTable.load()
    secrets = {name for run in runs for name in run.secrets}
    stored = _stored_metrics(runs)
    sides = []
    for run in runs:
        side = Side(
            run=run,
            rule=table.of(run.experiment.task_type),
            basis=Basis.stored(run),
            parameters={
                name: parameter_text(value)
                for name, value in run.params.items()
                if name not in secrets
            },
            metrics=stored[run.pk],
        )
        if run.is_summarised:
            sides.append(replace(side, classes=_stored_classes(run, reads_folder=reads_folders)))
        else:
            sides.append(_so_far(side) if reads_folders else replace(side, is_computed=False))
    return sides


def _stored_metrics(runs: Sequence[Run]) -> dict[int, Metrics]:
    found: dict[int, Metrics] = {run.pk: {} for run in runs}
    rows = RunMetric.objects.filter(run__in=list(found)).order_by("run_id", "id")
    for pk, name, best in rows.values_list("run_id", "name", "best"):
        found[pk][name] = best
    return found


def _stored_classes(run: Run, *, reads_folder: bool) -> tuple[str, ...]:
    """Return the names behind the digest in the row, () if nothing has them any more."""
    names = tuple(map(str, run.experiment.classes))
    if not run.classes_key or classes_key(names) == run.classes_key:
        return names if run.classes_key else ()
    if not reads_folder:
        return ()
    names = classes_of(run, data_of(run))
    return names if classes_key(names) == run.classes_key else ()


def _so_far(side: Side) -> Side:
    """Read what a run that has no summary yet did so far."""
    run = side.run
    data = data_of(run)
    classes = classes_of(run, data)
    metrics: Metrics = {}
    for row in metric_rows(run):
        is_lower = side.rule.direction_of(row.name) == Direction.DOWN
        metrics[row.name] = row.lowest if is_lower else row.highest
    basis = Basis(
        data_key=data.key,
        classes_key=classes_key(classes),
        main_metric=side.rule.main_of(metrics),
    )
    return replace(side, basis=basis, classes=classes, metrics=metrics)
