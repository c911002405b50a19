"""Whether this machine's clock has been steady, before anything is removed by its age.

A clock that jumped forward makes everything look old: a battery that died, a time server that was
wrong. The time since the boot does not jump, so the two are compared over a day. A machine that was
off for a few days goes on where it was; one that comes back years later waits for a day first.
"""

from __future__ import annotations

import json
import logging
import time
from dataclasses import asdict, dataclass
from pathlib import Path

from runs_app.runner.folder import boot_id
from runs_app.system.files import write_lines

logger = logging.getLogger(__name__)

STEADY_S = 24 * 3600
# Corrections by a time server are smaller; changed time zones do not matter.
JUMP_S = 3600
LONGEST_OFF_S = 3 * 24 * 3600
SEEN_EVERY_S = 3600


@dataclass(frozen=True, kw_only=True)
class Now:
    """A moment in seconds: by the clock, and since the boot of which this is the id."""

    clock_s: float
    uptime_s: float
    boot: str


@dataclass(frozen=True, kw_only=True)
class _Seen:
    """When the clock was looked at last, and for how many seconds it had been steady."""

    clock_s: float
    uptime_s: float
    boot: str
    steady_s: float


def now() -> Now:
    """Return this moment; the time since the boot includes suspended time."""
    uptime_s = time.clock_gettime(time.CLOCK_BOOTTIME)
    return Now(clock_s=time.time(), uptime_s=uptime_s, boot=boot_id())


def has_been_steady(record: Path, moment: Now) -> bool:
    """Whether the clock has been steady for a day; remembers in the file `record` what it saw.

    Where nothing can be remembered the clock counts as unsteady.
    """
    seen = _read(record)
    steady_s = _steady_s(seen, moment)
    is_new = seen is None or steady_s < seen.steady_s or moment.boot != seen.boot
    if is_new or moment.uptime_s - (seen.uptime_s if seen else 0) > SEEN_EVERY_S:
        if seen is not None and steady_s == 0:
            logger.warning("the clock was changed, so nothing is removed by its age for a day")
        try:
            write_lines(record, [json.dumps(asdict(moment) | {"steady_s": steady_s})])
        except OSError as error:
            logger.warning("not remembered file=%s error=%s", record, error)
            return False
    return steady_s >= STEADY_S


def _steady_s(seen: _Seen | None, moment: Now) -> float:
    """Return for how long the clock has been steady; 0 if it has just jumped."""
    if seen is None:
        return 0
    passed_s = moment.clock_s - seen.clock_s
    if seen.boot != moment.boot:
        return seen.steady_s if 0 <= passed_s <= LONGEST_OFF_S else 0
    uptime_s = moment.uptime_s - seen.uptime_s
    return seen.steady_s + uptime_s if abs(passed_s - uptime_s) <= JUMP_S else 0


def _read(record: Path) -> _Seen | None:
    try:
        return _Seen(**json.loads(record.read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return None
