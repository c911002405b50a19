"""What is not saved of a run: caches, environments and leftovers, by name, folder and size."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from fnmatch import translate

MIB = 2**20

# `fnmatch` patterns in lower case: of the name, or with a `/` of the whole path. What follows a
# `>` is a size in MiB: only larger files are meant.
CACHES = (
    *("*.pyc", "*.pyo", "*.cache", "cache-*.arrow", "*.o", "*.nbi", "*.nbc"),
    *(".cache/*", "*/.cache/*", "*.egg-info/*", ".eggs/*", "*/.eggs/*", ".nv/*", "*/.nv/*"),
)
ENVIRONMENTS = (
    *("site-packages/*", "*/site-packages/*", "conda-meta/*", "*/conda-meta/*"),
    *("node_modules/*", "*/node_modules/*", "*.whl"),
)
LEFTOVERS = (
    *("*.tmp", "*.temp", "*.part", "*.partial", "*.crdownload", "*.aria2", "*.lock", "*.pid"),
    *("core", "core.[0-9]*", "vgcore.[0-9]*", "*.core>1", "*.dmp>1", "*.hprof"),
)
USUAL = (*CACHES, *ENVIRONMENTS, *LEFTOVERS)


class Junk:
    """A list of such patterns, compiled once: thousands of files match against dozens."""

    def __init__(self, patterns: Iterable[str]) -> None:
        plain: list[str] = []
        self._sized: list[tuple[re.Pattern[str], int]] = []
        for pattern in patterns:
            glob, sign, size_mib = pattern.lower().rpartition(">")
            if sign:
                self._sized.append((_one_of([glob]), int(size_mib) * MIB))
            else:
                plain.append(pattern.lower())
        self._plain = _one_of(plain)

    def holds(self, path: str, size_bytes: int) -> bool:
        """Return whether a file of this path and size is not to be saved."""
        whole = path.lower()
        if _matches(self._plain, whole):
            return True
        return any(size_bytes > limit and _matches(glob, whole) for glob, limit in self._sized)


def _one_of(patterns: Sequence[str]) -> re.Pattern[str]:
    return re.compile("|".join(map(translate, patterns)) or r"(?!)", re.DOTALL)


def _matches(patterns: re.Pattern[str], whole: str) -> bool:
    name = whole.rpartition("/")[2]
    return patterns.match(name) is not None or patterns.match(whole) is not None
