"""Recognise a renamed directory by the content of its scripts.

Directories are often copies of one another, so a script that is also in a directory that still
exists is no evidence. Half of the remaining scripts may have changed meanwhile. If two candidates
match equally well, none is reported.
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
    """Old and new name, and how many of `count` scripts are identical."""

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
    """An experiment whose directory seems to be at `path` now."""

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

    `elsewhere` are the digests of scripts in directories that have not moved; `refused` are pairs
    of old and new name that a user rejected.
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
    return sorted(found, key=lambda rename: rename.old)


def _share(before: Digests, now: Digests) -> float:
    most = max(len(before), len(now))
    return len(before & now) / most if most else 0.0
