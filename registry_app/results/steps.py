"""Monotonic steps from counters that restart with each epoch."""

from __future__ import annotations

from registry_app.results.rows import MAX_STEP


class StepCounter:
    """Convert an epoch and a finer counter into one step.

    If the finer counter restarts in a new epoch, its count so far is added, so that no two moments
    of a training share a step. A counter that always grows counts the whole training and is used
    as the step. If the epoch falls back too, the training started again, and the step restarts.
    """

    def __init__(self) -> None:
        self._epoch: int | None = None
        self._fine = 0
        self._first = 0
        self._greatest = 0
        self._offset = 0

    def step(self, epoch: int | None, fine: int, total: int | None = None) -> int:
        """Return the step of a row; `total` is the end of the counter, if known."""
        if self._epoch is None:
            self._first = fine
        elif epoch is not None and epoch < self._epoch:
            self._offset = self._greatest = 0
        elif epoch is not None and epoch > self._epoch and fine <= self._fine:
            self._offset += total or self._greatest + (self._first == 0)
            self._greatest = 0
        self._epoch = self._epoch if epoch is None else epoch
        self._fine = fine
        self._greatest = max(self._greatest, fine)
        return min(self._offset + fine, MAX_STEP)
