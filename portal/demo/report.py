"""The outcome of the demo's run, as lines of text."""

from __future__ import annotations

import shlex
from collections.abc import Iterator

from django.conf import settings
from django.utils.translation import gettext as _

from portal.demo.steps import Outcome
from runs_app.cli.command import aligned, printable, short_duration
from runs_app.models import Run
from runs_app.records import results
from runs_app.views.run import mlflow_url


def lines(outcome: Outcome) -> Iterator[str]:
    """Yield the outcome: the run, its files and metrics, its MLflow run, and the links."""
    yield from (f"{name:<13} {printable(value)}" for name, value in _facts(outcome.run))
    yield from _metrics(outcome.run)
    yield ""
    yield _untouched(outcome)


def _facts(run: Run) -> list[tuple[str, str]]:
    files = [file.path for file in run.files.all() if file.kept]
    page = f"{settings.GUARDIANFLOW_URL}{run.get_absolute_url()}"
    return [
        (_("Experiment"), run.experiment.name),
        (_("Run"), f"{run.pk}, {run.get_status_display()}: {run.status_reason}"),
        (_("Exit status"), "-" if run.exit_code is None else str(run.exit_code)),
        (_("Duration"), short_duration(run.duration)),
        (_("Command"), shlex.join(run.argv)),
        (_("Files"), f"{len(files)}: {', '.join(files)}"),
        ("MLflow", f"{run.mlflow_experiment}, {run.mlflow_run_id}"),
        (_("Portal page"), page),
        (_("MLflow page"), mlflow_url(run) or "-"),
    ]


def _metrics(run: Run) -> Iterator[str]:
    rows = [
        (metric.key, metric.last_text, metric.least_text, metric.greatest_text, str(metric.points))
        for metric in results.read(run.folder).metrics
    ]
    if rows:
        columns = (_("Metric"), _("last"), _("least"), _("greatest"), _("points"))
        yield ""
        yield from aligned(columns, rows)


def _untouched(outcome: Outcome) -> str:
    if outcome.changed:
        return _("Of the {count} files of the sample experiments these changed: {paths}").format(
            count=outcome.own_files, paths=", ".join(map(printable, outcome.changed))
        )
    return _(
        "All {count} files of the sample experiments are unchanged, byte for byte; the "
        "script wrote the new ones."
    ).format(count=outcome.own_files)
