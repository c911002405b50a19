"""The lines of `guardianflow scan --hit-rates`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from django.utils.translation import gettext as _

from registry_app.findings.hit_rates import HitRate, totals
from registry_app.reading import confidence_text


def hit_rate_lines(rates: Sequence[HitRate]) -> Iterator[str]:
    """Yield a line for each kind of value and confidence, those of all kinds last."""
    if not rates:
        yield _("No guess was decided singly yet.")
    everything = _("All values")
    for rate in (*rates, *totals(rates)):
        text = _("{kept} of {count} kept").format(kept=rate.kept, count=rate.count)
        share = f"  {rate.percent} %" if rate.percent is not None else ""
        yield f"{rate.field or everything}  [{confidence_text(rate.confidence)}]  {text}{share}"
