"""Lists the experiments of the registry."""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandParser
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from registry_app.choices import Stage
from registry_app.fields.confirmation import all_unconfirmed
from registry_app.models import Experiment
from runs_app.cli.command import RunsCommand
from runs_app.cli.describe import describe_experiment
from runs_app.models.experiments import with_run_facts


class Command(RunsCommand):
    help = "List the experiments with their site, task, stage and last run."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--customer", metavar="C", help="only those of this customer")
        parser.add_argument("--task", metavar="T", help="only those with this task type")
        parser.add_argument("--stage", metavar="N", type=int, choices=Stage.values)
        parser.add_argument("--json", action="store_true", help="all fields, as JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        rows = list(_experiments(options))
        waiting = _waiting(rows) if options["json"] else set()
        found = [describe_experiment(row, confirmed=row.pk not in waiting) for row in rows]
        if options["json"]:
            self.show_json(found)
        elif found:
            self.show_table(
                [_("Name"), _("Site"), _("Task"), _("Stage"), _("Complete"), _("Last run")],
                [_row(one) for one in found],
            )
        else:
            self.say(_hint())


def _experiments(options: dict[str, Any]) -> QuerySet[Experiment]:
    rows = with_run_facts(Experiment.objects.select_related("zone__site__customer"))
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
    """Return the keys of experiments with a command that an engineer is to read; one query."""
    entries = [entry for row in rows for entry in row.entry_points.all()]
    return {one.entry_point.experiment_id for one in all_unconfirmed(entries)}


def _row(one: dict[str, Any]) -> list[str]:
    site = [one[part] for part in ("customer", "region", "plant", "zone") if one[part]]
    last = one["last_run"]
    return [
        one["name"],
        " · ".join(site) or "-",
        one["task"] or "-",
        str(one["stage"]),
        f"{one['completeness']}%",
        f"#{last['id']} {last['type']} {last['status']}" if last else "-",
    ]


def _hint() -> str:
    if Experiment.objects.exists():
        return _("No experiment fits. Leave out a filter to see more.")
    return _(
        "No experiments yet. `guardianflow scan --import` finds those below GUARDIANFLOW_ROOTS."
    )
