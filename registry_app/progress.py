"""How far long work on many experiments is."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TypeVar

T = TypeVar("T")

# Takes how many experiments are done and how many there are.
Progress = Callable[[int, int], None]


def followed(items: Sequence[T], progress: Progress | None) -> Iterable[T]:
    """Yield the items, and tell `progress` before each of them and at the end."""
    for number, item in enumerate(items):
        if progress is not None:
            progress(number, len(items))
        yield item
    if progress is not None:
        progress(len(items), len(items))
