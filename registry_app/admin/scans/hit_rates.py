"""The page that says how often the scan was right here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from registry_app.admin.labels import field_label
from registry_app.changes.decided_guesses import SCRIPT_TYPE
from registry_app.choices import Confidence, EntryPointType
from registry_app.fields.names import split_field
from registry_app.findings.hit_rates import MIN_FOR_SHARE, HitRate, stored_rates, totals


@dataclass(frozen=True, kw_only=True)
class ShownKind:
    """A row of the table: a cell for each confidence, None where nothing was decided."""

    label: str
    cells: tuple[HitRate | None, ...]


def page() -> dict[str, Any]:
    """Return the context of the page; one query."""
    rates = stored_rates()
    by_field: dict[str, list[HitRate]] = {}
    for rate in rates:
        by_field.setdefault(rate.field, []).append(rate)
    return {
        "min_for_share": MIN_FOR_SHARE,
        "confidences": [confidence.label for confidence in Confidence],
        "kinds": [
            ShownKind(label=kind_label(field), cells=_cells(own)) for field, own in by_field.items()
        ],
        "total": _cells(totals(rates)),
    }


def kind_label(field: str) -> str:
    """Return the label of a kind of value in the active language."""
    kind, name = split_field(field)
    if name == SCRIPT_TYPE and kind in EntryPointType.values:
        words = _("type of a script")
        return f"{EntryPointType(kind).label} · {words}"
    return field_label(field)


def _cells(rates: Sequence[HitRate]) -> tuple[HitRate | None, ...]:
    found = {rate.confidence: rate for rate in rates}
    return tuple(found.get(confidence) for confidence in Confidence)
