"""One line of what `doctor` says."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Level(StrEnum):
    """Warn: something will not work as one might expect. Bad: something does not work."""

    OK = "ok"
    WARN = "warn"
    BAD = "bad"


@dataclass(frozen=True, kw_only=True)
class Line:
    """What was looked at, how it stands, and what to do about it (empty where all is well)."""

    level: Level
    area: str
    text: str
    cure: str = ""


def good(area: str, text: str) -> Line:
    return Line(level=Level.OK, area=area, text=text)


def warn(area: str, text: str, cure: str) -> Line:
    return Line(level=Level.WARN, area=area, text=text, cure=cure)


def bad(area: str, text: str, cure: str) -> Line:
    return Line(level=Level.BAD, area=area, text=text, cure=cure)
