"""Waits for what happens in other processes.

A limit is there to end a test that would wait for ever, so it is far longer than a busy machine
needs, and shorter than the limit of a whole test: what was waited for is then reported. A wait that
goes well ends at once.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

LIMIT_S = 240.0
FIRST_LOOK_AGAIN_S = 0.01
LOOK_AGAIN_S = 0.1

Seen = TypeVar("Seen")


def wait_until(look: Callable[[], Seen | None], *, what: str | Callable[[], str]) -> Seen:
    """Return the first true value that `look` gives; fail the test when it never does.

    A `what` that is called says how things stand at the end of the wait. A file that is not there
    yet counts as nothing seen: `look` may read what another process is about to make.
    """
    deadline = time.monotonic() + LIMIT_S
    pause_s = FIRST_LOOK_AGAIN_S
    while True:
        missing = None
        try:
            if seen := look():
                return seen
        except FileNotFoundError as error:
            missing = error
        if time.monotonic() > deadline:
            output = what if isinstance(what, str) else what()
            raise AssertionError(f"never happened within {LIMIT_S} s: {output}") from missing
        time.sleep(pause_s)
        pause_s = min(2 * pause_s, LOOK_AGAIN_S)


def waits_for_a_lock(pid: int) -> bool:
    """Whether the kernel lists a process among those that wait for a file's lock."""
    waiting = [line.split() for line in Path("/proc/locks").read_text().splitlines()]
    return any(words[1] == "->" and words[5] == str(pid) for words in waiting)
