"""Make a backup of everything the portal stores, while it is running."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.utils.translation import gettext as _

from portal.backup.create import backup
from portal.backup.format import BackupError, Progress
from runs_app.cli.command import RunsCommand, printable


class Command(RunsCommand):
    help = (
        "Write database, registry file, run folders and the embedded MLflow store to FILE "
        "(.tar.gz or .tar), consistent while the portal runs. The secret key is left out."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", metavar="FILE", type=Path)

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            with shown_progress(_("Backing up")) as progress:
                made = backup(options["file"], progress=progress)
        except BackupError as error:
            raise CommandError(str(error)) from error
        for name in made.left_out:
            self.say(_("Skipped, not a regular file: {name}").format(name=printable(name)))
        self.say(
            _("{count} files, {size:.1f} MiB in {file}").format(
                count=len(made.members),
                size=sum(member.size_bytes for member in made.members.values()) / 2**20,
                file=options["file"],
            )
        )
        self.say(_("The secret key is not in it. Anyone with this file can read all runs."))


@contextmanager
def shown_progress(title: str) -> Iterator[Progress | None]:
    """Show on a terminal how many files and bytes are done; elsewhere show nothing."""
    if not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console

    count = total = 0
    with Console(stderr=True).status(title) as status:

        def progress(name: str, size_bytes: int) -> None:
            nonlocal count, total
            count, total = count + 1, total + size_bytes
            status.update(f"{title}: {count}, {total / 2**20:.1f} MiB")

        yield progress
