"""Look at directories one by one without being held up by a disk that does not respond."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import TypeVar

# A directory of 100,000 files takes less on a disk that responds.
LOOK_LIMIT_S = 20.0
REPORT_EVERY_S = 1.0

Place = TypeVar("Place")
Seen = TypeVar("Seen")


def look_at_each(
    look: Callable[[Place], Seen],
    places: Sequence[Place],
    *,
    waits: Callable[[Place], None],
    limit_s: float | None = None,
) -> Iterator[Seen | None]:
    """Yield what `look` returns for each place; None for one that takes too long and all after it.

    `waits` is called once per second. A call on a dead mount never returns and cannot be ended, so
    its thread is left behind; this process can go on and end.
    """
    seen: queue.SimpleQueue[Seen] = queue.SimpleQueue()
    is_left = threading.Event()

    def look_on() -> None:
        for place in places:
            if is_left.is_set():
                return
            seen.put(look(place))

    threading.Thread(target=look_on, name="looks at directories", daemon=True).start()
    for place in places:
        found = None if is_left.is_set() else _next(seen, partial(waits, place), limit_s)
        if found is None:
            is_left.set()
        yield found


def _next(
    seen: queue.SimpleQueue[Seen], waits: Callable[[], object], limit_s: float | None
) -> Seen | None:
    left_s = LOOK_LIMIT_S if limit_s is None else limit_s
    while left_s > 0:
        try:
            return seen.get(timeout=min(REPORT_EVERY_S, left_s))
        except queue.Empty:
            left_s -= REPORT_EVERY_S
            waits()
    return None
