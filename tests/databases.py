"""Leads the test's own process to another database than the one of the test run."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.db import connections
from django.db.utils import load_backend

from portal import environment


@contextmanager
def used(url: str) -> Iterator[None]:
    """Lead this process's connection to the database of this address."""
    config = connections.configure_settings(
        {"default": environment.database({"DATABASE_URL": url}, Path())}
    )["default"]
    ours = connections["default"]
    ours.close()
    connections["default"] = load_backend(config["ENGINE"]).DatabaseWrapper(config, "default")
    try:
        yield
    finally:
        connections["default"].close()
        connections["default"] = ours
