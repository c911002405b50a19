"""Reports which modules the scripts of an experiment would not find."""

from __future__ import annotations

import sys
from typing import Any

from django.core.management.base import CommandParser
from django.utils.translation import gettext as _

from registry_app.models import EnvironmentCheck
from registry_app.reading import message_text
from runs_app.cli.command import RunsCommand
from runs_app.cli.find import experiment_named
from runs_app.preflight.environment import check_environment

LACKS = 1


class Command(RunsCommand):
    help = "Ask an experiment's interpreter which modules its scripts would not find."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name", metavar="NAME", help="name of the experiment")
        parser.add_argument("--json", action="store_true", help="the whole answer, as JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        experiment = experiment_named(options["name"])
        check = check_environment(experiment)
        if options["json"]:
            self.show_json(_plain(check))
        else:
            self._report(check)
        if check.error or any(row["is_certain"] for row in check.missing):
            sys.exit(LACKS)

    def _report(self, check: EnvironmentCheck) -> None:
        if check.error:
            self.say(message_text(check.error, keep="\n"))
            if check.interpreter:
                self.say(_("Asked: {interpreter}").format(interpreter=check.interpreter))
            return
        self.say(
            _("Asked: {interpreter}").format(
                interpreter=f"{check.interpreter} (Python {check.python_version})"
            )
        )
        if not check.missing and not check.unsure:
            self.say(_("All {count} modules were found.").format(count=check.asked))
            return
        rows = [*((row, _("missing")) for row in check.missing)]
        rows += [(row, _("unknown")) for row in check.unsure]
        self.show_table(
            [_("Module"), _("State"), _("Needed"), _("Where"), _("Package")],
            [
                [
                    row["name"],
                    state,
                    _("at every start") if row["is_certain"] else _("by parts"),
                    row["source"],
                    row["distribution"],
                ]
                for row, state in rows
            ],
        )


def _plain(check: EnvironmentCheck) -> dict[str, Any]:
    return {
        "experiment": check.experiment.name,
        "interpreter": check.interpreter,
        "python_version": check.python_version,
        "asked": check.asked,
        "missing": check.missing,
        "unsure": check.unsure,
        "versions": check.versions,
        "error": str(check.error or ""),
        "at": check.at.isoformat(),
    }
