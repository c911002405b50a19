"""Commands whose log is quiet: users read a command's output, and log lines are for services."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any, ClassVar

from django.core.management.base import BaseCommand

LOGS = ("portal", "registry_app", "runs_app")


class QuietCommand(BaseCommand):
    """A command that logs only problems, unless `is_service` or a log level was requested."""

    is_service: ClassVar[bool] = False

    def execute(self, *args: Any, **options: Any) -> str | None:
        if self.is_service or "GUARDIANFLOW_LOG_LEVEL" in os.environ:
            return super().execute(*args, **options)
        with ExitStack() as stack:
            for name in LOGS:
                stack.enter_context(_problems_only(logging.getLogger(name)))
            return super().execute(*args, **options)


@contextmanager
def _problems_only(log: logging.Logger) -> Iterator[None]:
    before = log.level
    log.setLevel(logging.WARNING)
    try:
        yield
    finally:
        log.setLevel(before)
