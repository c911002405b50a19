"""Which of the files that a run made are saved: all but junk, unless patterns say otherwise."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from fnmatch import translate

from registry_app.messages import Message
from runs_app.runner.outputs.junk import Junk
from runs_app.runner.outputs.kinds import Rank, rank_of
from runs_app.texts import files as texts

# As the first pattern: everything but junk; those that follow it are saved in any case.
ALL_BUT_JUNK = "**"


@dataclass(frozen=True, kw_only=True)
class Rule:
    """The rule for one run.

    `patterns` are names or paths as of `fnmatch`, in any case. Without `ALL_BUT_JUNK` before them
    only matching files are saved. `is_data`: the run prepares data, of which most is not saved.
    """

    patterns: Sequence[str] = (ALL_BUT_JUNK,)
    junk: Sequence[str] = ()
    is_data: bool = False
    _named: re.Pattern[str] = field(init=False, repr=False, compare=False)
    _junk: Junk = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        named = [pattern.lower() for pattern in self.patterns if pattern != ALL_BUT_JUNK]
        compiled = re.compile("|".join(map(translate, named)) or r"(?!)")
        object.__setattr__(self, "_named", compiled)
        object.__setattr__(self, "_junk", Junk(self.junk))

    @property
    def is_usual(self) -> bool:
        """Whether everything but junk is saved."""
        return ALL_BUT_JUNK in self.patterns

    def refusal(self, path: str, size_bytes: int) -> Message | None:
        """Return why a file of this path and size is not saved, None if it is."""
        if self.names(path):
            return None
        if not self.is_usual:
            return texts.OTHER_KIND()
        if self._junk.holds(path, size_bytes):
            return texts.JUNK()
        if self.is_data and rank_of(path) not in {Rank.TABLES, Rank.TEXTS}:
            return texts.DATA_RUN()
        return None

    def names(self, path: str) -> bool:
        """Return whether a pattern names the file, so that it is saved in any case."""
        whole = path.lower()
        name = whole.rpartition("/")[2]
        return self._named.match(name) is not None or self._named.match(whole) is not None
