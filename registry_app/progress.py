"""The progress of long work on many experiments."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TypeVar

T = TypeVar("T")

# Takes the number of finished experiments and the total.
Progress = Callable[[int, int], None]


def followed(items: Sequence[T], progress: Progress | None) -> Iterable[T]:
    """Yield the items, and call `progress` before each of them and at the end."""
    for number, item in enumerate(items):
        if progress is not None:
            progress(number, len(items))
        yield item
    if progress is not None:
        progress(len(items), len(items))
