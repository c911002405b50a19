"""Which numbers of a line count epochs, steps or iterations."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from registry_app.results.logs.tokens import Tokens

_OPEN = r"['\"]?(?:\s*\((?:train|val|test|eval)\w*\))?\s*(?:[:=#-]{0,2}>?\s*)?[\[(|]?\s*['\"]?"
_BEFORE = r"(?:^|[^\w./-])"
_EPOCH = re.compile(
    rf"(?i){_BEFORE}(?P<word>epoch|ep|에폭|에포크|round|epochs|rounds){_OPEN}(?:no\.?\s*)?$"
)
_STEP = re.compile(
    rf"(?i){_BEFORE}(?P<word>step|global[_ ]step|iter|iteration|it|update|num_updates|timesteps?"
    rf"|스텝|반복|steps|iters|iterations){_OPEN}$"
)
_BATCH = re.compile(rf"(?i){_BEFORE}(?P<word>batch|배치){_OPEN}$")
_PLURAL = frozenset({"epochs", "rounds", "steps", "iters", "iterations"})
# `3 epoch`, `3번째 에폭`.
_EPOCH_BEHIND = re.compile(r"\s?(?:번째\s?)?(?:에폭|에포크)(?!\s*[:=]?\s*$)")
_TOTAL = re.compile(r"\s*(?:/|of|／)\s*$")
# The text between the brackets of `[3][ 10/100]`, `1 [640/60000 (1%)]`, `1 | 200/2983 batches`.
_INNER = re.compile(r"\]?[\s,|:]*[\[(|]\s*$")
# Not a moment of a training: `best epoch: 10`, `max epoch = 3`, `since epoch 5`, `--epoch 3`.
_NO_MOMENT = re.compile(
    r"(?i)(?:best|max|num|total|per|since|(?:number|total|count)\s+of|from|last|resume[ds]?|resuming|start(?:ing)?|warmup"
    r"|every|until|after|stopp?(?:ed|ing)?\s+at|saved?|load(?:ed|ing)?|--)[ _:]*$"
)
# A counter at the beginning of a line, without a word, but perhaps with a phase.
_PHASE = r"(?:\[?(?:train|val|valid|validation|test|eval)(?:ing)?\]?\s*:?\s*)"
_BEGIN = re.compile(rf"(?i)^\s*{_PHASE}?[\[(]?\s*$")
_PHASED = re.compile(rf"(?i)^\s*{_PHASE}$")
_ROUND = re.compile(r"^\s*\[\s*$")
# `0:\tlearn: 0.69`, as CatBoost prints it.
_LEARN = re.compile(r":\s+learn:\s*$")
# `[1,  2000] loss: 2.1`, as a tutorial of PyTorch prints it.
_PAIR_OF_COUNTERS = re.compile(r",\s+$")
# The rest of a date or a time of day.
_DATE = re.compile(r"\s*/|[\s,T-]{1,3}\d{1,2}:\d{2}")


@dataclass(frozen=True, kw_only=True)
class Axis:
    """Indexes of the numbers that count steps; -1 for an absent one.

    `word` is the axis of the rows. A `weak` axis is a counter without a word, accepted
    only together with the name of a metric. `head` ends the text before the counter.
    """

    word: str
    epoch: int = -1
    epoch_total: int = -1
    fine: int = -1
    fine_total: int = -1
    is_weak: bool = False
    used: frozenset[int] = field(default_factory=frozenset)

    @property
    def first(self) -> int:
        """The index of the first number that counts steps."""
        return min(position for position in (self.epoch, self.fine) if position >= 0)


def find_axis(tokens: Tokens) -> Axis | None:
    """Return the axis of a line, None if no number counts steps."""
    epoch = _find(tokens, _EPOCH) or _behind(tokens)
    step = _find(tokens, _STEP)
    axis = None
    if epoch is not None:
        axis = Axis(word="epoch", epoch=epoch[0], epoch_total=epoch[1], used=_used(epoch))
        fine = step or _inner(tokens, axis) or _find(tokens, _BATCH)
        if fine is not None:
            axis = replace(
                axis,
                word="step",
                fine=fine[0],
                fine_total=fine[1],
                used=axis.used | _used(fine),
            )
    elif step is not None:
        axis = Axis(word="step", fine=step[0], fine_total=step[1], used=_used(step))
    return axis or _pair_at_begin(tokens) or _at_begin(tokens)


def _used(pair: tuple[int, int]) -> frozenset[int]:
    return frozenset(position for position in pair if position >= 0)


def _find(tokens: Tokens, pattern: re.Pattern[str]) -> tuple[int, int] | None:
    """Return the first counter after a word, and its total."""
    for place, number in enumerate(tokens.numbers):
        text = tokens.texts[place]
        match = pattern.search(text)
        if match is None or not _may_count(number):
            continue
        before = text[: match.start("word")]
        if _NO_MOMENT.search(before):
            continue
        total = _total(tokens, place)
        if match["word"].lower() in _PLURAL and total < 0:
            continue
        return place, total
    return None


def _behind(tokens: Tokens) -> tuple[int, int] | None:
    for place, number in enumerate(tokens.numbers):
        if number.isdigit() and _EPOCH_BEHIND.match(tokens.texts[place + 1]):
            is_total = place > 0 and _TOTAL.fullmatch(tokens.texts[place])
            return (place - 1, place) if is_total else (place, -1)
    return None


def _inner(tokens: Tokens, axis: Axis) -> tuple[int, int] | None:
    """Return the progress inside an epoch that directly follows the epoch's number."""
    place = max(axis.epoch, axis.epoch_total) + 1
    if place >= len(tokens.numbers) or not _INNER.fullmatch(tokens.texts[place]):
        return None
    total = _total(tokens, place)
    return (place, total) if total >= 0 and _may_count(tokens.numbers[place]) else None


