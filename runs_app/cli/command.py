"""Shared code of the run commands: refusals, tables, and unbuffered bytes."""

from __future__ import annotations

import codecs
import json
import sys
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from itertools import chain, islice
from typing import Any

from django.core.management.base import CommandError, CommandParser, OutputWrapper
from django.utils import timezone

from registry_app.files.visible import visible
from registry_app.management.quiet import QuietCommand
from registry_app.reading import error_text
from runs_app.cli.exit_status import REFUSED
from runs_app.exceptions import RunnerError
from runs_app.system.broken_pipe import stop_writing

ALIGNED_TOGETHER = 500


def add_not_before(parser: CommandParser) -> None:
    """Add the option `--not-before`, which `parse_not_before` reads."""
    parser.add_argument(
        "--not-before",
        default="",
        metavar="TIME",
        help="it waits until then, and holds back no other run: 2026-12-01T22:00, in the portal's "
        "time zone, or +2h for in two hours (m, h or d)",
    )


class RunsCommand(QuietCommand):
    """A command that exits with status 2 when it refuses, and whose log is quiet."""

    # Checks import every page of the portal, which costs more than most of these commands.
    requires_system_checks = ()

    def execute(self, *args: Any, **options: Any) -> str | None:
        try:
            return super().execute(*args, **options)
        except RunnerError as error:
            raise CommandError(error_text(error), returncode=REFUSED) from error

    def show_json(self, value: Any) -> None:
        """Write a value as JSON, without escaping Korean."""
        self.stdout.write(json.dumps(value, ensure_ascii=False, indent=2))

    def show_json_list(self, values: Iterable[Any]) -> None:
        """Write a list as JSON as `show_json` does, each value as soon as it is there."""
        before = "["
        for value in values:
            text = json.dumps(value, ensure_ascii=False, indent=2).replace("\n", "\n  ")
            self.stdout.write(f"{before}\n  {text}", ending="")
            before = ","
        self.stdout.write("[]" if before == "[" else "\n]")

    def show_table(self, columns: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
        """Write a table: drawn on a terminal, aligned plain text anywhere else.

        The latter is written part by part, so that many rows need little memory.
        """
        cells = ([printable(cell) for cell in row] for row in rows)
        if self.stdout.isatty():
            _draw_table(columns, list(cells))
        else:
            for line in aligned(columns, cells):
                self.stdout.write(line)

    def has_read(self, summary: str, lines: Iterable[str], *, question: str) -> bool:
        """Show what must be read and ask whether it was; False without a terminal."""
        if not (sys.stdin.isatty() and sys.stderr.isatty()):
            return False
        self.say(summary)
        for line in lines:
            self.stderr.write(line, str)
        self.stderr.write(question, str, ending="")
        self.stderr.flush()
        try:
            answer = sys.stdin.readline()
        except KeyboardInterrupt:
            answer = ""
        return answer.strip().casefold() in {"y", "yes", "예", "네"}

    def say(self, text: str) -> None:
        """Write a message for the user to stderr; it is not part of the output."""
        self.stderr.write(f"guardianflow: {text}", str)  # without the red style of errors


def byte_sink(out: OutputWrapper, *, outlives_reader: bool = True) -> Callable[[bytes], None]:
    """Return a function that writes bytes unchanged and at once.

    Once the reader is gone it drops them, because that must not stop a script; without
    `outlives_reader` it raises BrokenPipeError.
    """
    raw = getattr(out, "buffer", None)
    if raw is None:  # a text stream in memory
        decoder = codecs.getincrementaldecoder("utf-8")("replace")
        return lambda chunk: out.write(decoder.decode(chunk), ending="")
    gone = False

    def write(chunk: bytes) -> None:
        nonlocal gone
        if gone:
            return
        try:
            raw.write(chunk)
            raw.flush()
        except BrokenPipeError:
            if not outlives_reader:
                raise
            gone = True
            stop_writing(raw)

    return write


def aligned(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    """Yield the lines of a table as plain text, its header in capitals.

    They are aligned in parts of some hundred lines; a column only grows from one to the next.
    """
    widths = [0] * len(columns)
    lines = chain([[column.upper() for column in columns]], rows)
    while part := list(islice(lines, ALIGNED_TOGETHER)):
        widths = _widths(part, least=widths)
        yield from _padded(part, widths)


def in_columns(lines: Sequence[Sequence[str]]) -> list[str]:
    """Return lines with aligned cells; a Korean character is two columns wide."""
    return list(_padded(lines, _widths(lines, least=[0] * len(lines[0]))))


def _widths(lines: Sequence[Sequence[str]], *, least: Sequence[int]) -> list[int]:
    columns = zip(*lines, strict=True)
    return [max(width, *map(_width, cells)) for width, cells in zip(least, columns, strict=True)]


def _padded(lines: Iterable[Sequence[str]], widths: Sequence[int]) -> Iterator[str]:
    for line in lines:
        cells = zip(line, widths, strict=True)
        yield "  ".join(cell + " " * (width - _width(cell)) for cell, width in cells).rstrip()


def printable(text: str) -> str:
    """Return text without characters that control a terminal or look like other text."""
    return visible(text)


def short_time(moment: datetime | None) -> str:
    """Return a readable time, to the second, in the portal's time zone."""
    return timezone.localtime(moment).strftime("%Y-%m-%d %H:%M:%S") if moment else "-"


def short_duration(duration: timedelta | None) -> str:
    """Return a duration as readable text."""
    if duration is None:
        return "-"
    if duration < timedelta(minutes=1):
        return f"{duration.total_seconds():.1f} s"
    return str(duration).split(".", maxsplit=1)[0]


def _draw_table(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(*columns)
    for row in rows:
        table.add_row(*(Text(cell) for cell in row))
    Console().print(table)


def _width(text: str) -> int:
    return sum(
        0 if unicodedata.combining(sign) else 1 + (unicodedata.east_asian_width(sign) in "WF")
        for sign in text
    )
