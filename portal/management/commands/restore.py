"""Restore a backup."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.utils.translation import gettext as _

from portal.backup.format import BackupError
from portal.backup.restore import occupied, restore
from portal.management.commands.backup import shown_progress
from runs_app.cli.command import RunsCommand


class Command(RunsCommand):
    help = (
        "Restore database, registry file, run folders and the embedded MLflow store from FILE. "
        "Stop web and worker first. All of the file is checked before anything is changed."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", metavar="FILE", type=Path)
        parser.add_argument("--yes", action="store_true", help="do not ask")
        parser.add_argument(
            "--force", action="store_true", help="rename what is there, instead of refusing"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        taken = occupied()
        if options["force"] and taken and not options["yes"]:
            self._ask(taken)
        try:
            with shown_progress(_("Restoring")) as progress:
                done = restore(options["file"], force=options["force"], progress=progress)
        except BackupError as error:
            raise CommandError(str(error)) from error
        for path in done.set_aside:
            self.say(_("What was there before is now {path}").format(path=path))
        self.say(
            _("Restored {count} files of {made_at} ({version}).").format(
                count=len(done.manifest.members),
                made_at=done.manifest.made_at,
                version=done.manifest.version,
            )
        )
        self.say(
            _(
                "All users have to log in again, unless the secret key was kept. See "
                "`guardianflow doctor`."
            )
        )

    def _ask(self, taken: list[Path]) -> None:
        self.say(_("These are renamed: {taken}").format(taken=", ".join(map(str, taken))))
        try:
            answer = input(_("Go on? [y/N] "))
        except EOFError:
            answer = ""
        if answer.strip().lower() not in {"y", "yes", "예", "네"}:
            raise CommandError(_("Nothing was changed. With --yes nothing is asked."))
