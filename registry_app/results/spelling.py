"""The words of a name, however it is spelled: `valLoss`, `val_loss` and `Val Loss` are the same.

Apart from the vocabulary of results, which takes long to import.
"""

from __future__ import annotations

import re
from functools import lru_cache

_SPLIT = re.compile(r"[\W_]+")
_CAPITAL = re.compile(r"(?<=[a-z])(?=[A-Z][a-z])")


@lru_cache(maxsize=4096)
def words_of(name: str) -> str:
    """Return a name as lower-case words separated by single spaces."""
    return _SPLIT.sub(" ", _CAPITAL.sub(" ", name)).strip().lower()


@lru_cache(maxsize=4096)
def key_of(name: str) -> str:
    """Return a name as one lower-case word: `Batch Size` is `batch_size`."""
    return words_of(name).replace(" ", "_")
