"""Remember what a function of one text returns: several rules ask the same about a text."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache, wraps
from typing import TypeVar

Answer = TypeVar("Answer")


def remembered(
    *, texts: int, longest: int
) -> Callable[[Callable[[str], Answer]], Callable[[str], Answer]]:
    """Keep the answers for the last `texts` texts of at most `longest` characters.

    Longer texts are read again each time, so the memory that answers take is bounded. Answers are
    shared, so they must be of types that cannot be changed.
    """

    def remember(function: Callable[[str], Answer]) -> Callable[[str], Answer]:
        kept = lru_cache(maxsize=texts)(function)

        @wraps(function)
        def ask(text: str) -> Answer:
            return kept(text) if len(text) <= longest else function(text)

        return ask

    return remember
