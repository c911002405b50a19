"""Tables on a console: a line of names, and lines of values below it.

Ultralytics prints one for each epoch and one per class, scikit-learn its report, fastai its
history; benchmarks print Markdown.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from registry_app.results.numbers import number_of
from registry_app.results.spelling import key_of
from registry_app.results.tables.columns import is_ignored
from registry_app.results.words import EPOCH_AXES, axis_of, is_metric

# The width of spaces is bounded, or a line of spaces would take the square of its length.
_BAR = re.compile(r"\)?:?\s{0,40}\d{1,3}%\s{0,40}(?:\||━|█|╸|╺).*$|\)?:\s{0,40}\d{1,3}%.*$")
_FRAMES = str.maketrans("│┃║", "|||")
_WIDE = re.compile(r"\s{2,}|\t")
_COUNT = re.compile(r"(\d{1,9})(?:/(\d{1,9}))?")
_GROUP = re.compile(r"(?P<group>[A-Z][a-z]+)\((?P<name>\S+)")
_NUMBER = re.compile(r"(?<![\w@:.-])\d+(?:\.\d+)?(?!\w)")
# The header of a table with commas, as a script prints it.
_COMMAS = re.compile(
    r"(?i)\s*(?:epoch|step|iter|iteration|에폭)\s*(?:,[ \t]*[^\W\d][\w./@()% -]*)+\s*$"
)
_SHORT = {"P": "precision", "R": "recall"}
# Columns that are not results in such a table, whatever their last word.
_IGNORED = frozenset(
    {"size", "labels", "instances", "images", "support", "gpu_mem", "idx", "index"}
)
_WHOLE = frozenset({"all", "overall", "total", "", "mean", "average"})
MAX_COLUMNS = 60


@dataclass(frozen=True, kw_only=True)
class TableRow:
    """The values of one line; `step` is -1 where no column counts."""

    values: Mapping[str, float]
    step: int = -1
    axis: str = ""


class ConsoleTable:
    """Remember the last header, and read the lines that fit below it."""

    def __init__(self) -> None:
        self._names: list[str] = []
        self._has_bars = False

    @property
    def is_open(self) -> bool:
        return bool(self._names)

    def opens(self, text: str) -> bool:
        """Take a line as a header; return whether it is one."""
        text = _BAR.sub("", text).translate(_FRAMES)
        if _COMMAS.match(text):
            text = text.replace(",", "|")
        has_bars = "|" in text
        if not has_bars and not _WIDE.search(text.strip()):
            return False
        cells = [cell for cell in _cells(text, has_bars=has_bars, is_header=True) if cell]
        if not 2 <= len(cells) <= MAX_COLUMNS or not _are_names(cells):
            return False
        self._names, self._has_bars = _clear(cells), has_bars
        return True

    def row(self, text: str) -> TableRow | None:
        """Read a line below the header; None for one that does not fit, which ends the table."""
        text = _BAR.sub("", text).translate(_FRAMES)
        if self._has_bars and "|" not in text:
            text = text.replace(",", "|")
        cells = _cells(text, has_bars="|" in text and self._has_bars, is_header=False)
        found = self._fitted(cells) if cells else None
        if found is None:
            self._names = []
        return found

    def _fitted(self, cells: list[str]) -> TableRow | None:
        numbers = [number_of(cell) for cell in cells]
        names = self._names
        if len(cells) == len(names) and sum(number is not None for number in numbers):
            label = cells[0] if numbers[0] is None and not _COUNT.fullmatch(cells[0]) else ""
            return self._row(names, cells, label)
        trailing = 0
        while trailing < len(numbers) and numbers[-1 - trailing] is not None:
            trailing += 1
        if self._has_bars or not trailing:
            return None
        label = _label(cells[: len(cells) - trailing])
        if trailing < len(names) and label and trailing < 3 and is_metric(label):
            return TableRow(values={label: numbers[-trailing] or 0.0})
        width = min(trailing, len(names))
        extra = trailing - width
        if (label and len(names) - width > 2) or extra > 1 or width < min(2, len(names)):
            return None
        return self._row(names[-width:], cells[-width:], label)

    def _row(self, names: list[str], cells: list[str], label: str) -> TableRow:
        values: dict[str, float] = {}
        step, axis = -1, ""
        has_axis = any(axis_of(name) for name in names)
        prefix = "" if label.lower() in _WHOLE else f"{label}/"
        for name, cell in zip(names, cells, strict=True):
            if word := axis_of(name):
                count = _COUNT.fullmatch(cell)
                if count and (not axis or word not in EPOCH_AXES):
                    step, axis = int(count[1]), word
                continue
            value = number_of(cell)
            if value is None or key_of(name) in _IGNORED or is_ignored(name):
                continue
            if has_axis or is_metric(name):
                values[f"{prefix}{name}"] = value
        return TableRow(values=values, step=step, axis=axis)


def _cells(text: str, *, has_bars: bool, is_header: bool) -> list[str]:
    if has_bars:
        return [part.strip(" *") for part in text.strip().strip("|").split("|")]
    wide = [part for part in _WIDE.split(text.strip()) if part]
    narrow = text.split()
    return wide if is_header and not _GROUP.search(text) else narrow


def _are_names(cells: list[str]) -> bool:
    """Return whether cells are names of result columns."""
    if any(_NUMBER.search(c) or number_of(c) is not None or len(c) > 40 for c in cells):
        return False
    if any(sign in cell for cell in cells for sign in "=:" if not _is_map(cell)):
        return False
    metrics = [cell for cell in cells if is_metric(cell) and key_of(cell) not in _IGNORED]
    return bool(metrics) or {"P", "R"} <= set(cells)


def _is_map(cell: str) -> bool:
    return "map" in cell.lower() or "ap@" in cell.lower()


def _clear(cells: list[str]) -> list[str]:
    """Return unique names of a header, also for `Box(P R mAP50) Mask(P R mAP50)`."""
    group = ""
    names = []
    for cell in cells:
        name = cell
        if match := _GROUP.fullmatch(cell):
            group = "" if match["group"] == "Box" else f"{match['group']} "
            name = match["name"]
        name = name.rstrip("):") if name.count("(") < name.count(")") else name
        names.append(
            f"{group}{_SHORT.get(name, name)}" if name not in {"Class", "Images"} else name
        )
    return names


def _label(words: list[str]) -> str:
    """Return the label of a row: its words, without the index that pandas puts before them."""
    words = words[1:] if words and words[0].isdigit() and len(words) > 1 else words
    return " ".join(word for word in words if any(map(str.isalnum, word)))