def _pair_at_begin(tokens: Tokens) -> Axis | None:
    texts = tokens.texts
    if texts[0].strip() != "[" or len(texts) < 4 or not _PAIR_OF_COUNTERS.fullmatch(texts[1]):
        return None
    are_whole = tokens.numbers[0].isdigit() and tokens.numbers[1].isdigit()
    if not are_whole or not texts[2].startswith("]"):
        return None
    return Axis(word="step", epoch=0, fine=1, used=frozenset({0, 1}))


def _at_begin(tokens: Tokens) -> Axis | None:
    """Return the counter that begins a line: `3/100`, `[3/100]`, `[3]`, `Train: 3 [10/100]`."""
    texts = tokens.texts
    if not tokens.numbers or not tokens.numbers[0].isdigit():
        return None
    total = _total(tokens, 0)
    if total >= 0 and _BEGIN.match(texts[0]) and not _DATE.match(texts[2]):
        return Axis(word="step", fine=0, fine_total=total, is_weak=True, used=_used((0, total)))
    if _ROUND.match(texts[0]) and texts[1].startswith("]"):
        return Axis(word="step", fine=0, is_weak=True, used=frozenset({0}))
    if not texts[0].strip() and _LEARN.match(texts[1]):
        return Axis(word="iter", fine=0, used=frozenset({0}))
    epoch = Axis(word="epoch", epoch=0, used=frozenset({0}))
    inner = _inner(tokens, epoch) if _PHASED.match(texts[0]) and texts[0].strip() else None
    if inner is None:
        return None
    return replace(
        epoch, word="step", fine=inner[0], fine_total=inner[1], used=epoch.used | _used(inner)
    )


def _total(tokens: Tokens, place: int) -> int:
    if place + 1 >= len(tokens.numbers) or not _TOTAL.fullmatch(tokens.texts[place + 1]):
        return -1
    return place + 1 if tokens.numbers[place + 1].isdigit() else -1


def _may_count(number: str) -> bool:
    return number[0] not in "+-." and number[-1].isdigit() and "e" not in number.lower()


def has_bar(texts: Sequence[str]) -> bool:
    """Return whether a line has a progress bar."""
    return any(sign in text for text in texts for sign in ("%|", "━", "[=", "█", "it/s", "/step"))
