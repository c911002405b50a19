"""One line of the report of `doctor`."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Level(StrEnum):
    """WARN: something will not work as expected. BAD: something does not work."""

    OK = "ok"
    WARN = "warn"
    BAD = "bad"


@dataclass(frozen=True, kw_only=True)
class Line:
    """What was checked, its state, and the fix (empty if it is fine)."""

    level: Level
    area: str
    text: str
    fix: str = ""

    def to_json(self) -> dict[str, str]:
        return {"level": self.level, "area": self.area, "text": self.text, "cure": self.fix}


def good(area: str, text: str) -> Line:
    return Line(level=Level.OK, area=area, text=text)


def warn(area: str, text: str, fix: str) -> Line:
    return Line(level=Level.WARN, area=area, text=text, fix=fix)


def bad(area: str, text: str, fix: str) -> Line:
    return Line(level=Level.BAD, area=area, text=text, fix=fix)
