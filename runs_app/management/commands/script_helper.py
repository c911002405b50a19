"""Prints the program that starts scripts as another Linux user, to be installed by root."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from runs_app.runner.isolation.program import program


class Command(BaseCommand):
    help = (
        "Print the helper that starts scripts as the user of GUARDIANFLOW_RUN_AS. Install it as "
        "root: guardianflow script-helper | sudo install -D -m 755 /dev/stdin "
        "/usr/local/libexec/guardianflow-script"
    )
    requires_system_checks = ()

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(program(), ending="")
