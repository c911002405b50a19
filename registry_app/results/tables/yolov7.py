"""The results.txt of YOLOv7 and its predecessors: a line for each epoch, no header.

0/299   5.2G  0.07  0.03  0.02  0.12   9   640   0.5  0.4  0.3  0.2  0.1  0.1  0.1
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from registry_app.results import reasons
from registry_app.results.lines import Line, Lines
from registry_app.results.numbers import number_of
from registry_app.results.rows import ResultReader, Row

_BEGIN = re.compile(r"\s*(\d{1,7})/\d{1,7}\s+[\d.]+[GM]?B?\s")
_LOSSES = ("train/box_loss", "train/obj_loss", "train/cls_loss", "train/total_loss")
_SCORES = ("metrics/precision", "metrics/recall", "metrics/mAP_0.5", "metrics/mAP_0.5:0.95")
_CHECKS = ("val/box_loss", "val/obj_loss", "val/cls_loss")
# Epoch, memory, four losses, labels, image size, and the results of the evaluation.
_WIDTH = 8
# YOLOR and the instance branch of YOLOv7 have one more loss, in training and in evaluation.
_SEG_LOSSES = ("train/box_loss", "train/seg_loss", *_LOSSES[1:])


class YoloTable(ResultReader):
    """Reads one results.txt."""

    name = "yolov7"

    def __init__(self) -> None:
        super().__init__()
        self._lines = Lines()

    @staticmethod
    def takes(text: str) -> bool:
        """Return whether the first line is a row of such a table."""
        first = next((line for line in text.split("\n") if line.strip()), "")
        return bool(_BEGIN.match(first)) and len(first.split()) >= _WIDTH

    def feed(self, data: bytes) -> Iterator[Row]:
        for line in self._lines.feed(data):
            yield from self._row(line)

    def end(self) -> Iterator[Row]:
        for line in self._lines.end():
            yield from self._row(line)

    def _row(self, line: Line) -> Iterator[Row]:
        begin = _BEGIN.match(line.text)
        cells = line.text.split()
        if begin is None or len(cells) < _WIDTH:
            return
        values: dict[str, float] = {}
        for name, cell in zip(_names(cells), cells, strict=False):
            if name and (value := number_of(cell)) is not None:
                values[name] = value
            elif name:
                self.skip(name, reasons.not_a_number(cell))
        if values:
            yield Row(
                values=values,
                step=int(begin[1]),
                axis="epoch",
                line=line.number,
                begin_bytes=line.begin_bytes,
            )


def _names(cells: list[str]) -> tuple[str, ...]:
    """Return the column names of a row, '' for columns that are not values.

    The image size, an integer of at least 32, ends the columns of the training.
    """
    size_at = next(
        (at for at in range(6, min(len(cells), 10)) if cells[at].isdigit() and int(cells[at]) >= 32
         and cells[at - 1].isdigit()),
        7,
    )  # fmt: skip
    losses = _SEG_LOSSES if size_at == 8 else _LOSSES
    return ("", "", *losses, "", "", *_SCORES, *_CHECKS)
