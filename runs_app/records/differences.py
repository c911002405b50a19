"""What differs between runs in their source files and their environment, from their run folders.

Whatever was not recorded is None, never equal to anything: a run folder that was removed, or is on
another host, says nothing of its source.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from runs_app.models import Run
from runs_app.records import environment, source
from runs_app.runner.own_file import read_own

Values = Mapping[str, str]

PYTHON = "python"
MAX_PACKAGES_BYTES = 4 * 2**20
_VERSION_OF_PYTHON = re.compile(r"#\s*(\S+ \d\S*),\s")
_PINNED = re.compile(r"([A-Za-z0-9][\w.-]*)\s*(?:===?|@)\s*(\S.*)")
_EDITABLE = re.compile(r"-e (?P<place>\S+)  # (?P<name>[^=\s]+)==(?P<version>\S+)")
_SEPARATORS = re.compile(r"[-_.]+")


@dataclass(frozen=True, kw_only=True)
class Differing:
    """A name whose values differ between runs, in the order of the runs.

    A value is None where the run does not have the name, or nothing is recorded of that run.
    """

    name: str
    values: tuple[str | None, ...]


@dataclass(frozen=True, kw_only=True)
class Compared:
    """Names with values in several runs: which differ, how many are the same, what is known.

    `is_known` has one entry for each run, in their order; names are compared among the known runs
    alone. `same` counts names that at least two known runs have with equal values in all of them.
    """

    different: tuple[Differing, ...]
    same: int
    is_known: tuple[bool, ...]

    @property
    def can_tell(self) -> bool:
        """Whether at least two runs are known, so that there is something to compare."""
        return sum(self.is_known) >= 2

    @property
    def is_complete(self) -> bool:
        """Whether every run is known."""
        return all(self.is_known)


@dataclass(frozen=True, kw_only=True)
class Differences:
    """What differs between runs: SHA-256 of source files by path, versions of packages by name."""

    source: Compared
    packages: Compared


def hashes_of(run: Run) -> dict[str, str] | None:
    """Return the SHA-256 of a run's source files by path, None if they were not recorded."""
    files = source.read(run.folder).get("files")
    if not isinstance(files, dict):
        return None
    return {str(path): str(digest) for path, digest in files.items()}


def packages_of(run: Run) -> dict[str, str] | None:
    """Return the versions of a run's packages by name, `python` among them; None if unknown.

    Names are in lower case with hyphens. A package installed from an address or a directory has
    that as its version.
    """
    try:
        text = read_own(run.folder / environment.NAME, max_bytes=MAX_PACKAGES_BYTES)
    except OSError:
        return None
    lines = text.decode("utf-8", "replace").splitlines()
    python = _VERSION_OF_PYTHON.match(lines[0]) if lines else None
    packages = {PYTHON: python[1]} if python else {}
    for line in lines:
        if found := _EDITABLE.match(line):
            packages[_spelled(found["name"])] = f"{found['version']} ({found['place']})"
        elif found := _PINNED.match(line):
            packages[_spelled(found[1])] = found[2].strip()
    return packages or None


def differences(runs: Sequence[Run]) -> Differences:
    """Compare the source files and packages of runs; reads two files of each run folder."""
    return Differences(
        source=compare([hashes_of(run) for run in runs]),
        packages=compare([packages_of(run) for run in runs]),
    )


def compare(several: Sequence[Values | None]) -> Compared:
    """Compare values by name; None stands for a run of which nothing is known."""
    known = [values for values in several if values is not None]
    names = sorted({name for values in known for name in values})
    different = []
    for name in names if len(known) > 1 else ():
        if len({values.get(name) for values in known}) > 1:
            values = tuple(some.get(name) if some is not None else None for some in several)
            different.append(Differing(name=name, values=values))
    return Compared(
        different=tuple(different),
        same=len(names) - len(different) if len(known) > 1 else 0,
        is_known=tuple(values is not None for values in several),
    )


def _spelled(name: str) -> str:
    return _SEPARATORS.sub("-", name).lower()
