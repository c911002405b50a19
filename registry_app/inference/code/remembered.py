"""Remember what a function of one text returns: several rules ask the same about a text."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache, wraps
from typing import TypeVar

Answer = TypeVar("Answer")
# A launcher of a megabyte is asked for a dozen times in a row, mostly as one command of it.
LONG_TEXTS = 2


def remembered(
    *, texts: int, longest: int
) -> Callable[[Callable[[str], Answer]], Callable[[str], Answer]]:
    """Keep the answers for the last `texts` texts of at most `longest` characters.

    Of longer texts only the last are kept, so the memory that answers take is bounded. Answers are
    shared, so they must be of types that cannot be changed.
    """

    def remember(function: Callable[[str], Answer]) -> Callable[[str], Answer]:
        kept = lru_cache(maxsize=texts)(function)
        kept_long = lru_cache(maxsize=LONG_TEXTS)(function)

        @wraps(function)
        def ask(text: str) -> Answer:
            return kept(text) if len(text) <= longest else kept_long(text)

        return ask

    return remember
