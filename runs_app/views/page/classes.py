"""The metrics of single classes as a table: a row for each class, a column for each measure."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from runs_app.comparing.per_class import per_class
from runs_app.comparing.wording import number_text
from runs_app.records.metrics_summary import MetricSummary

MAX_CLASSES = 100
MAX_MEASURES = 8


@dataclass(frozen=True, kw_only=True)
class ClassValue:
    """A value in words; `percent` is the length of its bar, None for a value that is no share."""

    text: str
    percent: int | None = None


@dataclass(frozen=True, kw_only=True)
class ClassTable:
    """Measures, and for each class its values in their order; None where a class has none."""

    measures: tuple[str, ...]
    rows: tuple[tuple[str, tuple[ClassValue | None, ...]], ...]


def class_table(metrics: Sequence[MetricSummary], classes: Sequence[str]) -> ClassTable | None:
    """Return the last values of metrics of single classes, None if there are none.

    `classes` are the known ones; where no metric is of any of them, names are taken for classes
    as `per_class` does.
    """
    last = {metric.key: metric.last for metric in metrics}
    found = per_class(last, classes) or per_class(last)
    if not found:
        return None
    measures = list(dict.fromkeys(name for row in found.values() for name in row))[:MAX_MEASURES]
    rows = [
        (name, tuple(_value(last.get(of.get(measure, ""))) for measure in measures))
        for name, of in list(found.items())[:MAX_CLASSES]
    ]
    return ClassTable(measures=tuple(measures), rows=tuple(rows))


def _value(value: float | None) -> ClassValue | None:
    if value is None:
        return None
    is_share = math.isfinite(value) and 0 <= value <= 1
    return ClassValue(text=number_text(value), percent=round(value * 100) if is_share else None)
