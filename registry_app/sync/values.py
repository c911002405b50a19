"""Merge the parts of one value that both sides changed: elements of sets, rows by their name.

Order is kept for lists whose order means something (`classes`), which are merged as a whole.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from registry_app.document.spans.edits import canonical
from registry_app.fields.names import split_field

SETS = frozenset({"aliases", "patterns"})
ROWS = "parameters"
PAIRS = "environment"


def merged_value(name: str, base: Any, file: Any, portal: Any) -> tuple[Any, bool]:
    """Return the merged value of a dotted field, and whether its parts could be merged."""
    _kind, field = split_field(name)
    if field in SETS:
        return merged_set(base or [], file or [], portal or []), True
    if field == ROWS:
        rows = [{row["name"]: row for row in value or []} for value in (base, file, portal)]
        merged, fits = merged_pairs(*rows, deep=True)
        return list(merged.values()), fits
    if field == PAIRS:
        return merged_pairs(base or {}, file or {}, portal or {})
    return None, False


def merged_set(base: list[Any], file: list[Any], portal: list[Any]) -> list[Any]:
    """Return the elements that either side added, without those that either side removed.

    The order is that of the file, with the portal's new elements behind.
    """
    removed = [item for item in base if item not in file or item not in portal]
    kept = [item for item in file if item not in removed]
    return kept + [item for item in portal if item not in removed and item not in kept]


def merged_pairs(
    base: Mapping[str, Any],
    file: Mapping[str, Any],
    portal: Mapping[str, Any],
    *,
    deep: bool = False,
) -> tuple[dict[str, Any], bool]:
    """Return the merged mapping, and whether each value changed on one side only.

    With `deep`, a value is a mapping whose own values are merged like fields.
    """
    found: dict[str, Any] = {}
    for key in dict.fromkeys((*file, *portal)):
        f, d, b = file.get(key), portal.get(key), base.get(key)
        if canonical(f) == canonical(d):
            value = f
        elif canonical(f) == canonical(b):
            value = d
        elif canonical(d) == canonical(b):
            value = f
        elif deep and isinstance(f, Mapping) and isinstance(d, Mapping):
            value, fits = merged_pairs(b or {}, f, d)
            if not fits:
                return {}, False
        else:
            return {}, False
        if value is not None:
            found[key] = value
    return found, True
