from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from portal import catalogue


class Command(BaseCommand):
    help = "Brings the Korean catalogue up to date with the texts in the code, or checks it."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--check", action="store_true", help="Change nothing; fail where a translation lacks."
        )

    def handle(self, *, check: bool, **options: Any) -> None:
        base = catalogue.base_directory()
        if not check:
            catalogue.update(base)
        problems = list(catalogue.check(base))
        for problem in problems:
            self.stderr.write(str(problem))
        if problems and check:
            raise CommandError(
                f"{len(problems)} texts need work in {catalogue.CATALOGUE}; "
                "`make messages` brings in new texts."
            )
        self.stdout.write(f"{len(problems)} texts still need a translation.")
