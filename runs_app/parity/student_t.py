"""Quantiles of Student's t distribution for whole degrees of freedom, without other libraries."""

from __future__ import annotations

import math
from functools import lru_cache

# The bracket below halves until neighbouring floating-point numbers are left.
_HALVINGS = 200


def probability_within(t: float, freedom: int) -> float:
    """Return how likely a value between -t and t is, for `freedom` degrees of freedom.

    The finite series of Abramowitz and Stegun, 26.7.3 and 26.7.4, which are exact.
    """
    if freedom < 1:
        raise ValueError(f"degrees of freedom begin at 1, not at {freedom}")
    angle = math.atan(t / math.sqrt(freedom))
    cosine, sine = math.cos(angle), math.sin(angle)
    is_odd = freedom % 2 == 1
    term = cosine if is_odd else 1.0
    terms = [term] if freedom > 1 else []
    for power in range(3 if is_odd else 2, freedom - 1, 2):
        term *= cosine * cosine * (power - 1) / power
        terms.append(term)
    series = sine * math.fsum(terms)
    return 2 / math.pi * (angle + series) if is_odd else series


@lru_cache(maxsize=256)
def two_sided(error: float, freedom: int) -> float:
    """Return the t beyond which, on either side, a value lies with the probability `error`."""
    if not 0 < error < 1:
        raise ValueError(f"a probability lies between 0 and 1: {error}")
    low, high = 0.0, 1.0
    while probability_within(high, freedom) < 1 - error:
        high *= 2
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        if probability_within(middle, freedom) < 1 - error:
            low = middle
        else:
            high = middle
    return high
