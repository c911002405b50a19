"""Tables without an axis: a value per name, a row per class, a confusion matrix."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from registry_app.results import reasons
from registry_app.results.lines import Line
from registry_app.results.rows import Row, Skip
from registry_app.results.spelling import key_of, words_of
from registry_app.results.tables.columns import Columns, why_ignored
from registry_app.results.words import CURVE_SETTINGS, is_metric, is_never, is_setting, phase_of

# A longer table without an axis is data.
MAX_ROWS = 500
_LABEL_NAMES = frozenset(
    "class classes class_id class_name name label category fold model format backend "
    "클래스 이름 모델".split()
)
# The name of a file that is an item, and no class or model.
_FILE = re.compile(r"(?i).+\.(?:jpe?g|png|bmp|tiff?|webp|gif|mp4|avi|mov|txt|json|xml|npy)")
# A time, which names nothing.
_TIME = re.compile(r"\d{4}[-/.]\d{1,2}[-/.]\d{1,2}.*|\d{1,2}:\d{2}.*")
# The names of files that hold the history of a training.
_HISTORY = re.compile(r"(?i)(?:^|[\W_])(?:history|hist|logs?|progress|training)(?:$|[\W_\d])")
_Rows = Sequence[tuple[Line, list[str]]]


@dataclass(frozen=True, kw_only=True)
class SummaryTable:
    """A table without an axis, all of whose values are at step 0, or in order in a history.

    `stem` is the name of its file. `number` reads a cell; `value` reads the cell of a column and
    reports one that is no number.
    """

    columns: Columns
    stem: str
    number: Callable[[str], float | None]
    value: Callable[[str, str], float | None]
    skip: Skip

    def rows(self, lines: _Rows) -> Iterator[Row]:
        """Yield the rows; none for a table of items."""
        for read in (
            self._matrix,
            self._names_and_values,
            self._per_label,
            self._one_row,
            self._in_order,
        ):
            found = list(read(lines))
            if found:
                yield from found
                return

    def _matrix(self, lines: _Rows) -> Iterator[Row]:
        """Read a confusion matrix: the words of the first column are those of the header."""
        names = self.columns.names[1:]
        labels = [cells[0] if cells else "" for _line, cells in lines]
        if len(names) < 2 or list(names) != labels[: len(names)] or len(lines) > len(names):
            return
        for line, cells in lines:
            yield from _at(
                line,
                {
                    f"confusion/{cells[0]}/{name}": value
                    for name, cell in zip(names, cells[1:], strict=False)
                    if (value := self.value(name, cell)) is not None
                },
            )

    def _names_and_values(self, lines: _Rows) -> Iterator[Row]:
        """Read a table of two columns, a metric's name and its value, with or without a header."""
        if len(self.columns.names) != 2:
            return
        header = list(self.columns.names)
        is_headless = self.number(header[1]) is not None
        first = [(Line("", 1, 0), header)] if is_headless else []
        pairs = [(line, cells) for line, cells in (*first, *lines) if len(cells) == 2]
        if not any(is_metric(name) for _line, (name, _cell) in pairs):
            return
        for line, (name, cell) in pairs:
            if not is_metric(name):
                self._leave_out(name, cell)
            elif (value := self.value(name, cell)) is not None:
                yield from _at(line, {name: value})

    def _per_label(self, lines: _Rows) -> Iterator[Row]:
        """Read a row for each class, model or format, with metrics next to its name."""
        label = self._label_column(lines)
        if label < 0 or self.columns.is_of_items:
            return
        names = self.columns.names
        wanted = [at for at, name in enumerate(names) if at != label and is_metric(name)]
        labels = [cells[label] for _line, cells in lines if label < len(cells)]
        if not wanted or len(set(labels)) != len(labels) or any(map(_FILE.fullmatch, labels)):
            return
        for line, cells in lines:
            for at, name in enumerate(names[: len(cells)]):
                if at != label and at not in wanted:
                    self._leave_out(name, cells[at])
            yield from _at(
                line,
                {
                    f"{cells[label]}/{names[at]}": value
                    for at in wanted
                    if at < len(cells) and (value := self.value(names[at], cells[at])) is not None
                },
            )

    def _label_column(self, lines: _Rows) -> int:
        """Return the first column that names classes or has only words; -1 if there is none."""
        for at, name in enumerate(self.columns.names):
            cells = [cells[at] for _line, cells in lines if at < len(cells)]
            is_named = key_of(name) in _LABEL_NAMES
            if is_metric(name) or any(_TIME.fullmatch(cell) for cell in cells):
                continue
            if cells and all(cell and (is_named or self.number(cell) is None) for cell in cells):
                return at
        return -1

    def _one_row(self, lines: _Rows) -> Iterator[Row]:
        """Read a header with one row of values."""
        names = self.columns.names
        if len(lines) != 1 or self.columns.is_of_items or not any(map(is_metric, names)):
            return
        line, cells = lines[0]
        values: dict[str, float] = {}
        for name, cell in zip(names, cells, strict=False):
            if not name or is_never(name) or is_setting(name):
                self._leave_out(name, cell)
            elif (value := self.value(name, cell)) is not None:
                values[name] = value
        yield from _at(line, values)

    def _in_order(self, lines: _Rows) -> Iterator[Row]:
        """Read a row for each step of a history that does not count them, such as Keras's."""
        names = self.columns.names
        values = [at for at, name in enumerate(names) if is_metric(name) or _is_rate(name)]
        others = [at for at, name in enumerate(names) if at not in values]
        if self.columns.is_of_items or not any(is_metric(names[at]) for at in values):
            return
        are_times = [is_never(names[at]) or not names[at] for at in others]
        if not all(are_times) or not (others or self._is_history(names)):
            return
        for step, (line, cells) in enumerate(lines):
            found = {
                names[at]: value
                for at in values
                if at < len(cells) and (value := self.value(names[at], cells[at])) is not None
            }
            yield from _at(line, found, step=step, axis="row")

    def _is_history(self, names: Sequence[str]) -> bool:
        """Return whether a file is named after a history, or has metrics of two phases."""
        plain = {words_of(name) for name in names}
        phased = {
            " ".join(words[1:]) for words in (name.split() for name in plain) if phase_of(words[0])
        }
        return bool(_HISTORY.search(self.stem)) or bool(plain & phased)

    def _leave_out(self, name: str, cell: str) -> None:
        """Report a number that is not under the name of a metric."""
        if self.number(cell) is not None:
            other = reasons.SETTING() if is_setting(name) else reasons.NO_METRIC()
            self.skip(name, why_ignored(name) or other)


def _is_rate(name: str) -> bool:
    return key_of(name) in CURVE_SETTINGS


def _at(line: Line, values: dict[str, float], *, step: int = 0, axis: str = "") -> Iterator[Row]:
    if values:
        yield Row(
            values=values, step=step, axis=axis, line=line.number, begin_bytes=line.begin_bytes
        )
