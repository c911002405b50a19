"""Run the whole pipeline on sample experiments, in a data directory of its own."""

from __future__ import annotations

import logging
import os
from typing import Any

from django.conf import settings
from django.core.management.base import CommandError, CommandParser
from django.utils.translation import gettext as _

from portal.demo import home as demo_home
from portal.demo import report, steps
from portal.serving import up
from runs_app.cli.command import RunsCommand, printable
from runs_app.system.wakeup import Wakeup, wakeup

CLEAR_LINE = "\r\x1b[K"


class Command(RunsCommand):
    help = (
        "Copy sample experiments, scan and import them, run a training with a worker, log it to "
        "MLflow, say what happened, and serve the portal until Ctrl-C. Never the real database."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        demo_home.add_arguments(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        home = os.path.abspath(options["home"])
        if str(settings.GUARDIANFLOW_HOME) != home:
            raise CommandError(
                _("The demo has a data directory of its own; start it as `manage.py demo`."),
                returncode=2,
            )
        self._shown = ""
        if "GUARDIANFLOW_LOG_LEVEL" not in os.environ:
            # A user of the demo wants the story, not log lines of what went well.
            logging.getLogger("portal").setLevel(logging.WARNING)
        try:
            with wakeup() as signals:
                self._go(signals, steps.addresses(), options)
        except (up.ServeError, steps.DemoError) as error:
            self._clear()
            raise CommandError(str(error)) from error

    def _go(self, signals: Wakeup, addresses: up.Addresses, options: dict[str, Any]) -> None:
        serve = not options["no_serve"]
        if serve:
            up.check_ports(addresses)
            self._note_port(options["port"], usual=demo_home.PORT, chosen=addresses.port)
            self._note_port(
                options["mlflow_port"], usual=demo_home.MLFLOW_PORT, chosen=addresses.mlflow_port
            )
        outcome = steps.walk(signals, say=self._say, show=self._show)
        self._say("")
        for line in report.lines(outcome):
            self._say(line)
        if outcome.trouble:
            raise steps.DemoError(outcome.trouble)
        self._say("")
        if serve:
            up.serve_until_stopped(signals, addresses, say=self._say, new_password=True)
        else:
            self._say(_("Done. `make demo` serves these pages."))

    def _note_port(self, given: int | None, *, usual: int, chosen: int) -> None:
        if given is None and chosen != usual:
            text = _("Port {usual} is in use, so the demo takes {chosen}.")
            self._say(text.format(usual=usual, chosen=chosen))

    def _say(self, text: str) -> None:
        self._clear()
        self.stdout.write(text)
        self.stdout.flush()

    def _show(self, text: str, seconds: int) -> None:
        """Show the present state: on a terminal in place, elsewhere only changes."""
        if self.stdout.isatty():
            self.stdout.write(f"{CLEAR_LINE}{seconds:>4} s  {printable(text)}", ending="")
            self.stdout.flush()
        elif text != self._shown:
            self._say(printable(text))
        self._shown = text

    def _clear(self) -> None:
        if self.stdout.isatty() and self._shown:
            self.stdout.write(CLEAR_LINE, ending="")
        self._shown = ""
