"""The registry's command, which exports into the MLproject of a core repository too."""

from __future__ import annotations

import difflib
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.utils.translation import gettext as _

from portal.core import skeleton
from portal.core.export import Exported, exported_into
from portal.core.mlproject import FILE
from registry_app.exceptions import RegistryFileError
from registry_app.files.text_file import write_text
from registry_app.management.commands import export_registry
from registry_app.reading import message_text


class Command(export_registry.Command):
    def add_arguments(self, parser: CommandParser) -> None:  # type: ignore[override]
        super().add_arguments(parser)
        parser.add_argument(
            "--mlproject",
            default="",
            metavar="DIR",
            help="Instead of the registry file: write the entry points of the registry into the "
            "MLproject of this core repository. Entry points of your own stay.",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if not options["mlproject"]:
            super().handle(*args, **options)
            return
        if options["file"]:
            raise CommandError(_("Give a FILE or --mlproject DIR, not both."), returncode=2)
        self._export_mlproject(Path(options["mlproject"]), is_check=options["check"])

    def _export_mlproject(self, directory: Path, *, is_check: bool) -> None:
        if not directory.is_dir():
            raise CommandError(
                _("There is no folder {folder}. `guardianflow core init` begins one.").format(
                    folder=directory
                )
            )
        path = directory / FILE
        if path.is_symlink():
            # Who writes the repository could lead it to any file of this user.
            raise CommandError(
                _("{name} is a link, so nothing is written. Put a file in its place.").format(
                    name=path
                )
            )
        try:
            there = path.read_bytes() if path.exists() else b""
            exported = self._exported_mlproject(path, there)
            if not is_check and exported.data != there:
                write_text(path, exported.data.decode())
        except OSError as error:
            raise CommandError(
                _("{name} cannot be written: {problem}").format(name=path, problem=error.strerror)
            ) from error
        if is_check and exported.data != there:
            self._show_difference(path, there, exported.data)
        if exported.left or exported.refusals or (is_check and exported.data != there):
            raise CommandError(_("{name} differs from the registry.").format(name=path))
        if not is_check:
            self.stderr.write(_("Written to {name}.").format(name=path))

    def _exported_mlproject(self, path: Path, there: bytes) -> Exported:
        """Return the file after an export into it, and name what stays as it is."""
        try:
            exported = exported_into(there if there.strip() else skeleton.empty_mlproject())
        except RegistryFileError as error:
            for problem in error.problems:
                self.stderr.write(_place(path, problem.line, message_text(problem.message)))
            raise CommandError(
                _("{name} cannot be read, so nothing is written into it.").format(name=path)
            ) from error
        for name in exported.left:
            self.stderr.write(
                _(
                    "{path}: {name} has a command of your own, and stays as it is. Rename it: the "
                    "registry has an entry point of this name."
                ).format(path=path, name=name)
            )
        for refusal in exported.refusals:
            key = ".".join(refusal.edit.path)
            text = f"{key}: {message_text(refusal.reason)}"
            self.stderr.write(_place(path, refusal.line, text))
            self.stderr.write(refusal.wanted or _("(remove it)"))
        return exported

    def _show_difference(self, path: Path, there: bytes, wanted: bytes) -> None:
        old, new = (text.decode("utf-8", "replace").splitlines(True) for text in (there, wanted))
        self.stdout.writelines(difflib.unified_diff(old, new, str(path), _("the registry")))


def _place(path: Path, line: int | None, text: str) -> str:
    return f"{path}:{line}: {text}" if line else f"{path}: {text}"
