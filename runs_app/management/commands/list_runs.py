"""Lists runs, the newest first."""

from __future__ import annotations

from argparse import ArgumentTypeError
from collections.abc import Iterator
from itertools import chain
from typing import Any

from django.core.management.base import CommandParser
from django.db.models import QuerySet
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from registry_app.choices import EntryPointType
from registry_app.reading import word_text
from runs_app.choices import TERMINAL, MlflowState, RunStatus
from runs_app.cli.command import RunsCommand, short_duration, short_time
from runs_app.cli.describe import summarise_run
from runs_app.cli.find import experiment_named
from runs_app.lifecycle import sending, without_worker
from runs_app.models import Run
from runs_app.models.queue_place import with_place

# A terminal shows about as many lines.
SHOWN = 50
# How many are read at once.
PART = 500


class Command(RunsCommand):
    help = "List runs, the newest first."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--experiment", metavar="E", help="only those of this experiment")
        parser.add_argument("--status", metavar="S", choices=RunStatus.values)
        parser.add_argument(
            "--limit",
            type=_positive,
            metavar="N",
            help=f"the newest N; {SHOWN} on a terminal, all in a pipe and with --json",
        )
        parser.add_argument("--json", action="store_true", help="more fields, as JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        without_worker.look()
        sending.finish_what_is_left()
        runs = with_place(Run.objects.select_related("experiment", "queued_by").order_by("-pk"))
        if options["experiment"]:
            runs = runs.filter(experiment=experiment_named(options["experiment"]))
        if options["status"]:
            runs = runs.filter(status=options["status"])
        limit = options["limit"]
        if limit is None and not options["json"] and self.stdout.isatty():
            limit = SHOWN
        found = _in_parts(runs, limit)
        if options["json"]:
            self.show_json_list(map(summarise_run, found))
        elif (newest := next(found, None)) is not None:
            self.show_table(
                [
                    _("Run"),
                    _("Experiment"),
                    _("Type"),
                    _("Script"),
                    _("Status"),
                    _("Place"),
                    _("Exit"),
                    capfirst(_("queued")),
                    _("Duration"),
                    "MLflow",
                    _("Why"),
                ],
                map(_row, chain([newest], found)),
            )
        else:
            self.say(_hint())


def _in_parts(runs: QuerySet[Run], limit: int | None) -> Iterator[Run]:
    """Yield the newest runs, at most `limit`, as a reader takes them.

    Each part has a query of its own: one that stays open while a reader is slow would keep the
    database from what it does between queries.
    """
    last: int | None = None
    while limit is None or limit > 0:
        older = runs if last is None else runs.filter(pk__lt=last)
        part = list(older[: PART if limit is None else min(PART, limit)])
        yield from part
        if len(part) < PART:
            return
        last = part[-1].pk
        limit = None if limit is None else limit - PART


def _row(run: Any) -> list[str]:
    return [
        str(run.pk),
        run.experiment.name,
        word_text(EntryPointType(run.type)),
        run.script,
        word_text(RunStatus(run.status)),
        "-" if run.place is None else str(run.place),
        "-" if run.exit_code is None else str(run.exit_code),
        short_time(run.queued_at),
        short_duration(run.duration),
        word_text(MlflowState(run.mlflow_state)),
        _why(run),
    ]


def _why(run: Run) -> str:
    """Return what a queued run waits for, and why any other did not succeed; '' otherwise."""
    if run.status == RunStatus.QUEUED:
        return run.status_reason
    is_bad = run.status in TERMINAL - {RunStatus.SUCCEEDED}
    return run.cause_text or run.status_reason if is_bad else ""


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise ArgumentTypeError(_("at least 1"))
    return number


def _hint() -> str:
    if Run.objects.exists():
        return _("No matching runs. Clear a filter to see more.")
    return _("No runs yet. `guardianflow run NAME --type train` starts one.")
