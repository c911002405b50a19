"""Names of metrics: how spellings are compared, and which direction and unit a name says."""

from __future__ import annotations

import re
from functools import lru_cache

from registry_app.results.spelling import words_of
from runs_app.choices import Direction

# Prefixes that say where a value was measured, not what it is.
_SCOPES = frozenset(
    "metrics metric val valid validation test eval evaluation coco bbox segm all overall mean final"
    " best 검증 평가".split()
)
_LOWER_IS_BETTER = frozenset(
    "loss losses error errors err rmse mse mae mape perplexity ppl logloss nll wer cer eer fid"
    " lpips fpr fnr latency time times ms size 손실 손실값 오차 지연 지연시간 시간 추론시간"
    " 모델크기".split()
)
_FIRST_WORD = re.compile(r"([^\W_]+)[\W_]+(?=\w)")
_UNITS = {
    "fps": "fps",
    "ms": "ms",
    "msec": "ms",
    "mb": "MB",
    "mib": "MiB",
    "gb": "GB",
    "psnr": "dB",
    "db": "dB",
    "percent": "%",
    "pct": "%",
}


@lru_cache(maxsize=4096)
def spellings(name: str) -> tuple[str, ...]:
    """Return the words of a name, and those without the prefix of where it was measured."""
    words = words_of(name)
    parts = words.split()
    while len(parts) > 1 and parts[0] in _SCOPES:
        parts = parts[1:]
    return tuple(dict.fromkeys((words, " ".join(parts))))


@lru_cache(maxsize=4096)
def matches(pattern: str, name: str) -> bool:
    """Whether a name is spelled like a pattern; `*` in it matches any characters."""
    if "*" not in pattern:
        return words_of(pattern) in spellings(name)
    parts = [re.escape(words_of(part)) for part in pattern.split("*")]
    return any(re.fullmatch(".*".join(parts), words) for words in spellings(name))


@lru_cache(maxsize=4096)
def direction_by_name(name: str) -> Direction:
    """Return DOWN for losses, errors and times, UP for every other name."""
    is_lower = not _LOWER_IS_BETTER.isdisjoint(words_of(name).split())
    return Direction.DOWN if is_lower else Direction.UP


@lru_cache(maxsize=4096)
def unit_of(name: str) -> str:
    """Return the unit that a name says, '' if it says none."""
    if "%" in name:
        return "%"
    return next((_UNITS[word] for word in reversed(words_of(name).split()) if word in _UNITS), "")


def short_name(name: str) -> str:
    """Return a name without the prefix of where it was measured: `metrics/mAP50(B)` is `mAP50(B)`.

    What is left begins with a word that says what was measured.
    """
    short = name
    while (found := _FIRST_WORD.match(short)) and found[1].lower() in _SCOPES:
        short = short[found.end() :]
    return short or name
