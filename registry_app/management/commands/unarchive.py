"""Bring an archived experiment back."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import CommandError
from django.utils.translation import gettext as _

from registry_app.changes.archive import restore
from registry_app.exceptions import RegistryError
from registry_app.management.commands.archive import named
from registry_app.management.quiet import QuietCommand
from registry_app.reading import error_text


class Command(QuietCommand):
    requires_system_checks = ()
    help = "Bring an archived experiment back: into lists, exports and scans."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("name", metavar="NAME", help="The experiment's name.")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            restore([named(options["name"])], by=None)
        except RegistryError as error:
            raise CommandError(error_text(error)) from error
        self.stderr.write(_("{name} is back.").format(name=options["name"]), str)
