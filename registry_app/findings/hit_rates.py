"""How often the scan was right here: the guesses that people decided singly, by kind of value.

A kind is a dotted field, or `entry_points.TYPE.type` for the type of a script.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Count

from registry_app.changes.decided_guesses import DEFAULT, SCRIPT_TYPE
from registry_app.choices import Confidence
from registry_app.fields.names import split_field
from registry_app.findings.review_lines import harm_of
from registry_app.models import DecidedGuess

# With fewer decisions one more would change a percentage too much.
MIN_FOR_SHARE = 20


@dataclass(frozen=True, kw_only=True)
class Counted:
    """So many guesses of one field and confidence were all kept, or all not."""

    field: str
    confidence: str
    is_kept: bool
    count: int


@dataclass(frozen=True, kw_only=True)
class HitRate:
    """How many guesses of a kind and confidence were kept, and how many corrected or cleared.

    `field` is empty for all kinds together.
    """

    field: str
    confidence: str
    kept: int
    corrected: int

    @property
    def count(self) -> int:
        return self.kept + self.corrected

    @property
    def share(self) -> float | None:
        """The share that was kept, 0 to 1; None for too few decisions to speak of a share."""
        return self.kept / self.count if self.count >= MIN_FOR_SHARE else None

    @property
    def percent(self) -> int | None:
        """The share as a whole percentage; 100 only if all were kept."""
        return None if self.share is None else int(100 * self.share)


def hit_rates(counts: Iterable[Counted]) -> list[HitRate]:
    """Return a rate for each kind and confidence: the most harmful kind and *sure* first."""
    found: dict[tuple[str, str], list[int]] = {}
    for row in counts:
        tally = found.setdefault((row.field, row.confidence), [0, 0])
        tally[not row.is_kept] += row.count
    rates = [
        HitRate(field=field, confidence=confidence, kept=kept, corrected=corrected)
        for (field, confidence), (kept, corrected) in found.items()
    ]
    return sorted(rates, key=_place)


def totals(rates: Sequence[HitRate]) -> list[HitRate]:
    """Return one rate for each confidence, of all kinds together."""
    counts = (
        Counted(field="", confidence=rate.confidence, is_kept=is_kept, count=count)
        for rate in rates
        for is_kept, count in ((True, rate.kept), (False, rate.corrected))
    )
    return hit_rates(counts)


def stored_rates() -> list[HitRate]:
    """Return the rates of what people decided in this portal; one query."""
    return hit_rates(_stored())


def as_json(rates: Sequence[HitRate]) -> dict[str, Any]:
    """Return the rates for programs: `total` by confidence, `kinds` by field and confidence."""
    return {
        "total": [_plain(rate) for rate in totals(rates)],
        "kinds": [{"field": rate.field, **_plain(rate)} for rate in rates],
    }


def _stored() -> Iterator[Counted]:
    rows = DecidedGuess.objects.order_by().values_list("field", "confidence", "is_kept")
    for field, confidence, is_kept, count in rows.annotate(count=Count("pk")):
        yield Counted(field=field, confidence=confidence, is_kept=is_kept, count=count)


def _plain(rate: HitRate) -> dict[str, Any]:
    share = rate.share
    return {
        "confidence": rate.confidence,
        "kept": rate.kept,
        "corrected": rate.corrected,
        "share": None if share is None else round(share, 3),
    }


def _place(rate: HitRate) -> tuple[int, str, int]:
    known = Confidence.values
    confidence = known.index(rate.confidence) if rate.confidence in known else len(known)
    # The type of a script comes beside the default script, with which it was decided.
    kind, name = split_field(rate.field)
    field = f"{kind}.{DEFAULT}" if kind and name == SCRIPT_TYPE else rate.field
    return harm_of(field), rate.field, confidence
