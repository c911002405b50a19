"""Check the portal's set-up, and report the fix of each problem."""

from __future__ import annotations

import sys
from typing import Any

from django.core.management.base import CommandParser

from portal.doctor import report
from portal.doctor.line import Level, Line
from runs_app.cli.command import RunsCommand, printable

_STYLES = {Level.OK: "green", Level.WARN: "yellow", Level.BAD: "bold red"}


class Command(RunsCommand):
    help = (
        "Check set-up, folders, database, worker, MLflow and GPUs, and say what to do. "
        "Exit status 1 if something is bad."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help="a list of lines, as JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        lines: list[Line] = []
        for line in report.examine():
            lines.append(line)
            if not options["json"]:
                self._show(line)
        if options["json"]:
            self.show_json([line.to_json() for line in lines])
        if any(line.level is Level.BAD for line in lines):
            sys.exit(1)

    def _show(self, line: Line) -> None:
        level, area = f"{line.level:<5}", f"{line.area:<9}"
        text = printable(f"{line.text} {line.fix}".rstrip())
        if not self.stdout.isatty():
            self.stdout.write(f"{level} {area} {text}")
            return
        from rich.console import Console
        from rich.text import Text

        Console().print(Text.assemble((level, _STYLES[line.level]), " ", (area, "bold"), " ", text))
