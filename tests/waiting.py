"""Waits for what happens in other processes."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

Seen = TypeVar("Seen")


def wait_until(
    look: Callable[[], Seen], *, what: str | Callable[[], str], limit_s: float = 60
) -> Seen:
    """Return the first true value that `look` gives; fail the test when it never does.

    A `what` that is called says how things stand at the end of the wait.
    """
    deadline = time.monotonic() + limit_s
    while True:
        seen = look()
        if seen:
            return seen
        if time.monotonic() > deadline:
            said = what if isinstance(what, str) else what()
            raise AssertionError(f"never happened within {limit_s} s: {said}")
        time.sleep(0.05)
