"""The children of roots that are no experiments, each with its reason."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from registry_app.messages import Message
from registry_app.texts import left_out as texts


@dataclass(frozen=True, kw_only=True)
class LeftOut:
    """A child of a root, which may be anything with a name, and why it is no experiment."""

    path: Path
    reason: Message

    @property
    def key(self) -> str:
        return key_of(self.path)

    @property
    def is_problem(self) -> bool:
        """Whether it may well be an experiment that somebody has to repair first."""
        return self.reason.code in texts.PROBLEMS


@dataclass(frozen=True, kw_only=True)
class Decided:
    """The keys of the children that people want drafted in any case, and of those never."""

    added: frozenset[str] = frozenset()
    never: frozenset[str] = frozenset()


NOTHING_DECIDED = Decided()


def key_of(path: Path) -> str:
    """Return a path as text that every database holds, also if it is not UTF-8."""
    return os.fsencode(path).decode("utf-8", "backslashreplace")


def counted(reasons: Iterable[str]) -> dict[str, int]:
    """Return how often each code of a reason occurs, the most frequent first."""
    return dict(Counter(reasons).most_common())
