"""The keys of runs of sets: one attempt of a member has at most one run."""

from __future__ import annotations

from uuid import UUID, uuid5


def member_key(key: UUID, number: int, attempt: int = 1) -> UUID:
    """Return the key of the run of a member of the set with `key`."""
    return uuid5(key, f"{number}.{attempt}")
