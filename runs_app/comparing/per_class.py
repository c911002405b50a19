"""Which metrics of a run are those of single classes: `headgear/mAP50`, `headgear.precision`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from registry_app.results.spelling import words_of
from registry_app.results.words import PHASES, is_metric
from runs_app.comparing.metric_names import short_name

# Class, then the name of the measure, then the name of the metric.
PerClass = dict[str, dict[str, str]]

_SEPARATORS = "/."
# What splits like a class and is none: a loss is of the whole run.
_NOT_CLASSES = frozenset(PHASES) | {"metrics", "metric", "loss", "losses", "lr", "confusion"}
LEAST_CLASSES = 2


def per_class(metrics: Iterable[str], classes: Sequence[str] = ()) -> PerClass:
    """Return the metrics of single classes by class and measure, both in the given order.

    `classes`: the names that are known. Without any, names that share a measure with another name
    count as classes, if at least two do.
    """
    known = {name.strip().casefold() for name in classes}
    found: PerClass = {}
    for metric in metrics:
        name, measure = _split(metric, known)
        if name:
            found.setdefault(name, {}).setdefault(measure, metric)
    return found if known else _alike(found)


def _split(metric: str, known: set[str]) -> tuple[str, str]:
    """Return the class and the measure of a metric, '' and '' if it is not of one class."""
    for at, character in enumerate(metric):
        if character not in _SEPARATORS or not 0 < at < len(metric) - 1:
            continue
        name, measure = metric[:at], metric[at + 1 :]
        if known and name.casefold() in known:
            return name, measure
        if not known and words_of(name) not in _NOT_CLASSES and short_name(metric) == metric:
            return (name, measure) if is_metric(measure) and "/" not in measure else ("", "")
    return "", ""


def _alike(found: PerClass) -> PerClass:
    """Keep those that share a measure with another one."""
    counts: dict[str, int] = {}
    for measures in found.values():
        for measure in measures:
            counts[measure] = counts.get(measure, 0) + 1
    return {
        name: measures
        for name, measures in found.items()
        if any(counts[measure] >= LEAST_CLASSES for measure in measures)
    }
