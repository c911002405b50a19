"""The record of a trainer of the standard interface: the metrics that it logged, by name and step.

`gf_base` writes one JSON object a line; only those of the kind `metric` hold numbers. Whatever
name a trainer gives a metric is one: it was logged as such.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterator

from registry_app.results import reasons
from registry_app.results.documents.lenient import NoJsonError, loads
from registry_app.results.file_names import TRAINER_RECORD
from registry_app.results.lines import Line, Lines
from registry_app.results.numbers import as_step
from registry_app.results.rows import ResultReader, Row


class TrainerLines(ResultReader):
    """Reads one such record."""

    name = "trainer"

    def __init__(self) -> None:
        super().__init__()
        self._lines = Lines()
        self._broken: list[int] = []

    @staticmethod
    def takes(path: str) -> bool:
        """Whether a file has the name of such a record."""
        return posixpath.basename(path) == TRAINER_RECORD

    def feed(self, data: bytes) -> Iterator[Row]:
        for line in self._lines.feed(data):
            yield from self._line(line)

    def end(self) -> Iterator[Row]:
        for line in self._lines.end():
            if line.text.rstrip().endswith("}"):  # else it is truncated
                yield from self._line(line)
        self.notes += self._lines.notes()
        if self._broken:
            self.notes.append(reasons.BROKEN_LINES(count=len(self._broken), line=self._broken[0]))

    def _line(self, line: Line) -> Iterator[Row]:
        text = line.text.strip()
        if not text:
            return
        try:
            data = loads(text)
        except NoJsonError:
            self._broken.append(line.number)
            return
        if not isinstance(data, dict) or data.get("kind") != "metric":
            return
        name, value, written = data.get("name"), data.get("value"), data.get("time")
        if not isinstance(name, str) or not name or not isinstance(value, int | float):
            return
        step = data.get("step")
        yield Row(
            values={name: float(value)},
            step=(as_step(float(step)) or 0) if isinstance(step, int | float) else 0,
            axis="step",
            line=line.number,
            begin_bytes=line.begin_bytes,
            written_s=float(written) if isinstance(written, int | float) else None,
        )
