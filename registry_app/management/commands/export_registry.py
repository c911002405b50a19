"""Write the registry file for git: a new one in a fixed form, an existing one by edits in place."""

from __future__ import annotations

import difflib
import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import CommandError
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from registry_app.document.writer import dump
from registry_app.exceptions import RegistryFileError
from registry_app.fields.rows import document_from_rows
from registry_app.files.text_file import write_text
from registry_app.management.quiet import QuietCommand
from registry_app.reading import message_text
from registry_app.sync.export import Exported, exported_into


class Command(QuietCommand):
    requires_system_checks = ()
    help = "Write the registry to a file, to standard output with -, or check a file against it."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "file",
            metavar="FILE",
            nargs="?",
            help="Where to write, - for standard output; without it GUARDIANFLOW_REGISTRY. A file "
            "that exists is edited: comments, order and quotes stay.",
        )
        parser.add_argument(
            "--check",
            action="store_true",
            help="Write nothing; exit with 1 and a diff if an export would change the file, or "
            "leave entries in it that the portal does not have.",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        name = options["file"] or str(settings.GUARDIANFLOW_REGISTRY)
        if options["check"]:
            self._check(name)
        elif name == "-":
            self.stdout.write(dump(document_from_rows()), ending="")
        else:
            self._write(Path(name))

    def _write(self, path: Path) -> None:
        exported = self._exported(path.read_bytes(), path) if path.is_file() else None
        text = exported.data.decode() if exported else dump(document_from_rows())
        try:
            write_text(path, text)
        except OSError as error:
            raise CommandError(
                _("{name} cannot be written: {problem}").format(name=path, problem=error.strerror)
            ) from error
        self.stderr.write(_("Written to {name}.").format(name=path))
        if exported and exported.refusals:
            raise CommandError(
                ngettext(
                    "{count} value of {name} was left as it was; write the shown lines by hand.",
                    "{count} values of {name} were left as they were; write the shown lines by "
                    "hand.",
                    len(exported.refusals),
                ).format(count=len(exported.refusals), name=path)
            )

    def _check(self, name: str) -> None:
        try:
            data = sys.stdin.buffer.read() if name == "-" else Path(name).read_bytes()
        except OSError as error:
            raise CommandError(
                _("{name} cannot be read: {problem}").format(name=name, problem=error.strerror)
            ) from error
        exported = self._exported(data, name)
        if exported.data == data and not exported.left and not exported.refusals:
            return
        there = data.decode("utf-8", "replace").splitlines(keepends=True)
        here = exported.data.decode().splitlines(keepends=True)
        self.stdout.writelines(difflib.unified_diff(there, here, name, _("the database")))
        raise CommandError(_("{name} differs from the database.").format(name=name))

    def _exported(self, data: bytes, name: str | Path) -> Exported:
        """Return the file after an export into it, and name what stays as it is."""
        try:
            exported = exported_into(data)
        except RegistryFileError as error:
            for problem in error.problems:
                place = f"{name}:{problem.line}" if problem.line else name
                self.stderr.write(f"{place}: {message_text(problem.message)}")
            raise CommandError(
                _(
                    "{name} cannot be read, so nothing is written into it. Repair it, or export "
                    "to a new file."
                ).format(name=name)
            ) from error
        for entry in exported.left:
            self.stderr.write(
                _("{name}: {entry} is not in the portal; its entry stays as it is.").format(
                    name=name, entry=entry
                )
            )
        for refusal in exported.refusals:
            place = f"{name}:{refusal.line}" if refusal.line else name
            self.stderr.write(
                f"{place}: {'.'.join(refusal.edit.path)}: {message_text(refusal.reason)}"
            )
            self.stderr.write(refusal.wanted or _("(remove it)"))
        return exported
