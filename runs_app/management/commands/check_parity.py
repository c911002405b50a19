"""Compares a script of an experiment with the trainer that replaces it, or shows the comparison."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from typing import Any

from django.core.management.base import CommandParser
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from registry_app.choices import EntryPointType
from registry_app.models import Experiment
from registry_app.reading import message_text
from runs_app.choices import ParityOutcome, ParityState
from runs_app.cli.command import RunsCommand
from runs_app.cli.exit_status import REFUSED
from runs_app.cli.find import experiment_named
from runs_app.models import HostHeartbeat, Parity
from runs_app.parity.described import describe_parity, describe_plan
from runs_app.parity.holds import holds
from runs_app.parity.plan import Plan, plan
from runs_app.parity.start import cancel, start
from runs_app.parity.stored import from_json
from runs_app.parity.wording import hours_text, number_text, runs_text
from runs_app.runner.command.build import cleared, parse_assignments
from runs_app.texts.trainers import UNREAD
from runs_app.trainers.core import digest_of_script

STATUS = {
    ParityOutcome.EQUAL: 0,
    ParityOutcome.WITHIN: 0,
    ParityOutcome.OUTSIDE: 1,
    ParityOutcome.NOTHING: 3,
}
# Not compared, still being compared, cancelled, or compared with other files than today's.
UNDECIDED = 4
LOOK_EVERY_S = 1.0


class Command(RunsCommand):
    help = (
        "Compare a script with the trainer that replaces it, by runs of both. Exit status: 0 equal "
        "or within the tolerance, 1 outside, 3 proves nothing, 4 not decided, 2 refused."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name", metavar="NAME", help="experiment: name, alias or directory")
        parser.add_argument("--type", choices=EntryPointType.values, default=EntryPointType.TRAIN)
        parser.add_argument("--old", default="", metavar="S", help="the script as it was")
        parser.add_argument("--new", default="", metavar="S", help="the trainer that replaces it")
        parser.add_argument(
            "--param",
            action="append",
            default=[],
            metavar="NAME=VALUE",
            help="a value for all runs, for example fewer epochs; repeat it for several",
        )
        parser.add_argument("--yes", action="store_true", help="start without asking")
        parser.add_argument(
            "--confirm",
            action="append",
            default=[],
            metavar="DIGEST",
            help="a trainer that you have read, by the digest that the refusal names",
        )
        parser.add_argument("--queue", action="store_true", help="do not wait for the end")
        parser.add_argument("--status", action="store_true", help="show the newest; start nothing")
        parser.add_argument("--cancel", action="store_true", help="cancel the one that is running")
        parser.add_argument("--json", action="store_true", help="print plan or comparison as JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        experiment = experiment_named(options["name"])
        kind, as_json = options["type"], options["json"]
        if options["status"] or options["cancel"]:
            newest = Parity.objects.filter(experiment=experiment, type=kind).first()
            if options["cancel"] and newest is not None:
                cancel(newest, user=None)
            sys.exit(self._show(experiment, kind, as_json=as_json))
        planned = plan(
            experiment,
            type=kind,
            old=options["old"],
            new=options["new"],
            params=cleared(parse_assignments(options["param"])),
        )
        # What is named in a shell counts as read, and so does what was shown there and agreed to.
        read = [*options["confirm"], *map(digest_of_script, (options["old"], options["new"]))]
        if not options["yes"]:
            if not self._agreed(planned, as_json=as_json):
                sys.exit(REFUSED)
            read += [waiting.digest for waiting in planned.unread]
        parity = start(planned, user=None, read=read)
        self.say(_("Comparison {number} is queued.").format(number=parity.pk))
        if not any(host.is_alive() for host in HostHeartbeat.objects.all()):
            self.say(_("No worker is running; `guardianflow worker` starts one."))
        elif not options["queue"]:
            self._wait(parity)
        sys.exit(self._show(experiment, kind, as_json=as_json))

    def _agreed(self, planned: Plan, *, as_json: bool) -> bool:
        """Show the plan and ask whether to start it; False without a terminal."""
        is_asked = sys.stdin.isatty() and sys.stderr.isatty()
        if as_json and not is_asked:
            self.show_json(describe_plan(planned))
        else:
            for line in plan_lines(planned):
                self.stderr.write(line, str)
        if not is_asked:
            self.say(_("Nothing was started; --yes starts it."))
            return False
        self.stderr.write(_("Start these runs? [y/N] "), str, ending="")
        self.stderr.flush()
        try:
            answer = sys.stdin.readline()
        except KeyboardInterrupt:
            answer = ""
        return answer.strip().casefold() in {"y", "yes", "예", "네"}

    def _wait(self, parity: Parity) -> None:
        """Say what its runs do until it has ended, or until an interrupt."""
        states: dict[int, str] = {}
        try:
            while parity.state == ParityState.RUNNING:
                time.sleep(LOOK_EVERY_S)
                parity.refresh_from_db(fields=["state"])
                for part in parity.runs.select_related("run"):
                    if part.run and states.get(part.pk) != part.run.status:
                        states[part.pk] = part.run.status
                        state = part.run.get_status_display()
                        self.say(f"{part}: #{part.run.pk} {state}")
        except KeyboardInterrupt:
            self.say(_("The comparison goes on; --status shows it, --cancel ends it."))

    def _show(self, experiment: Experiment, kind: str, *, as_json: bool) -> int:
        """Show the newest comparison; return the exit status that it stands for."""
        newest = Parity.objects.filter(experiment=experiment, type=kind).first()
        holding = holds(experiment, kind)
        is_current = newest is not None and holding.parity == newest
        if as_json:
            self.show_json(describe_parity(newest, holding) if newest else None)
        elif newest is None:
            self.say(message_text(holding.reason))
        else:
            self._show_text(newest)
            if is_current and holding.is_outdated:
                self.stdout.write(message_text(holding.reason))
        if newest is None or not is_current or holding.is_outdated:
            return UNDECIDED
        return STATUS[ParityOutcome(newest.outcome)]

    def _show_text(self, parity: Parity) -> None:
        line = parity.get_outcome_display() or parity.get_state_display()
        self.stdout.write(f"{parity.old_script} → {parity.new_script}: {line}")
        if parity.reason is not None:
            self.stdout.write(message_text(parity.reason))
        if not (rows := from_json(parity.rows)):
            return
        columns = [
            _("Metric"),
            capfirst(_("old")),
            capfirst(_("new")),
            capfirst(_("control")),
            _("Difference"),
            _("Tolerance"),
            _("Difference of the control"),
            _("Its tolerance"),
        ]
        self.show_table(
            columns,
            [
                [
                    row.metric,
                    " ".join(map(number_text, row.old)),
                    " ".join(map(number_text, row.new)),
                    " ".join(map(number_text, row.control)),
                    number_text(row.difference),
                    number_text(row.tolerance),
                    number_text(row.control_difference),
                    number_text(row.control_tolerance),
                ]
                for row in rows
            ],
        )


def _unread_lines(planned: Plan) -> Iterator[str]:
    for waiting in planned.unread:
        yield message_text(UNREAD(path=waiting.path))
        yield from (f"  {line.marked}" for line in waiting.lines)


def plan_lines(planned: Plan) -> list[str]:
    """Return what a comparison would do, in lines for a terminal."""
    from runs_app.views.wording import command_text

    return [
        _("Old: {command}").format(command=command_text(planned.old.argv)),
        _("New: {command}").format(command=command_text(planned.new.argv)),
        _("Control: {change}").format(
            change=message_text(planned.change) if planned.change else _("none")
        ),
        runs_text(planned),
        hours_text(planned),
        *(message_text(warning) for warning in planned.warnings),
        *_unread_lines(planned),
    ]
