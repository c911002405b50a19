"""Build static files and translations; `make setup` calls it."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from portal import assets


class Command(BaseCommand):
    help = "Build static files and compiled translations where they have changed."
    requires_system_checks = ()

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            is_new = assets.build()
        except assets.NotBuiltError as error:
            raise CommandError(str(error), returncode=2) from error
        if is_new and options["verbosity"] > 1:
            self.stdout.write("Built static files and translations.")
