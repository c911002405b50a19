"""Which metrics of a comparison count, and how much difference is no difference."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from registry_app.results.spelling import words_of
from registry_app.results.words import AXES, NEVER_WORDS, PHASES, SETTING_WORDS
from runs_app.choices import Direction
from runs_app.comparing.main_metric import MetricRule
from runs_app.comparing.metric_names import direction_by_name, spellings, unit_of

# More metrics make every single one of them less strict.
MAX_METRICS = 4
FLOOR_OF_SHARES = 0.002
FLOOR_OF_OTHERS = 0.01

_LOSSES = frozenset(
    "loss losses mse rmse mae mape nll logloss perplexity ppl bce 손실 손실값".split()
)
# How fast a machine is, not what was learned; such values differ between equal runs.
_SPEEDS = frozenset(
    "fps latency throughput ms msec size 지연 지연시간 추론시간 추론속도 처리속도".split()
)
# Any part of a name; the vocabulary of results compares whole names.
_SETTINGS = frozenset("lr rate epoch epochs step steps".split())
_SHARES = frozenset(
    "acc accuracy top1 top5 precision recall f1 map ap ar iou miou dice auc auroc hota mota idf1 "
    "pck oks 정확도 정밀도 재현율".split()
)


def counts(name: str) -> bool:
    """Whether a metric says something about what was learned.

    Times, speeds, sizes, counters and settings do not: the first differ between equal runs, the
    others change with any control.
    """
    words = {word.rstrip("0123456789") or word for word in words_of(name).split()}
    if not words.isdisjoint(_SPEEDS):
        return False
    if is_loss(name):  # `box_loss` is no setting, `train_time_loss` no time
        return True
    bookkeeping = AXES | NEVER_WORDS | SETTING_WORDS
    return words.isdisjoint(NEVER_WORDS | _SETTINGS) and bookkeeping.isdisjoint(spellings(name))


def is_loss(name: str) -> bool:
    """Whether a metric is a loss: a value without upper limit that training makes smaller."""
    return not _LOSSES.isdisjoint(words_of(name).split())


def chosen(names: Sequence[str], main: MetricRule) -> tuple[str, ...]:
    """Return at most four of the metrics: the main one, a loss, then the best-known others.

    `names` are the metrics that all runs report, in their order. A loss of the validation comes
    before one of the training.
    """
    left = [name for name in names if counts(name)]
    first = main.main_of(left)
    losses = sorted((name for name in left if is_loss(name)), key=_is_of_training)
    known = [name for name in left if not is_loss(name) and main.main_of([name])]
    order = [*([first] if first else []), *losses[:1], *known, *losses[1:2], *left]
    return tuple(dict.fromkeys(order))[:MAX_METRICS]


def _is_of_training(name: str) -> bool:
    return any(PHASES.get(word) == "train" for word in words_of(name).split())


def floor(name: str, old: Iterable[float], new: Iterable[float]) -> float:
    """Return the difference of means that is none: 0.2 points of shares, 1 % of all others.

    It serves scripts that give the same number every time, for which the spread is 0.
    """
    values = [abs(value) for value in (*old, *new)]
    largest = max(values, default=0.0)
    if _is_share(name) and largest <= 100:
        is_percent = unit_of(name) == "%" or largest > 1
        return FLOOR_OF_SHARES * (100 if is_percent else 1)
    reference = [abs(value) for value in old]
    return FLOOR_OF_OTHERS * (sum(reference) / len(reference) if reference else 0.0)


def _is_share(name: str) -> bool:
    if is_loss(name) or direction_by_name(name) == Direction.DOWN:
        return False
    words = words_of(name).split()
    return any(word in _SHARES or word.rstrip("0123456789") in _SHARES for word in words)


def in_all(runs: Sequence[Mapping[str, object]]) -> list[str]:
    """Return the names that all runs have, in the order of the first."""
    if not runs:
        return []
    return [name for name in runs[0] if all(name in run for run in runs[1:])]
