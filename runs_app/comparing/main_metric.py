"""The main metric of a task type, as the table of main metrics says."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from runs_app.choices import Direction
from runs_app.comparing.default_metrics import DEFAULTS
from runs_app.comparing.metric_names import direction_by_name, matches
from runs_app.models import MainMetric


@dataclass(frozen=True, kw_only=True)
class MetricRule:
    """The metric that represents the runs of a task type: the first of `names` that a run has."""

    names: tuple[str, ...] = ()
    direction: Direction = Direction.BY_NAME

    def main_of(self, metrics: Iterable[str]) -> str:
        """Return the main one of the metrics of a run, '' if none of them is known.

        Of several spellings of the same name, the one written exactly so comes first, then the
        first that the run reported.
        """
        known = list(metrics)
        for pattern in self.names:
            if pattern in known:
                return pattern
            found = next((name for name in known if matches(pattern, name)), "")
            if found:
                return found
        return ""

    def direction_of(self, metric: str) -> Direction:
        """Return whether higher (UP) or lower (DOWN) values of a metric are better.

        The direction of the table is that of the metrics it names; others go by their names.
        """
        is_named = self.direction != Direction.BY_NAME and any(
            matches(pattern, metric) for pattern in self.names
        )
        return self.direction if is_named else direction_by_name(metric)

    @property
    def text(self) -> str:
        """The whole rule, to see whether it has changed."""
        return json.dumps([self.names, self.direction], ensure_ascii=False)


@dataclass(frozen=True)
class MetricTable:
    """The main metrics of all task types."""

    rules: Mapping[str, MetricRule]

    @staticmethod
    def load() -> MetricTable:
        """Read the table; runs one query."""
        rows = MainMetric.objects.values_list("task_type", "names", "direction")
        return MetricTable(
            {
                task: MetricRule(names=tuple(map(str, names)), direction=Direction(direction))
                for task, names, direction in rows
            }
        )

    def of(self, task_type: str) -> MetricRule:
        """Return the rule of a task type.

        Of several tasks (`ppe+intrusion`) the first counts; without a row, that of all others.
        """
        for task in (task_type, task_type.partition("+")[0], ""):
            if task in self.rules:
                return self.rules[task]
        return MetricRule(names=DEFAULTS[""])


def main_metric_of(task_type: str) -> MetricRule:
    """Return the rule of one task type; runs one query. For many, load a `MetricTable`."""
    return MetricTable.load().of(task_type)
