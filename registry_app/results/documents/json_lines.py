"""Files with a JSON object in each line: mmengine's scalars, Detectron2's metrics, DETR's log.

Training and evaluation write into one file; a line counts by its own step, or by its epoch.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from registry_app.results import reasons
from registry_app.results.documents.flat import flat_numbers
from registry_app.results.documents.lenient import NoJsonError, loads
from registry_app.results.documents.values import Values, number_in, number_of_text
from registry_app.results.lines import Line, Lines
from registry_app.results.numbers import as_step
from registry_app.results.rows import ResultReader, Row, Skip
from registry_app.results.steps import StepCounter
from registry_app.results.tables.columns import Columns, why_ignored
from registry_app.results.words import EPOCH_AXES, STEP_AXES, axis_of, is_metric, phase_of


class JsonLines(ResultReader):
    """Reads one such file."""

    name = "json-lines"

    def __init__(self) -> None:
        super().__init__()
        self._lines = Lines()
        self._values = Values(self.skip)
        self._broken: list[int] = []
        self._steps = StepCounter()
        self._count = 0
        self._stepped: set[str] = set()
        # Names by the phase that used them first: mmcv calls the loss of both phases `loss`.
        self._phase_of_name: dict[str, str] = {}

    def feed(self, data: bytes) -> Iterator[Row]:
        for line in self._lines.feed(data):
            yield from self._line(line)

    def end(self) -> Iterator[Row]:
        for line in self._lines.end():
            if line.text.rstrip().endswith("}"):  # else it is truncated
                yield from self._line(line)
        self.notes += [*self._values.notes(), *self._lines.notes()]
        if self._broken:
            self.notes.append(reasons.BROKEN_LINES(count=len(self._broken), line=self._broken[0]))

    def _line(self, line: Line) -> Iterator[Row]:
        text = line.text.strip()
        if not text.startswith("{"):
            if text:
                self._broken.append(line.number)
            return
        try:
            data = loads(text)
        except NoJsonError as error:
            self.reason = self.reason or reasons.BROKEN_JSON(line=line.number + error.line - 1)
            self._broken.append(line.number)
            return
        if isinstance(data, dict):
            yield from self._row(line, data)

    def _row(self, line: Line, data: dict[str, Any]) -> Iterator[Row]:
        if Columns.of([str(key) for key in data]).is_of_items:
            self.reason = reasons.PREDICTIONS()
            return
        phase = phase_of(str(data.get("mode") or data.get("phase") or data.get("split") or ""))
        values: dict[str, float] = {}
        for name, value in flat_numbers(data, self._values):
            if axis_of(name.lstrip("_")):
                continue
            why = reasons.NEVER() if name.startswith("_") else why_ignored(name)
            if why is None:
                values[self._own_name(name, phase)] = value
            else:
                self.skip(name, why)
        step, axis = self._step(data, phase)
        if step is None:
            values = without_steps(values, self._stepped, self.skip)
            if not values:
                return
            step, axis, self._count = self._count, "row", self._count + 1
        else:
            self._stepped.update(values)
        if values:
            yield Row(
                values=values,
                step=step,
                axis=axis,
                line=line.number,
                begin_bytes=line.begin_bytes,
                written_s=_unix(data),
            )

    def _own_name(self, name: str, phase: str) -> str:
        first = self._phase_of_name.setdefault(name, phase)
        return name if first == phase or not phase else f"{phase}/{name}"

    def _step(self, data: dict[str, Any], phase: str) -> tuple[int | None, str]:
        epoch, epoch_word = axis_value(data, EPOCH_AXES)
        fine, fine_word = axis_value(data, STEP_AXES)
        whole = as_step(epoch)
        if phase in {"val", "test", "eval"} and whole is not None:
            return whole, epoch_word
        if fine is None or (counted := as_step(fine)) is None:
            return whole, epoch_word
        return counted if whole is None else self._steps.step(whole, counted), fine_word


def without_steps(values: dict[str, float], stepped: set[str], skip: Skip) -> dict[str, float]:
    """Return the values of a row without a step that count: none of a name that has steps."""
    if not any(map(is_metric, values)):
        stepped = set(values)
    for name in stepped.intersection(values):
        skip(name, reasons.NO_STEP())
    return {name: value for name, value in values.items() if name not in stepped}


def axis_value(data: dict[str, Any], words: frozenset[str]) -> tuple[float | None, str]:
    """Return the value of the first key that is one of these axes, and the axis; `step` wins."""
    found: dict[str, float] = {}
    for key, value in data.items():
        axis = axis_of(str(key).lstrip("_"))
        if axis in words and (number := _axis_number(value)) is not None:
            found.setdefault(axis, number)
    axis = next((name for name in ("step", "global_step", *found) if name in found), "")
    return found.get(axis), axis


def _axis_number(value: object) -> float | None:
    return number_of_text(value) if isinstance(value, str) else number_in(value)


def _unix(data: dict[str, Any]) -> float | None:
    for key in ("_timestamp", "timestamp", "wall_time"):
        seconds = number_in(data.get(key))
        if seconds is not None and 1e8 < seconds < 1e11:
            return seconds
    return None
