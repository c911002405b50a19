"""The names of a log's values: the same name from another kind of line is another series."""

from __future__ import annotations

import math
from dataclasses import dataclass

from registry_app.results.numbers import is_same_share

# Names that are remembered with the shape of the line that used them first.
MAX_NAMES = 5_000
# What a share in percent is renamed to where the log has it as a fraction too.
_REPEATED = ""


@dataclass(slots=True)
class _Use:
    """The last use of a name: the texts of its line, the axis, the step and the value."""

    shape: str
    axis: str
    step: int
    value: float
    is_percent: bool


class NameUses:
    """Gives each kind of line names of its own.

    A name belongs to the first line that used it: the same name with another kind of axis is
    `epoch/loss`, and another value of the same step from another kind of line is `loss 2`. A value
    in percent next to the same value as a fraction, or the reverse, counts once.
    """

    def __init__(self) -> None:
        self._uses: dict[str, _Use] = {}
        self._renamed: dict[tuple[str, str, str], str] = {}
        # The last value of a name without an axis, and whether it was in percent.
        self._lone: dict[str, tuple[float, bool]] = {}

    def own(
        self, name: str, shape: str, axis: str, step: int, value: float, *, is_percent: bool
    ) -> str:
        """Return the name for values of this kind of line under this axis; '' for a repeat."""
        renamed = self._renamed.get((shape, axis, name))
        if renamed is not None:
            return renamed
        use = self._uses.get(name)
        if use is not None and use.shape == shape and use.axis == axis:
            use.step, use.value = step, value
            return name
        own = self._new_name(name, shape, axis, step, value, is_percent=is_percent)
        if own != name and len(self._renamed) < MAX_NAMES:
            self._renamed[shape, axis, name] = own
        if own and (own in self._uses or len(self._uses) < MAX_NAMES):
            self._uses[own] = _Use(shape, axis, step, value, is_percent)
        return own

    def is_repeat(self, name: str, value: float, *, is_percent: bool) -> bool:
        """Return whether a value without an axis is the last one of its name in another unit."""
        last = self._lone.get(name)
        if last is not None and last[1] != is_percent and is_same_share(last[0], value):
            return True
        if last is not None or len(self._lone) < MAX_NAMES:
            self._lone[name] = value, is_percent
        return False

    def _new_name(
        self, name: str, shape: str, axis: str, step: int, value: float, *, is_percent: bool
    ) -> str:
        own = name
        for number in range(1, 10):
            own = name if number == 1 else f"{name} {number}"
            use = self._uses.get(own)
            if use is not None and use.axis != axis:
                own = f"{axis}/{own}"
                use = self._uses.get(own)
            if use is None or use.shape == shape or use.step != step or _same(use.value, value):
                return own
            if use.is_percent != is_percent and is_same_share(use.value, value):
                return _REPEATED
        return own


def _same(value: float, other: float) -> bool:
    return value == other or (math.isnan(value) and math.isnan(other))
