"""Lets a worker host finish its runs and take no new ones, or resume taking runs."""

from __future__ import annotations

import getpass
from typing import Any

from django.core.management.base import CommandParser
from django.utils.translation import gettext as _

from runs_app.cli.command import RunsCommand
from runs_app.executors.chosen import executor
from runs_app.models import Run
from runs_app.queue import hosts
from runs_app.texts.people import COMMAND_LINE


class Command(RunsCommand):
    help = "Let a machine end what it has and take no more runs; --off lets it take some again."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "host",
            metavar="HOST",
            nargs="?",
            default="",
            help="this machine unless another is named",
        )
        parser.add_argument("--off", action="store_true", help="take runs again")

    def handle(self, *args: Any, **options: Any) -> None:
        host = options["host"] or executor().place
        if options["off"]:
            text = (
                _("{host} takes runs again.")
                if hosts.undrain(host, by=_account())
                else _("{host} takes runs; nothing was changed.")
            )
            self.stdout.write(text.format(host=host))
            return
        text = (
            _("{host} is draining; {count} runs are finishing.")
            if hosts.drain(host, by=_account())
            else _("{host} is drained already; {count} runs are finishing there.")
        )
        count = Run.objects.on_host(host).count()
        self.stdout.write(text.format(host=host, count=count))


def _account() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return COMMAND_LINE
