"""Read the version or the date in the names of scripts: `train_v2.py`, `train_20240503.py`."""

from __future__ import annotations

import posixpath
import re
from collections import defaultdict
from collections.abc import Iterable

_VERSION = re.compile(r"(?:^|[_\-.])v(?:er)?(\d+(?:[._]\d+)*)(?=$|[_\-.])", re.IGNORECASE)
_VERSION_IN_WORD = re.compile(r"(?<=[a-z])(?<!olo)V(\d+(?:[._]\d+)*)(?=$|[_\-.])")
_DATE = re.compile(r"(?:^|[_\-.])(20\d{6}|2[0-9](?:0[1-9]|1[0-2])[0-3]\d)(?=$|[_\-.])")
_NUMBERED = re.compile(r"(.*[a-z_\- ])(\d{1,2})", re.IGNORECASE)
# What is counted as parts of one work, which begins with the first: `train_stage1.py`.
_OF_PARTS = re.compile(
    r"(?:stage|step|part|phase|fold|task|lesson|day|cam|camera)[_\- ]?$", re.IGNORECASE
)
_LEAST_IN_SERIES = 3
# The place of a script among those that are started one after another: `s2_`, `step3-`, `04_`.
_STEP = re.compile(r"(?:s|step[_\-]?|stage[_\-]?)?(\d{1,2})[_\-. ]", re.IGNORECASE)


def version_of(path: str) -> tuple[int, ...]:
    """Return the version in a file's name: (2, 1) for `train_v2.1.py`; () without one.

    A date counts as one: `train_20240503.py` has (20240503,).
    """
    stem = posixpath.splitext(posixpath.basename(path))[0]
    found = _VERSION.findall(stem) or _VERSION_IN_WORD.findall(stem) or _DATE.findall(stem)
    return tuple(int(part) for part in re.split(r"[._]", found[-1])) if found else ()


def family(path: str) -> str:
    """Return a path without its version: what all versions of a script have in common."""
    folder, name = posixpath.split(path)
    stem, suffix = posixpath.splitext(name)
    for pattern in (_VERSION, _VERSION_IN_WORD, _DATE):
        stem = pattern.sub("", stem)
    return posixpath.join(folder, stem + suffix)


def numbers_in_series(paths: Iterable[str]) -> dict[str, int]:
    """Return the numbers of attempts that were counted from the first: `net1.py`, `net2.py` ...

    `yolov5.py` and `resnet18.py` are named after models, whose numbers begin anywhere.
    """
    series: dict[tuple[str, str], dict[str, int]] = defaultdict(dict)
    for path in paths:
        stem, suffix = posixpath.splitext(path)
        found = _NUMBERED.fullmatch(posixpath.basename(stem))
        if found and not _OF_PARTS.search(found[1]):
            begin = posixpath.join(posixpath.dirname(path), found[1])
            series[begin, suffix][path] = int(found[2])
    return {
        path: number
        for numbers in series.values()
        if len(numbers) >= _LEAST_IN_SERIES
        and sorted(numbers.values()) == list(range(1, len(numbers) + 1))
        for path, number in numbers.items()
    }


def step_of(path: str) -> int | None:
    """Return the number that a file's name begins with: 4 for `s4_train.py` and `04_train.py`."""
    found = _STEP.match(posixpath.basename(path))
    return int(found[1]) if found else None
