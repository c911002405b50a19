"""Lines of one pair each, held until their neighbours show whether they are settings.

A table of hyperparameters has lines such as `iou: 0.7`, which alone would be a result.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from registry_app.messages import Message
from registry_app.results import reasons
from registry_app.results.logs.limits import are_statistics
from registry_app.results.rows import Row
from registry_app.results.spelling import words_of

# A line of a listing: `key: value`, `key = value`, `| key | value |`, `"key": value,`.
_PAIR = re.compile(
    r"\s*(?:[-*•|│┃]\s*)?['\"]?(?P<key>[^\W\d][\w ./()%@-]{0,60}?)['\"]?"
    r"\s*(?:[:=|│┃]|\s{2,})\s*\S.{0,120}$"
)
# Lines that neither belong to a listing nor end it.
_RULE = re.compile(r"[\s\W_]*$")
MAX_LINES = 200


@dataclass
class Block:
    """The rows of neighbouring lines, and how many lines there were of each kind.

    `limits` are rows that count only next to another statistic of their metric. `is_given`: a
    heading said that settings follow.
    """

    rows: list[Row] = field(default_factory=list)
    limits: list[Row] = field(default_factory=list)
    metrics: int = 0
    settings: int = 0
    others: int = 0
    lines: int = 0
    is_given: bool = False

    @staticmethod
    def takes(text: str) -> bool:
        """Return whether a line is one of a listing."""
        return len(text) < 200 and _PAIR.match(text) is not None

    @staticmethod
    def key(text: str) -> str:
        """Return the text before the value of such a line, '' for any other line."""
        match = _PAIR.match(text) if len(text) < 200 else None
        return match["key"].strip() if match else ""

    @staticmethod
    def is_rule(text: str) -> bool:
        """Return whether a line is a rule or a bracket between others of a listing."""
        return bool(text.strip()) and _RULE.match(text) is not None

    def add(
        self, rows: Sequence[Row], *, settings: int, others: int, limits: Sequence[Row] = ()
    ) -> None:
        """Add a line: its rows, or the kind of line that it was."""
        self.lines += 1
        self.rows += rows
        self.limits += limits
        self.metrics += sum(len(row.values) for row in rows)
        self.settings += settings
        self.others += others

    def takes_unread(self, settings: int, others: int) -> bool:
        """Add a line without results; return false where it would be the last of a block."""
        if self.lines + 1 >= MAX_LINES:
            return False
        self.lines += 1
        self.settings += settings
        self.others += others
        return True

    def ends_unread(self) -> bool:
        """Begin a new block; return false where this one has rows to give."""
        if self.rows or self.limits:
            return False
        if self.is_open:
            self.close()
        return True

    @property
    def is_open(self) -> bool:
        """Return whether lines are held, or a heading waits for some."""
        return bool(self.lines) or self.is_given

    @property
    def is_full(self) -> bool:
        return self.lines >= MAX_LINES

    def close(self) -> tuple[list[Row], list[tuple[str, Message]]]:
        """Return the rows of the block, and the names that do not count; begin a new block."""
        is_most = self.settings and self.settings + self.others > self.metrics
        dropped = self.rows if is_most or self.is_given else []
        rows = [] if dropped else self._with_statistics()
        taken = {name for row in rows for name in row.values}
        ignored = [(name, reasons.SETTING()) for row in dropped for name in row.values]
        ignored += [(name, reasons.LIMIT()) for row in self.limits for name in row.values]
        self.__init__()  # type: ignore[misc]
        return rows, [item for item in ignored if item[0] not in taken]

    def _with_statistics(self) -> list[Row]:
        if not self.limits:
            return self.rows
        lines = [*self.rows, *self.limits]
        names = {name: words_of(name).split() for row in lines for name in row.values}
        statistics = [
            row
            for row in self.limits
            for name in row.values
            if any(are_statistics(names[name], other) for other in names.values())
        ]
        return sorted([*self.rows, *statistics], key=lambda row: row.line)
