"""Which entry of a file is which experiment of the portal."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping

# The name and the directory of an experiment.
Place = tuple[str, str]


def matched(one: Mapping[str, Place], other: Mapping[str, Place]) -> dict[str, str]:
    """Return the keys of `other` by the keys of `one` that are the same experiment.

    The directory is the experiment, so it counts more than the name: by both, then by the
    directory, then by the name. What occurs twice on a side is not matched by it.
    """
    found: dict[str, str] = {}
    for part in (lambda place: place, lambda place: place[1:], lambda place: place[:1]):
        _match(one, other, found, part)
    return found


def by_names(places: Mapping[str, str]) -> dict[str, Place]:
    """Return the places of experiments that are keyed by their names."""
    return {name: (name, place) for name, place in places.items()}


def _match(
    one: Mapping[str, Place],
    other: Mapping[str, Place],
    found: dict[str, str],
    part: Callable[[Place], tuple[str, ...]],
) -> None:
    """Match what is left where this part of the place occurs once on either side."""
    taken = set(found.values())
    left = {key: part(place) for key, place in one.items() if key not in found}
    free = {key: part(place) for key, place in other.items() if key not in taken}
    here, there = Counter(left.values()), Counter(free.values())
    keys = {place: key for key, place in free.items() if there[place] == 1}
    for key, place in left.items():
        if any(place) and here[place] == 1 and place in keys:
            found[key] = keys[place]
