"""Read the output of a script line by line as it arrives."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence

from registry_app.results import reasons
from registry_app.results.lines import Line
from registry_app.results.logs import quiet
from registry_app.results.logs.axes import Axis
from registry_app.results.logs.bars import Bars
from registry_app.results.logs.blocks import Block
from registry_app.results.logs.console_table import ConsoleTable
from registry_app.results.logs.limits import is_settings_heading
from registry_app.results.logs.lines import LogLines
from registry_app.results.logs.name_uses import MAX_NAMES, NameUses
from registry_app.results.logs.names import STATISTICS
from registry_app.results.logs.plan import Plan, values_of
from registry_app.results.logs.plans import plan_of, plan_of_listing
from registry_app.results.logs.quiet import Quiet, QuietLines
from registry_app.results.logs.templates import Templates
from registry_app.results.logs.tokens import Tokens, count_of, value_of
from registry_app.results.rows import LOG, MAX_STEP, ResultReader, Row
from registry_app.results.steps import StepCounter
from registry_app.results.words import has_word_of_result, is_metric

_TRACEBACK = "Traceback (most recent call last)"
# What a line of a traceback begins with, also in a frame, as rich prints it.
_FRAME = " \t│╭╰┌└─|+"
_HAS_NUMBER = re.compile(r"\d|\b(?:nan|inf(?:inity)?)\b", re.IGNORECASE)
# A line with only a metric's name, and a line of the numbers below it.
_PREFIX = r"(?:\[[^\]]*\]\s*)*"
_HEADING = re.compile(rf"\s*{_PREFIX}([^\W\d][\w ]{{1,30}}):\s*$")
_STATISTIC = re.compile(rf"\s*{_PREFIX}(\w+)\s*[:=]")
# Number of line shapes whose plans are cached; beyond it the cache is cleared.
MAX_SHAPES = 2_000


class LogReader(ResultReader):
    """Reads stdout or stderr, or a log file.

    Rules, in this order: a line below the header of a table; a line with an axis; a line without
    an axis, whose values belong to the last epoch named, else are counted per name.
    """

    name = LOG
    is_by_line = True

    def __init__(self, quiet_lines: QuietLines | None = None) -> None:
        super().__init__()
        self._lines = LogLines(self._is_passed_over)
        self._quiet = quiet_lines or QuietLines()
        self._table = ConsoleTable()
        self._block = Block()
        self._plans: dict[tuple[str, str], Plan] = {}
        self._templates = Templates()
        self._steps = StepCounter()
        self._epoch: int | None = None
        self._fraction: tuple[float, int] | None = None
        self._counts: dict[str, int] = {}
        self._names = NameUses()
        self._bars = Bars()
        self._in_traceback = False
        self._heading = ""
        self._last = (0, "")

    def feed(self, data: bytes) -> Iterator[Row]:
        for line in self._lines.feed(data):
            rows = self._line(line)
            self._quiet.forget()
            yield from rows

    def end(self) -> Iterator[Row]:
        for line in self._lines.end():
            yield from self._line(line)
        yield from self._close_block()

    def _close_block(self) -> list[Row]:
        if not self._block.is_open:
            return []
        rows, dropped = self._block.close()
        for name, reason in dropped:
            self.skip(name, reason)
        return rows

    def _is_passed_over(self, data: bytes) -> bool:
        """Do what a known line without a result does; return false for a line to parse."""
        if self._in_traceback or self._table.is_open or self._heading:
            return False
        kind = self._quiet.find(data)
        if kind is None or kind.is_rule:
            return kind is not None
        if kind.is_listed:
            return self._block.takes_unread(kind.settings, kind.others)
        return self._block.ends_unread()

    def _line(self, line: Line) -> Sequence[Row]:
        text = line.text
        if not self._in_traceback and not self._table.is_open:
            found = self._templates.find(text)
            if found is not None:
                template, numbers = found
                self._quiet.learn(quiet.planned(text, template.plan, template.shape[0]))
                return self._planned(line, numbers, template.plan, template.shape[0])
        if self._is_in_traceback(text):
            return ()
        has_number = _HAS_NUMBER.search(text)
        if self._table.is_open and text.strip() and not Block.is_rule(text):
            if not has_number and self._table.opens(text):
                return ()
            row = self._table.row(text)
            if row is not None:
                return self._placed(line, row.values, row.step, row.axis, shape="table")
        if quiet.may_be_table(text) and self._table.opens(text):
            return self._close_block()
        return self._with_numbers(line, text) if has_number else self._without_number(text)

    def _under_heading(self, text: str, numbers: Sequence[str]) -> dict[str, float]:
        """Return the value of `Median: 12.3 ms` below a line `Latency:`."""
        match = _STATISTIC.match(text)
        if match is None or match[1].lower() not in STATISTICS or len(numbers) != 1:
            self._heading = ""
            return {}
        return {f"{self._heading} {match[1]}": value_of(numbers[0])}

    def _is_in_traceback(self, text: str) -> bool:
        """Return whether a line belongs to a traceback, whose source lines are no results."""
        if text.lstrip(_FRAME).startswith(_TRACEBACK):
            self._in_traceback = True
            return True
        if self._in_traceback and not text.startswith(tuple(_FRAME)):
            self._in_traceback = False
            return True  # the exception itself
        return self._in_traceback

    def _without_number(self, text: str) -> Sequence[Row]:
        heading = _HEADING.match(text)
        self._heading = heading[1] if heading and is_metric(heading[1]) else ""
        if self._heading:
            return ()
        if is_settings_heading(text):
            rows = self._close_block()
            self._block.is_given = True
            return rows
        is_listed = Block.takes(text)
        kind = Quiet(is_listed=is_listed, others=int(is_listed), is_rule=Block.is_rule(text))
        self._quiet.learn(kind)
        return self._passed(kind)

    def _passed(self, kind: Quiet) -> Sequence[Row]:
        """Return the rows that a line without a result ends."""
        if kind.is_listed:
            self._block.add((), settings=kind.settings, others=kind.others)
            return self._close_block() if self._block.is_full else ()
        return () if kind.is_rule else self._close_block()

    def _with_numbers(self, line: Line, text: str) -> Sequence[Row]:
        if not self._heading and not has_word_of_result(text):
            kind, is_sure = quiet.without_words(text)
            self._quiet.learn(kind if is_sure else None)
            return self._passed(kind)
        tokens = Tokens.of(text)
        plan = self._plan(tokens, text)
        self._templates.add(tokens, plan)
        self._quiet.learn(quiet.planned(text, plan, tokens.shape[0]))
        return self._planned(line, tokens.numbers, plan, tokens.shape[0])

    def _planned(self, line: Line, numbers: Sequence[str], plan: Plan, shape: str) -> Sequence[Row]:
        """Return the rows of a line by its plan; it may first end the lines that were held."""
        for name, reason in plan.skipped:
            self.skip(name, reason)
        if plan.axis is not None:
            self._heading = ""
            return [*self._close_block(), *self._with_axis(line, numbers, plan, plan.axis, shape)]
        values = dict(values_of(plan.items, numbers))
        if self._heading:
            values = self._under_heading(line.text, numbers) or values
        rows = self._without_axis(line, values, shape, plan.percents)
        if plan.named > 1 or not Block.takes(line.text):
            return [*self._close_block(), *rows]
        limits: Sequence[Row] = ()
        if plan.limits:
            limits = self._without_axis(line, dict(values_of(plan.limits, numbers)), shape, ())
        self._block.add(rows, settings=plan.settings, others=plan.others, limits=limits)
        return self._close_block() if self._block.is_full else ()

    def _plan(self, tokens: Tokens, text: str) -> Plan:
        shape = tokens.shape
        plan = self._plans.get(shape)
        if plan is None:
            if len(self._plans) >= MAX_SHAPES:
                self._plans.clear()
            is_of_results = has_word_of_result(text)
            plan = plan_of(tokens, text) if is_of_results else plan_of_listing(text)
            self._plans[shape] = plan
        return plan

    def _with_axis(
        self, line: Line, numbers: Sequence[str], plan: Plan, axis: Axis, shape: str
    ) -> Sequence[Row]:
        values = dict(values_of(plan.items, numbers))
        total = count_of(numbers[axis.fine_total]) if axis.fine_total >= 0 else None
        fine = count_of(numbers[axis.fine]) if axis.fine >= 0 else 0
        if axis.epoch < 0 and total is not None and plan.has_bar and self._epoch is not None:
            values = self._bars.values(fine, total, values)
            return self._placed(line, values, self._epoch, "epoch", shape="bar")
        epoch = self._epoch_of(numbers[axis.epoch]) if axis.epoch >= 0 else None
        if epoch is not None and not plan.phase:
            self._epoch = epoch
            self._bars.begin_epoch()
        step, word = epoch, "epoch"
        if step is None or (axis.fine >= 0 and not plan.phase):
            step = fine if epoch is None else self._steps.step(epoch, fine, total)
            word = axis.word
        if plan.phase and epoch is None and total is not None:
            # Progress of an evaluation, not of the training.
            step, word = self._last if self._epoch is None else (self._epoch, "epoch")
        elif not plan.phase:
            self._last = (step, word)
        return self._placed(line, values, step, word, shape=shape, percents=plan.percents)

    def _epoch_of(self, number: str) -> int:
        """Return an epoch as a step; parts of epochs are counted, as steps are whole."""
        value = value_of(number)
        if self._fraction is None and value.is_integer():
            return count_of(number)
        last, count = self._fraction or (-1.0, self._epoch or 0)
        self._fraction = (value, count + (value != last))
        return self._fraction[1]

    def _without_axis(
        self, line: Line, values: Mapping[str, float], shape: str, percents: Collection[str]
    ) -> list[Row]:
        """Assign values to the last epoch named, else to consecutive steps."""
        if self._epoch is not None:
            return self._placed(line, values, self._epoch, "epoch", shape=shape, percents=percents)
        by_step: dict[int, dict[str, float]] = {}
        for name, value in values.items():
            if self._names.is_repeat(name, value, is_percent=name in percents):
                continue
            step = self._counts.get(name, 0)
            by_step.setdefault(step, {})[name] = value
            if step or len(self._counts) < MAX_NAMES:
                self._counts[name] = step + 1
        return [
            Row(values=named, step=step, line=line.number, begin_bytes=line.begin_bytes)
            for step, named in by_step.items()
        ]

    def _placed(
        self,
        line: Line,
        values: Mapping[str, float],
        step: int,
        axis: str,
        *,
        shape: str,
        percents: Collection[str] = (),
    ) -> list[Row]:
        if not values or step > MAX_STEP:
            for name in values:
                self.skip(name, reasons.NO_STEP())
            return []
        if step < 0:
            return self._without_axis(line, values, shape, percents)
        own = self._names.own
        named = {
            own(name, shape, axis, step, value, is_percent=name in percents): value
            for name, value in values.items()
        }
        named.pop("", None)
        if axis == "epoch" and shape == "table":
            self._epoch = step
        if not named:
            return []
        return [
            Row(values=named, step=step, axis=axis, line=line.number, begin_bytes=line.begin_bytes)
        ]
