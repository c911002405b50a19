"""Begin a core repository, or check one."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from portal.core import skeleton
from portal.core.check import check
from registry_app.exceptions import RegistryError
from registry_app.reading import error_text, message_text
from runs_app.cli.command import RunsCommand


class Command(RunsCommand):
    help = (
        "Begin a core repository for git (init), or check all of one and report every problem with "
        "file and line (check; exit status 1 if there is one)."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "action",
            choices=("init", "check"),
            help="init writes the files into a new folder, with the present registry; check needs "
            "no database",
        )
        parser.add_argument("directory", metavar="DIR", help="the folder of the repository")
        parser.add_argument(
            "--json", action="store_true", help="the files, or the problems, as JSON"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        directory = Path(options["directory"])
        if options["action"] == "init":
            self._init(directory, as_json=options["json"])
        else:
            self._check(directory, as_json=options["json"])

    def _init(self, directory: Path, *, as_json: bool) -> None:
        try:
            files = skeleton.begin(directory)
        except RegistryError as error:
            raise CommandError(error_text(error)) from error
        if as_json:
            self.show_json({"files": files})
            return
        for file in files:
            self.stdout.write(str(directory / file))
        self.say(
            _("Nothing is committed. Next: git init {folder}, look at the files, commit.").format(
                folder=directory
            )
        )

    def _check(self, directory: Path, *, as_json: bool) -> None:
        if not directory.is_dir():
            raise CommandError(_("There is no folder {folder}.").format(folder=directory))
        checked = check(directory)
        if as_json:
            self.show_json(
                {
                    "files": checked.files,
                    "problems": [problem.to_json() for problem in checked.problems],
                }
            )
        for found in checked.problems if not as_json else ():
            line = found.problem.line
            place = f"{found.file}:{line}" if line else found.file
            self.stdout.write(f"{place}: {message_text(found.problem.message)}")
        if checked.problems:
            raise CommandError(
                ngettext(
                    "{count} problem in {folder}.",
                    "{count} problems in {folder}.",
                    len(checked.problems),
                ).format(count=len(checked.problems), folder=directory)
            )
        if not as_json:
            self.say(
                _("{count} files of {folder} are in order.").format(
                    count=checked.files, folder=directory
                )
            )
