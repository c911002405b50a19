"""Lines without results, recognised by their bytes: most lines of most logs.

Lines that differ only in their digits are of one kind. Once a line of a kind was parsed, and no
other digits could have made a result of it, the others are not parsed. A line of a kind costs a
hundredth of a parsed line. `tests/registry_app/results/test_quiet_lines.py` reads all logs with and
without it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from registry_app.results.logs.blocks import Block
from registry_app.results.logs.plan import Plan
from registry_app.results.spelling import key_of
from registry_app.results.words import SETTING_WORDS, has_word_of_header, is_setting

# Kinds that are remembered; beyond it all are forgotten.
MAX_KINDS = 10_000
# A longer line is parsed.
MAX_BYTES = 512
_ZEROS = bytes.maketrans(b"123456789", b"000000000")
_DIGIT = re.compile(r"\d")
_MAY_BE_F1 = re.compile(r"[fF](?<![A-Za-z\d][fF])\d(?![A-Za-z\d])")
_COMMA = re.compile(r"\d,\d")
_SETTINGS_WITH_DIGITS = frozenset(
    _DIGIT.sub("0", word) for word in SETTING_WORDS if _DIGIT.search(word)
)
# Between the columns of a table.
_GAPS = ("  ", "\t", "|", "│", "┃")
_COMMAS = re.compile(r"\s*(?:[Ee]poch|[Ss]tep|iter\w*|에폭)\s*,")


@dataclass(frozen=True, slots=True)
class Quiet:
    """A kind of line without a result, and what it does to the lines that are held.

    A `listed` line is held with them, as that many `settings` and `others`; a rule does nothing;
    any other line ends them.
    """

    is_listed: bool = False
    settings: int = 0
    others: int = 0
    is_rule: bool = False


class QuietLines:
    """The kinds of lines without results that were seen."""

    def __init__(self) -> None:
        self._kinds: dict[bytes, Quiet] = {}
        self._asked: bytes | None = None

    def find(self, data: bytes) -> Quiet | None:
        """Return the kind of a whole line; None for one that has to be parsed."""
        if len(data) > MAX_BYTES:
            self._asked = None
            return None
        self._asked = data.translate(_ZEROS)
        return self._kinds.get(self._asked)

    def forget(self) -> None:
        """Forget the line that was asked for: what is learned next is not of it."""
        self._asked = None

    def learn(self, quiet: Quiet | None) -> None:
        """Remember the kind of the line that was asked for last; None if it has none."""
        asked, self._asked = self._asked, None
        # Several progress bars are drawn in one line, and it is known of the first alone.
        if quiet is None or asked is None or asked.count(b"\r") > 1:
            return
        if len(self._kinds) >= MAX_KINDS:
            self._kinds.clear()
        self._kinds[asked] = quiet


def may_be_table(text: str) -> bool:
    """Return whether a line can be the header of a table of results."""
    has_columns = any(gap in text for gap in _GAPS) or _COMMAS.match(text)
    return bool(has_columns) and has_word_of_header(text)


def without_words(text: str) -> tuple[Quiet, bool]:
    """Return the kind of a line with a number, but without a word of results.

    The second value is whether it is of the same kind with any other digits.
    """
    is_sure = not may_be_table(text) and not _MAY_BE_F1.search(text)
    key = Block.key(text)
    if not key:
        return Quiet(), is_sure
    is_set = is_setting(key)
    is_sure = is_sure and _DIGIT.sub("0", key_of(key)) not in _SETTINGS_WITH_DIGITS
    return Quiet(is_listed=True, settings=int(is_set), others=int(not is_set)), is_sure


def planned(text: str, plan: Plan, shape: str) -> Quiet | None:
    """Return the kind of a line with words of results, None if it is not sure without a result.

    Lines of one shape have one plan. So the digits may differ where none is in the shape, and no
    comma is a decimal comma before some digits alone.
    """
    if plan.axis is not None or plan.items or plan.limits or plan.skipped:
        return None
    if _DIGIT.search(shape) or _COMMA.search(text) or may_be_table(text):
        return None
    if plan.named > 1 or not Block.takes(text):
        return Quiet()
    return Quiet(is_listed=True, settings=plan.settings, others=plan.others)
