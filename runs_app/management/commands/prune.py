"""Removes logs and run folders of old runs, as the settings say."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management.base import CommandParser
from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext as _

from runs_app.cli.command import RunsCommand
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
        host = settings.GUARDIANFLOW_HOST
        is_trial = options["dry_run"]
        removals = retention.plan(host) if is_trial else list(retention.prune(host))
        if removals:
            rows = [[f"#{one.run_pk}", one.what, _size(one.size_bytes)] for one in removals]
            self.show_table([_("Run"), _("Removed"), _("Size")], rows)
        elif not is_trial and not self.stderr.isatty():
            return  # the worker looks every hour, and its log need not say so
        total = _size(sum(one.size_bytes for one in removals))
        text = _("{count} would be removed, {size}.") if is_trial else _("{count} removed, {size}.")
        self.stderr.write(text.format(count=len(removals), size=total))


def _size(size_bytes: int) -> str:
    return filesizeformat(size_bytes).replace("\xa0", " ")
