"""Lists the experiments of the registry."""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandParser
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from registry_app.choices import EntryPointType, Stage
from registry_app.models import Experiment
from registry_app.reading import word_text
from runs_app.choices import RunStatus
from runs_app.cli.command import RunsCommand
from runs_app.cli.describe import describe_experiment
from runs_app.lifecycle import sending, without_worker
from runs_app.models.experiments import with_run_facts


class Command(RunsCommand):
    help = "List the experiments with their site, task, stage and last run."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--customer", metavar="C", help="only those of this customer")
        parser.add_argument("--task", metavar="T", help="only those with this task type")
        parser.add_argument("--stage", metavar="N", type=int, choices=Stage.values)
        parser.add_argument("--archived", action="store_true", help="only the archived ones")
        parser.add_argument("--json", action="store_true", help="all fields, as JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        without_worker.look()
        sending.finish_what_is_left()
        rows = list(_experiments(options))
        waiting = _waiting(rows) if options["json"] else set()
        found = [describe_experiment(row, commands_read=row.pk not in waiting) for row in rows]
        if options["json"]:
            self.show_json(found)
        elif found:
            self.show_table(
                [
                    *(_("Name"), _("Site"), _("Task"), _("Stage"), _("Complete"), _("Confirmed")),
                    _("Last run"),
                ],
                [_row(row) for row in found],
            )
        else:
            self.say(_hint())


def _experiments(options: dict[str, Any]) -> QuerySet[Experiment]:
    chosen = Experiment.objects.all()
    if options["archived"]:
        chosen = Experiment.everything.exclude(archived_at=None)
    rows = with_run_facts(chosen.select_related("zone__site__customer", "archived_by"))
    if options["customer"]:
        customer = "zone__site__customer"
        rows = rows.filter(
            Q(**{f"{customer}__name__iexact": options["customer"]})
            | Q(**{f"{customer}__display_name__iexact": options["customer"]})
        )
    if options["task"]:
        rows = rows.filter(task_type__iexact=options["task"])
    if options["stage"]:
        rows = rows.filter(Q(("stage", options["stage"])))
    return rows.prefetch_related("entry_points").order_by("name")


def _waiting(rows: list[Experiment]) -> set[int]:
    """Return the keys of experiments with a command that an engineer must review; one query."""
    from registry_app.fields.confirmation import all_unconfirmed  # only `--json` needs it

    entries = [entry for row in rows for entry in row.entry_points.all()]
    return {unconfirmed.entry_point.experiment_id for unconfirmed in all_unconfirmed(entries)}


def _row(row: dict[str, Any]) -> list[str]:
    site = [row[part] for part in ("customer", "region", "plant", "zone") if row[part]]
    last = row["last_run"]
    return [
        row["name"],
        " · ".join(site) or "-",
        row["task"] or "-",
        str(row["stage"]),
        f"{row['completeness']}%",
        f"{row['confirmed']}%",
        _last_run(last) if last else "-",
    ]


def _last_run(last: dict[str, Any]) -> str:
    kind, status = EntryPointType(last["type"]), RunStatus(last["status"])
    return f"#{last['id']} {word_text(kind)} {word_text(status)}"


def _hint() -> str:
    if Experiment.objects.exists():
        return _("No matching experiments. Clear a filter to see more.")
    return _(
        "No experiments yet. `guardianflow scan --import` finds those below GUARDIANFLOW_ROOTS."
    )
