"""Whether numbers of runs may be compared: by their data, their classes and their main metrics.

What is not known is never taken for the same. Three answers of several runs: the aspects of all of
them together, how one stands to another, and which of them are company: so alike that the best of
them is a best.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from runs_app.comparing.data import SameData, same_data
from runs_app.comparing.metric_names import matches
from runs_app.models import Run


class Aspect(StrEnum):
    """What has to be the same for numbers to be comparable."""

    DATA = "data"
    CLASSES = "classes"
    METRIC = "metric"


@dataclass(frozen=True, kw_only=True)
class Basis:
    """What the numbers of a run rest on; each is '' if unknown.

    `main_metric` is the metric that speaks for it.
    """

    data_key: str = ""
    classes_key: str = ""
    main_metric: str = ""

    @staticmethod
    def stored(run: Run) -> Basis:
        """Return the basis that the run's row holds."""
        return Basis(
            data_key=run.data_key, classes_key=run.classes_key, main_metric=run.main_metric
        )


@dataclass(frozen=True, kw_only=True)
class Comparability:
    """What is known of the data, classes and main metrics of runs.

    `SameData.NAMED_SAME` is of data alone: the same name, contents not known.
    """

    data: SameData
    classes: SameData
    metric: SameData

    def of(self, aspect: Aspect) -> SameData:
        """Return what is known of one aspect."""
        found: SameData = getattr(self, aspect.value)
        return found

    @property
    def different(self) -> tuple[Aspect, ...]:
        """The aspects that differ."""
        return tuple(aspect for aspect in Aspect if self.of(aspect) == SameData.DIFFERENT)

    @property
    def uncertain(self) -> tuple[Aspect, ...]:
        """The aspects of which it is not known whether they differ."""
        unsure = {SameData.NAMED_SAME, SameData.UNKNOWN}
        return tuple(aspect for aspect in Aspect if self.of(aspect) in unsure)


def between(one: Basis, other: Basis) -> Comparability:
    """Compare the basis of two runs."""
    return Comparability(
        data=same_data(one.data_key, other.data_key),
        classes=_same(one.classes_key, other.classes_key),
        metric=_same_metric(one.main_metric, other.main_metric),
    )


def among(several: Sequence[Basis]) -> Comparability:
    """Compare the basis of several runs: different if any two are, else unknown if any two are."""
    unlike = list(dict.fromkeys(several))
    pairs = [
        between(one, other) for place, one in enumerate(unlike) for other in unlike[place + 1 :]
    ]
    # Equal rows say nothing of themselves but what they know.
    pairs += [between(one, one) for one in unlike]
    return Comparability(
        data=_worst(pair.data for pair in pairs),
        classes=_worst(pair.classes for pair in pairs),
        metric=_worst(pair.metric for pair in pairs),
    )


def is_company(one: Basis, other: Basis) -> bool:
    """Whether the best of two runs is a best, as in lists: the same is known of both."""
    return (
        one.data_key == other.data_key
        and one.classes_key == other.classes_key
        and (
            one.main_metric == other.main_metric
            or _same_metric(one.main_metric, other.main_metric) == SameData.SAME
        )
    )


def _same(one: str, other: str) -> SameData:
    if not one or not other:
        return SameData.UNKNOWN
    return SameData.SAME if one == other else SameData.DIFFERENT


def _same_metric(one: str, other: str) -> SameData:
    """Compare main metrics by their words: `val/mAP50` is `metrics/mAP50`."""
    if not one or not other:
        return SameData.UNKNOWN
    is_same = matches(one, other) or matches(other, one)
    return SameData.SAME if is_same else SameData.DIFFERENT


_WORST_FIRST = (SameData.DIFFERENT, SameData.UNKNOWN, SameData.NAMED_SAME, SameData.SAME)


def _worst(found: Iterable[SameData]) -> SameData:
    return min(found, key=_WORST_FIRST.index, default=SameData.UNKNOWN)
