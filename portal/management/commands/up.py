"""Serve the portal, the worker and MLflow's pages together."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from portal import database
from portal.serving import up


class Command(BaseCommand):
    help = "Serve the portal, the worker and MLflow's pages on this machine until Ctrl-C."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--host", default=up.LOOPBACK, help="address to listen on")
        parser.add_argument("--port", type=int, default=8000, help="port of the portal")
        parser.add_argument(
            database.NEW_DATABASE,
            action="store_true",
            help="begin with the empty PostgreSQL database that DATABASE_URL names, although "
            "there are folders of runs",
        )
        parser.add_argument("--mlflow-port", type=int, default=5000, help="port of MLflow's pages")

    def handle(self, *args: Any, **options: Any) -> None:
        addresses = up.Addresses(
            host=options["host"], port=options["port"], mlflow_port=options["mlflow_port"]
        )
        try:
            up.serve(addresses, say=self._say)
        except up.ServeError as error:
            raise CommandError(str(error), returncode=2) from error

    def _say(self, text: str) -> None:
        self.stdout.write(text)
        self.stdout.flush()
