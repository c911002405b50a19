"""Progress bars below the line of an epoch, as Keras and Paddle print them."""

from __future__ import annotations

from collections.abc import Mapping


class Bars:
    """The bars since the last epoch: its own, and those of an evaluation after it."""

    def __init__(self) -> None:
        self._last: tuple[int, int, frozenset[str]] | None = None
        self._is_evaluating = False

    def begin_epoch(self) -> None:
        """Forget the bars of the epoch before."""
        self._last, self._is_evaluating = None, False

    def values(self, at: int, total: int, values: Mapping[str, float]) -> dict[str, float]:
        """Return the values of a bar, under names of their own in an evaluation."""
        names = frozenset(values)
        self._is_evaluating = self._is_evaluating or self._begins_evaluation(at, total, names)
        self._last = (at, total, names)
        if not self._is_evaluating:
            return dict(values)
        return {f"eval {name}": value for name, value in values.items()}

    def _begins_evaluation(self, at: int, total: int, names: frozenset[str]) -> bool:
        """Return whether a bar continues after the epoch's own was full: that is an evaluation."""
        if self._last is None:
            return False
        last, last_total, last_names = self._last
        is_full = last >= last_total
        return is_full and (at < last or total != last_total or names < last_names)
