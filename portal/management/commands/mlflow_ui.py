"""Serve MLflow's own pages for the embedded store."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation import gettext as _

NICENESS = 10


class Command(BaseCommand):
    help = "Serve MLflow's pages for the embedded store, on the loopback address alone."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--port", type=int, default=5000)
        parser.add_argument(
            "--descriptor", type=int, metavar="N", help="an inherited socket, in place of a port"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.MLFLOW_IS_EMBEDDED:
            raise CommandError(
                _("MLFLOW_TRACKING_URI names a server, which has pages of its own."), returncode=2
            )
        # Starting it takes many seconds of CPU time, which no launch of a run must wait for.
        os.nice(NICENESS)
        # Two processes that create the store at the same time would corrupt it.
        from runs_app.exceptions import RunnerError
        from runs_app.tracking import store

        try:
            store.begin_store()
        except RunnerError as error:
            raise CommandError(str(error), returncode=2) from error
        os.environ.update(
            MLFLOW_DISABLE_TELEMETRY="true",
            DO_NOT_TRACK="true",
            MLFLOW_SERVER_ENABLE_JOB_EXECUTION="false",
        )
        os.chdir(settings.MLFLOW_HOME)
        argv = [sys.executable, "-m", "portal.serving.mlflow_pages", *_arguments(options)]
        os.execv(sys.executable, argv)  # noqa: S606


def _arguments(options: Mapping[str, Any]) -> list[str]:
    inherited = options["descriptor"]
    return [
        *("server", "--host", "127.0.0.1", "--port", str(options["port"]), "--workers", "1"),
        *(() if inherited is None else ("--uvicorn-opts", f"--fd {inherited}")),
        *("--backend-store-uri", str(settings.MLFLOW_TRACKING_URI)),
        *("--default-artifact-root", str(settings.MLFLOW_ARTIFACTS)),
        *("--artifacts-destination", str(settings.MLFLOW_ARTIFACTS)),
    ]
