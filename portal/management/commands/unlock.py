"""Unlock an account that is locked after too many failed log-ins."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.models import User
from django.core.management.base import CommandError, CommandParser
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from portal.access import rights, throttle
from registry_app.management.quiet import QuietCommand


class Command(QuietCommand):
    help = "Let an account log in again at once, whose log-ins failed too often."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name", metavar="NAME", help="the account's user name")
        parser.add_argument(
            "--address", default="", metavar="IP", help="only for this address; default: for all"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        name = options["name"]
        forgotten = throttle.unlock(name, address=options["address"])
        if not forgotten:
            self._nothing(name)
            return
        rights.note_unlock(name)
        self.stdout.write(
            ngettext(
                "{name} can log in again ({count} record of failures removed).",
                "{name} can log in again ({count} records of failures removed).",
                forgotten,
            ).format(name=name, count=forgotten)
        )

    def _nothing(self, name: str) -> None:
        if not User.objects.filter(username=name).exists():
            raise CommandError(_("There is no account {name}.").format(name=name))
        self.stdout.write(_("No log-in of {name} has failed lately.").format(name=name))
