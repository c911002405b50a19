"""The known values that an experiment's form offers for each part of a site."""

from __future__ import annotations

from registry_app.models import Customer


def known_places() -> dict[str, list[tuple[str, str]]]:
    """Return the known values that the form offers for each part of a site; one query."""
    rows = Customer.objects.values_list(
        "name", "display_name", "sites__region", "sites__plant", "sites__zones__name"
    )
    customers: dict[str, str] = {}
    parts: tuple[set[str], ...] = (set(), set(), set())
    for name, label, *words in rows.order_by("name"):
        if name:
            customers[name] = label
        for known, word in zip(parts, words, strict=True):
            if word:
                known.add(word)
    regions, plants, zones = ([(word, "") for word in sorted(known)] for known in parts)
    return {
        "customers": list(customers.items()),
        "regions": regions,
        "plants": plants,
        "zones": zones,
    }
