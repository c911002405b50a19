"""Removes logs and run folders of old runs, as the settings say."""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandParser
from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext as _

from runs_app.cli.command import RunsCommand
from runs_app.executors.chosen import executor
from runs_app.lifecycle import retention


class Command(RunsCommand):
    help = "Remove logs and run folders of old runs, as the settings say."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="only say what would be removed")

    def handle(self, *args: Any, **options: Any) -> None:
        if not retention.is_on():
            self.stderr.write(
                _(
                    "No rule is set, so everything is kept. Set GUARDIANFLOW_KEEP_RUNS_DAYS, "
                    "GUARDIANFLOW_KEEP_RUNS_GIB or GUARDIANFLOW_KEEP_LOGS_DAYS."
                )
            )
            return
        host = executor().place
        is_trial = options["dry_run"]
        removals = retention.plan(host) if is_trial else list(retention.prune(host))
        if removals:
            rows = [
                [f"#{removal.run_pk}", removal.what, _size(removal.size_bytes)]
                for removal in removals
            ]
            self.show_table([_("Run"), _("Removed"), _("Size")], rows)
        elif not is_trial and not self.stderr.isatty():
            return  # the worker checks every hour; its log need not show each check
        total = _size(sum(removal.size_bytes for removal in removals))
        text = _("{count} would be removed, {size}.") if is_trial else _("{count} removed, {size}.")
        self.stderr.write(text.format(count=len(removals), size=total))


def _size(size_bytes: int) -> str:
    return filesizeformat(size_bytes).replace("\xa0", " ")
