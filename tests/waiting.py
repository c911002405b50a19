"""Waits for what happens in other processes."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

Seen = TypeVar("Seen")


def wait_until(look: Callable[[], Seen], *, what: str, limit_s: float = 60) -> Seen:
    """Return the first true value that `look` gives; fail the test when it never does."""
    deadline = time.monotonic() + limit_s
    while True:
        seen = look()
        if seen:
            return seen
        if time.monotonic() > deadline:
            raise AssertionError(f"never happened within {limit_s} s: {what}")
        time.sleep(0.05)
