"""Shows everything that is known about one run."""

from __future__ import annotations

import json
import shlex
from datetime import datetime
from typing import Any

from django.conf import settings
from django.core.management.base import CommandParser
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from registry_app.choices import EntryPointType
from registry_app.reading import message_text, word_text
from runs_app.choices import MlflowState, RunStatus
from runs_app.cli.command import RunsCommand, in_columns, printable, short_duration, short_time
from runs_app.cli.describe_run import describe_run
from runs_app.cli.find import run_numbered
from runs_app.executors import notices
from runs_app.executors.isolation import isolation_of, isolation_text
from runs_app.lifecycle import sending, without_worker
from runs_app.models import Run
from runs_app.models.queue_place import place_of
from runs_app.records import results
from runs_app.runner.folder import RunFolder
from runs_app.views.wording import source_text, variables_text


class Command(RunsCommand):
    help = "Show everything that is known of a run."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("id", metavar="ID", help="number of the run")
        parser.add_argument("--json", action="store_true", help="as JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        without_worker.look()
        sending.finish_what_is_left()
        run = run_numbered(options["id"])
        if options["json"]:
            self.show_json(describe_run(run))
            return
        facts = [(name, printable(text)) for name, text in _facts(run) if text]
        self.stdout.write("\n".join(in_columns(facts)))
        self.show_metrics(run)
        files = [[file.path, file.change, str(file.size_bytes)] for file in run.files.all()]
        if files:
            self.stdout.write("")
            self.show_table([_("File"), _("Change"), _("Bytes")], files)

    def show_metrics(self, run: Run) -> None:
        """Write the metrics, and the sources that gave none."""
        found = results.read(run.folder)
        if found.metrics:
            columns = [
                _("Metric"),
                _("last"),
                _("least"),
                _("greatest"),
                _("points"),
                _("Read from"),
            ]
            rows = [
                [
                    printable(metric.key),
                    metric.last_text,
                    metric.least_text,
                    metric.greatest_text,
                    str(metric.points),
                    printable(metric.file),
                ]
                for metric in found.metrics
            ]
            self.stdout.write("")
            self.show_table(columns, rows)
        nothing = [
            [printable(source.source), message_text(source.reason)]
            for source in found.sources
            if source.reason
        ]
        if nothing:
            self.stdout.write("")
            self.show_table([_("No metrics from"), _("because")], nothing)


def _cause(run: Run) -> str:
    """Return the cause of a failure, and the line that shows it if that says more."""
    line = run.cause.get("line", "")
    return run.cause_text if line in run.cause_text else f"{run.cause_text} {line}"


def _facts(run: Run) -> list[tuple[str, str]]:
    exit_code = "" if run.exit_code is None else str(run.exit_code)
    user = run.queued_by.get_username() if run.queued_by else ""
    return [
        (_("Run"), f"{run.pk}  {settings.GUARDIANFLOW_URL}{run.get_absolute_url()}"),
        (_("Experiment"), run.experiment.name),
        (_("Type"), word_text(EntryPointType(run.type))),
        (_("Version"), run.version),
        (_("Status"), f"{word_text(RunStatus(run.status))}: {run.status_reason}"),
        (capfirst(_("cause")), _cause(run)),
        (_("Place in the queue"), str(place_of(run) or "")),
        (_("Blocked by"), ", ".join(str(pk) for pk in run.blocked_by)),
        (_("Priority"), str(run.priority) if run.priority else ""),
        (_("Not before"), short_time(run.not_before)),
        (_("Exit status"), exit_code),
        (_("Command"), shlex.join(run.argv)),
        (_("Directory"), str(run.start_directory)),
        (_("Environment"), variables_text(run.environment)),
        (_("Given for this run"), variables_text(run.given_environment)),
        *_parameters(run),
        (capfirst(_("queued")), f"{short_time(run.queued_at)} {user}"),
        (_("Started"), short_time(run.started_at)),
        (_("Finished"), short_time(run.finished_at)),
        (_("Duration"), short_duration(run.duration)),
        (_("Host"), run.host),
        ("GPU", ", ".join(f"{lease.index} {lease.name}" for lease in run.gpu_leases.all())),
        (_("Isolation"), isolation_text(isolation_of(RunFolder(run.folder)))),
        (_("Run folder"), str(run.folder)),
        (_("Folder removed"), _moment(run.folder_removed_at)),
        (_("Logs removed"), _moment(run.logs_removed_at)),
        ("MLflow", _mlflow(run)),
        (_("MLflow error"), message_text(run.mlflow_error) if run.mlflow_error else ""),
        (_("Source code"), source_text(run.source_changed)),
        (_("Note"), run.note),
        *_warnings(run),
    ]


def _mlflow(run: Run) -> str:
    state = word_text(MlflowState(run.mlflow_state))
    return " ".join([state, run.mlflow_experiment, run.mlflow_run_id]).strip()


def _parameters(run: Run) -> list[tuple[str, str]]:
    """Return what the script was given, and apart from it the defaults that it kept."""
    left = {name: value for name, value in run.params.items() if name in run.left_to_script}
    passed = {name: value for name, value in run.params.items() if name not in left}
    return [
        (name, json.dumps(values, ensure_ascii=False) if values else "")
        for name, values in (
            (_("Parameters"), passed),
            (capfirst(_("left to the script")), left),
        )
    ]


def _warnings(run: Run) -> list[tuple[str, str]]:
    """Return the warnings, one line each."""
    warnings = notices.warnings_of(run)
    names = [_("Warnings"), *("" for _one in warnings[1:])]
    return list(zip(names, warnings, strict=False))


def _moment(moment: datetime | None) -> str:
    return short_time(moment) if moment else ""
