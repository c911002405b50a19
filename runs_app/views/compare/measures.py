"""Metrics of runs side by side: the best of each row, and how the others differ from the first.

A best is marked only among runs that are company of the first one: of which the same data,
classes and main metric are known.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from django.utils.translation import gettext as _

from registry_app.files.visible import visible
from registry_app.results.spelling import words_of
from runs_app.choices import Direction
from runs_app.comparing.comparability import is_company
from runs_app.comparing.main_metric import MetricRule
from runs_app.comparing.metric_names import matches, short_name
from runs_app.comparing.per_class import PerClass, per_class
from runs_app.comparing.wording import NOTHING, difference, direction_sign, metric_text
from runs_app.views.compare.rows import Cell, Row, Section
from runs_app.views.compare.sides import Side

# The others are there on demand.
METRICS_SHOWN = 10
# Beside the first measure of a class.
MEASURES_BESIDE = 3
_SHORT = {"precision": "P", "recall": "R"}
# Neither more nor less of these is better.
_OF_TRAINING = frozenset({"lr", "learning rate"})
MAX_CLASSES = 200


@dataclass(frozen=True, kw_only=True)
class Measures:
    """The metrics of the compared runs.

    `company`: which of the runs the best is looked for among; only the first if that makes no
    sense. `main`: the row of main metrics, whatever they are called.
    """

    company: tuple[bool, ...]
    main: Row
    section: Section
    classes: Section

    @property
    def has_company(self) -> bool:
        """Whether a best is marked at all."""
        return sum(self.company) > 1


def measures_of(sides: Sequence[Side]) -> Measures:
    """Return the metrics of runs; of single classes apart from the others."""
    company = tuple(is_company(sides[0].basis, side.basis) for side in sides)
    rule = sides[0].rule
    names = list(dict.fromkeys(name for side in sides for name in side.metrics))
    by_class = per_class(
        names, list(dict.fromkeys(name for side in sides for name in side.classes))
    )
    of_classes = {name for measures in by_class.values() for name in measures.values()}
    main = _main_row(sides, company)
    taken = {side.basis.main_metric for side in sides if side.basis.main_metric}
    others = [name for name in names if name not in of_classes and name not in _only(taken)]
    others.sort(key=lambda name: _rank(name, rule))
    rows = [_row(sides, company, name, rule) for name in others]
    # What only one run has compares nothing.
    common = [row for row in rows if sum(cell.is_known for cell in row.cells) > 1]
    rare = [row for row in rows if row not in common]
    shown = common[:METRICS_SHOWN]
    section = Section(
        key="metrics",
        label=_("Metrics"),
        rows=(main, *shown) if taken else tuple(shown),
        hidden=(*common[METRICS_SHOWN:], *rare),
    )
    return Measures(
        company=company,
        main=main,
        section=section,
        classes=_of_classes(sides, company, by_class, rule),
    )


def _only(names: set[str]) -> set[str]:
    """Return the name if there is only one: the row of main metrics says it all."""
    return names if len(names) == 1 else set()


def _rank(name: str, rule: MetricRule) -> tuple[bool, int]:
    """Return what sorts metrics: those of the table of main metrics first, settings last."""
    place = (at for at, pattern in enumerate(rule.names) if matches(pattern, name))
    return _is_setting(name), next(place, len(rule.names))


def _is_setting(name: str) -> bool:
    words = words_of(name)
    return any(words == setting or words.startswith(f"{setting} ") for setting in _OF_TRAINING)


def _main_row(sides: Sequence[Side], company: tuple[bool, ...]) -> Row:
    names = list(dict.fromkeys(side.basis.main_metric for side in sides if side.has_main))
    short = {short_name(name) for name in names}
    label = short.pop() if len(short) == 1 else _("main metric")
    values = [side.main_value for side in sides]
    direction = sides[0].rule.direction_of(sides[0].basis.main_metric)
    cells = _cells(
        [side.basis.main_metric for side in sides],
        values,
        company,
        direction,
        names_metric=len(names) > 1,
    )
    return Row(name=f"{visible(label)} {direction_sign(direction)}", cells=cells)


def _row(sides: Sequence[Side], company: tuple[bool, ...], name: str, rule: MetricRule) -> Row:
    direction = rule.direction_of(name)
    values = [side.metrics.get(name) for side in sides]
    if _is_setting(name):
        company = (False,) * len(sides)
    cells = _cells([name] * len(sides), values, company, direction)
    sign = "" if _is_setting(name) else f" {direction_sign(direction)}"
    return Row(name=f"{visible(short_name(name))}{sign}", title=visible(name), cells=cells)


def _cells(
    names: Sequence[str],
    values: Sequence[float | None],
    company: tuple[bool, ...],
    direction: Direction,
    *,
    names_metric: bool = False,
) -> tuple[Cell, ...]:
    best = _best(values, company, direction)
    base = values[0]
    cells = []
    for place, (name, value) in enumerate(zip(names, values, strict=True)):
        small, tone = "", ""
        if place and value is not None and base is not None and company[place]:
            found = difference(value, base, direction)
            if found.is_better is not None:
                small, tone = found.text, "good" if found.is_better else "bad"
        elif names_metric and name:
            small = visible(short_name(name))
        cells.append(
            Cell(
                text=metric_text(name, value),
                title=NOTHING if value is None else f"{visible(name)} {value!r}",
                exact="" if value is None else repr(value),
                small=small,
                tone=tone,
                is_best=best is not None and value == best and company[place],
                is_known=value is not None,
            )
        )
    return tuple(cells)


def _best(
    values: Sequence[float | None], company: tuple[bool, ...], direction: Direction
) -> float | None:
    """Return the best value of the company, None if there is nothing to choose from."""
    counted = [
        value for value, is_in in zip(values, company, strict=True) if is_in and value is not None
    ]
    if len(counted) < 2 or min(counted) == max(counted):
        return None
    return min(counted) if direction == Direction.DOWN else max(counted)


def _of_classes(
    sides: Sequence[Side], company: tuple[bool, ...], by_class: PerClass, rule: MetricRule
) -> Section:
    """Return a row for each class: its first measure, and the others beside it."""
    main = _measure_of(by_class, sides[0].basis.main_metric)
    rows = []
    for name, measures in list(by_class.items())[:MAX_CLASSES]:
        first = main if main in measures else next(iter(measures))
        row = _row(sides, company, measures[first], rule)
        others = [measure for measure in measures if measure != first][:MEASURES_BESIDE]
        cells = tuple(
            _cell_of_class(cell, side, name, {measure: measures[measure] for measure in others})
            for cell, side in zip(row.cells, sides, strict=True)
        )
        rows.append(Row(name=visible(name), title=visible(measures[first]), cells=cells))
    label = _("Per class: {measure}").format(measure=visible(main)) if main else _("Per class")
    return Section(key="classes", label=label, rows=tuple(rows))


def _measure_of(by_class: PerClass, main_metric: str) -> str:
    """Return the measure of classes that is spelled like the main metric, else the commonest."""
    measures = [measure for found in by_class.values() for measure in found]
    for measure in dict.fromkeys(measures):
        if matches(measure, main_metric) or matches(measure, main_metric.partition("(")[0]):
            return measure
    return max(dict.fromkeys(measures), key=measures.count, default="")


def _short(measure: str) -> str:
    return _SHORT.get(measure.lower(), visible(measure))


def _cell_of_class(cell: Cell, side: Side, name: str, others: dict[str, str]) -> Cell:
    known = {label.strip().casefold() for label in side.classes}
    if not cell.is_known and known and name.casefold() not in known:
        return Cell(text=_("no such class"), is_known=False, is_unlike=True)
    beside = [
        f"{_short(measure)} {metric_text(metric, side.metrics[metric])}"
        for measure, metric in others.items()
        if side.metrics.get(metric) is not None
    ]
    return replace(
        cell,
        title=" · ".join(filter(None, [cell.title, *beside])),
        small=" · ".join(filter(None, [cell.small, *beside])),
        tone="" if beside else cell.tone,
    )
