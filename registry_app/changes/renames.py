"""Recognises a directory under its new name by what its scripts hold.

Directories are often copies of one another, so a script that also lies in a directory which is
still there tells nothing. Half of the telling scripts may have changed meanwhile. Where two
candidates fit equally well, nobody can say which it was, and none is named.
"""

from __future__ import annotations

from collections.abc import Mapping, Set
from dataclasses import dataclass

from registry_app.choices import Confidence
from registry_app.document.model import Evidence

Digests = frozenset[str]

LEAST_SHARE = 0.5
LIKELY_SHARE = 0.75


@dataclass(frozen=True, kw_only=True)
class Rename:
    """Old and new name, and how many of `count` scripts are the same."""

    old: str
    new: str
    same: int
    count: int

    @property
    def confidence(self) -> Confidence:
        if self.same == self.count:
            return Confidence.SURE
        is_likely = self.same >= LIKELY_SHARE * self.count
        return Confidence.LIKELY if is_likely else Confidence.UNSURE


@dataclass(frozen=True, kw_only=True)
class FoundAgain:
    """An experiment whose directory seems to lie at `path` now."""

    pk: int
    name: str
    path: str
    evidence: Evidence


def find_renames(
    gone: Mapping[str, Digests],
    new: Mapping[str, Digests],
    *,
    elsewhere: Set[str] = frozenset(),
    refused: Set[tuple[str, str]] = frozenset(),
) -> list[Rename]:
    """Return which directories of `new` are those of `gone`, by the digests of their scripts.

    `elsewhere` are the digests of scripts in directories that are still where they were;
    `refused` are pairs of old and new name of which somebody said that they are not the same.
    """
    scores = {
        (old, fresh): score
        for old, before in gone.items()
        for fresh, now in new.items()
        if (old, fresh) not in refused
        and (score := _share(before - elsewhere, now - elsewhere)) >= LEAST_SHARE
    }
    found = []
    for (old, fresh), score in scores.items():
        rivals = [
            other
            for pair, other in scores.items()
            if pair != (old, fresh) and (pair[0] == old or pair[1] == fresh)
        ]
        if all(score > other for other in rivals):
            before, now = gone[old], new[fresh]
            found.append(
                Rename(old=old, new=fresh, same=len(before & now), count=max(len(before), len(now)))
            )
    return sorted(found, key=lambda one: one.old)


def _share(before: Digests, now: Digests) -> float:
    most = max(len(before), len(now))
    return len(before & now) / most if most else 0.0
