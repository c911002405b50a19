"""The table as lines of a CSV file: plain values, with the chosen metrics and parameters."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence

from django.utils.text import capfirst
from django.utils.translation import gettext as _

from runs_app.comparing.wording import data_text
from runs_app.models import Run
from runs_app.sentences import short_time
from runs_app.views.table.columns import METRIC, PARAMETER, Column, names
from runs_app.views.table.rows import measured_of


def heads(columns: tuple[Column, ...]) -> list[str]:
    """Return the heads of the columns; of metrics and parameters their names."""
    fixed = [
        _("number"),
        _("status"),
        _("experiment"),
        _("type"),
        _("script"),
        _("version"),
        _("main metric"),
        _("value"),
        _("best so far"),
    ]
    more = [
        _("changed parameters"),
        _("duration (s)"),
        _("queued"),
        _("started"),
        _("finished"),
        _("queued by"),
        _("host"),
        _("data"),
        _("cause"),
        _("labels"),
        _("note"),
    ]
    chosen = [*names(columns, METRIC), *names(columns, PARAMETER)]
    return [*map(capfirst, fixed), *chosen, *map(capfirst, more)]


def lines(runs: Sequence[Run], columns: tuple[Column, ...]) -> Iterator[list[str]]:
    """Yield a line for each run; values are exact, times in the portal's zone."""
    measured = measured_of(runs, columns)
    metrics, parameters = names(columns, METRIC), names(columns, PARAMETER)
    for run in runs:
        found = measured[run.pk]
        yield [
            str(run.pk),
            run.get_status_display(),
            run.experiment.name,
            run.get_type_display(),
            run.script,
            run.version,
            run.main_metric,
            _number(run.main_value),
            "1" if run.is_best else "",
            *(_number(found.metrics.get(name)) for name in metrics),
            *(found.parameters.get(name, "") for name in parameters),
            json.dumps(
                {name: change["now"] for name, change in run.changed_params.items()},
                ensure_ascii=False,
            )
            if run.changed_params
            else "",
            _number(run.duration_s),
            short_time(run.queued_at),
            short_time(run.started_at),
            short_time(run.finished_at),
            run.queued_by.get_username() if run.queued_by else "",
            run.host,
            data_text(run.data_key) if run.is_summarised else "",
            run.cause_text,
            ", ".join(map(str, run.labels)),
            run.note,
        ]


def _number(value: float | None) -> str:
    return "" if value is None else repr(value)
