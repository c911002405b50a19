"""How far a running script is, as the end of its output and its metrics so far tell.

Scripts say it as `Epoch 27/40`, as a table with a column `27/40`, or as a progress bar. A bar
without epochs may be of a part only, so it says nothing of the whole run.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from runs_app.records.curves import curves_of
from runs_app.records.logs.opening import opened, read_at
from runs_app.runner.outputs.moments import STREAMS

# Some hundred lines; a bar rewrites its line several times a second.
TAIL_BYTES = 2**14
MAX_LINES = 1000
# Parameters that say how many epochs there will be.
EPOCHS = ("epochs", "num_epochs", "n_epochs", "max_epochs", "num_train_epochs", "total_epochs")
_ESCAPES = re.compile(r"\x1b\[[0-9;?]*[ -/]*[@-~]")
_OF = r"(?P<at>\d{1,7})\s*(?:/|of)\s*(?P<of>\d{1,7})(?![\d./])"
_EPOCH = re.compile(rf"(?i)\b(?:epochs?|에폭|에포크|round)\b[\s:=\[(#]*{_OF}")
# Ultralytics: epoch, GPU memory, losses.
_TABLE = re.compile(rf"^\s*{_OF}\s+[\d.]+\s?[GM]B?\s")
_ALONE = re.compile(
    r"(?i)\b(?:epoch|에폭|에포크)\b[\s:=\[(#]*(?P<at>\d{1,7})\b(?!\s*(?:/|of)\s*\d)"
)
_BAR = re.compile(r"(?P<percent>\d{1,3})%[ |]")
_COUNT = re.compile(r"\b(\d{1,9})/(\d{1,9})\b")
# More than the number of the epoch: what it ended with.
_VALUES = re.compile(r"\d\.\d")


@dataclass(frozen=True, kw_only=True)
class Progress:
    """How far a script is: `at` of `of` epochs; `share`, from 0 to 1, counts parts of an epoch.

    Of a bar alone `at` and `of` are its own, and `share` is None: it may be of a part only.
    """

    at: int
    of: int
    share: float | None = None


def progress_of(folder: Path, params: Mapping[str, Any]) -> Progress | None:
    """Return how far the script of a run folder is, None if nothing says so."""
    lines = [line for stream in STREAMS for line in _last_lines(folder, stream)]
    total = _total(params)
    return _by_epochs(lines, total) or _by_metrics(folder, total) or _by_bar(lines)


def _last_lines(folder: Path, stream: str) -> list[str]:
    with opened(folder, stream) as (log, size_bytes):
        start = max(0, size_bytes - TAIL_BYTES)
        tail = read_at(log, start, TAIL_BYTES)
    text = _ESCAPES.sub("", tail.decode("utf-8", "replace")).replace("\r", "\n")
    return text.split("\n")[-MAX_LINES:]


def _by_epochs(lines: list[str], total: int | None) -> Progress | None:
    """Return what the last line with an epoch says, and the bars after it."""
    inner: float | None = None
    for line in reversed(lines):
        found = _EPOCH.search(line) or _TABLE.match(line)
        alone = None if found or total is None else _ALONE.search(line)
        bar = _BAR.search(line)
        if bar and inner is None:
            inner = min(100, int(bar["percent"])) / 100
        if found or alone:
            at = int((found or alone)["at"])  # type: ignore[index]
            of = int(found["of"]) if found else total or 0
            if of > 0 and at <= of:
                return _within(at, of, inner, is_over=bool(_VALUES.search(line)) and bar is None)
    return None


def _within(at: int, of: int, inner: float | None, *, is_over: bool) -> Progress:
    """Return the progress within an epoch: it is over, or a bar shows its part."""
    done = at if is_over else max(0, at - 1) + (inner or 0.0)
    return Progress(at=at, of=of, share=min(1.0, done / of))


def _by_metrics(folder: Path, total: int | None) -> Progress | None:
    if total is None:
        return None
    at = max((curve.steps[-1] for curve in curves_of(folder) if len(curve.steps)), default=0)
    return Progress(at=at, of=total, share=at / total) if 0 < at <= total else None


def _by_bar(lines: list[str]) -> Progress | None:
    for line in reversed(lines):
        found = _COUNT.search(line) if _BAR.search(line) else None
        if found and int(found[2]) > 0 and int(found[1]) <= int(found[2]):
            return Progress(at=int(found[1]), of=int(found[2]))
    return None


def _total(params: Mapping[str, Any]) -> int | None:
    named = {name.lower().replace("-", "_"): value for name, value in params.items()}
    for name in EPOCHS:
        try:
            total = int(named.get(name, 0))
        except (TypeError, ValueError, OverflowError):
            continue
        if total > 0:
            return total
    return None
