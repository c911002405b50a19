"""Writes the registry file for git, always in the same form."""

from __future__ import annotations

import difflib
import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from registry_app.document.reader import dump
from registry_app.fields.rows import document_from_rows
from registry_app.files.text_file import write_text


class Command(BaseCommand):
    requires_system_checks = ()
    help = "Write the registry to a file, to standard output with -, or check a file against it."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "file",
            metavar="FILE",
            nargs="?",
            help="Where to write, - for standard output; without it GUARDIANFLOW_REGISTRY.",
        )
        parser.add_argument(
            "--check",
            action="store_true",
            help="Write nothing; exit with 1 and a diff if the file differs from the database.",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        name = options["file"] or str(settings.GUARDIANFLOW_REGISTRY)
        text = dump(document_from_rows())
        if options["check"]:
            self._check(name, text)
        elif name == "-":
            self.stdout.write(text, ending="")
        else:
            _write(Path(name), text)
            self.stderr.write(_("Written to {name}.").format(name=name))

    def _check(self, name: str, text: str) -> None:
        try:
            data = sys.stdin.buffer.read() if name == "-" else Path(name).read_bytes()
        except OSError as error:
            raise CommandError(
                _("{name} cannot be read: {problem}").format(name=name, problem=error.strerror)
            ) from error
        if data == text.encode():
            return
        there = data.decode("utf-8", "replace").splitlines(keepends=True)
        here = text.splitlines(keepends=True)
        self.stdout.writelines(difflib.unified_diff(there, here, name, _("the database")))
        raise CommandError(_("{name} differs from the database.").format(name=name))


def _write(path: Path, text: str) -> None:
    """Write the file whole or not at all; raises CommandError."""
    try:
        write_text(path, text)
    except OSError as error:
        raise CommandError(
            _("{name} cannot be written: {problem}").format(name=path, problem=error.strerror)
        ) from error
