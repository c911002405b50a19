"""Rows of the table, with the chosen metrics and parameters of all of them in two queries."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.utils.html import format_html
from django.utils.safestring import SafeString

from registry_app.files.visible import visible
from runs_app.comparing.metric_names import short_name
from runs_app.models import Run, RunMetric, RunParameter
from runs_app.views.table.cells import Cell, Measured, cells_of, is_covered
from runs_app.views.table.columns import METRIC, PARAMETER, Column, names
from runs_app.views.table.states import symbol

# What the table needs of related rows.
RELATED = ("experiment", "queued_by")


@dataclass(frozen=True, kw_only=True)
class Row:
    """One run as the table shows it."""

    run: Run
    state: SafeString
    name: SafeString
    cells: list[Cell]
    is_covered: bool


def rows_of(runs: Iterable[Run], columns: tuple[Column, ...]) -> list[Row]:
    """Return the rows of runs that were fetched with `RELATED`."""
    shown = list(runs)
    measured = measured_of(shown, columns)
    is_mixed = common_metric(shown) is None
    return [
        Row(
            run=run,
            state=symbol(run),
            name=experiment_name(run.experiment.name),
            cells=cells_of(run, columns, measured[run.pk], names_metric=is_mixed),
            is_covered=is_covered(run),
        )
        for run in shown
    ]


def common_metric(runs: Iterable[Run]) -> str | None:
    """Return the main metric that all of the runs share, '' if none has any, None if they differ.

    Names that differ in their prefix alone (`metrics/`, `val/`) count as the same.
    """
    found = {short_name(run.main_metric) for run in runs if run.main_metric}
    return None if len(found) > 1 else "".join(found)


def measured_of(runs: Sequence[Run], columns: tuple[Column, ...]) -> dict[int, Measured]:
    """Return the chosen metrics and parameters of runs; a query for each kind that is chosen."""
    found = {run.pk: Measured() for run in runs}
    if metrics := names(columns, METRIC):
        for pk, name, best in RunMetric.objects.filter(
            run__in=list(found), name__in=metrics
        ).values_list("run_id", "name", "best"):
            found[pk].metrics[name] = best
    if parameters := names(columns, PARAMETER):
        for pk, name, text in RunParameter.objects.filter(
            run__in=list(found), name__in=parameters
        ).values_list("run_id", "name", "text"):
            found[pk].parameters[name] = text
    return found


def experiment_name(name: str) -> SafeString:
    """Return a name whose end stays visible if space is short: often that is its task."""
    head, dash, tail = visible(name).rpartition("-")
    if not head or len(tail) > 12:
        return format_html('<span class="gf-name"><span>{}</span></span>', visible(name))
    return format_html(
        '<span class="gf-name"><span>{}</span><span>{}{}</span></span>', head, dash, tail
    )
