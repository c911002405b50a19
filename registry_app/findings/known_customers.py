"""The customers of the registry, in the form that a scan needs."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import Count, Exists, OuterRef

from registry_app.choices import FieldSource
from registry_app.inference.site.spellings import KnownCustomer
from registry_app.models import Customer, FieldProvenance


def known_customers() -> tuple[KnownCustomer, ...]:
    """Return every customer with its spellings and places, in three queries."""
    guessed = FieldProvenance.objects.filter(
        experiment__zone__site__customer=OuterRef("pk"),
        field="site.customer",
        source=FieldSource.SCANNED,
    )
    rows = (
        Customer.objects.exclude(name="")
        .annotate(
            is_guessed=Exists(guessed), seen=Count("sites__zones__experiments", distinct=True)
        )
        .prefetch_related("sites__zones")
        .order_by("name")
    )
    found = []
    for row in rows:
        sites = list(row.sites.all())
        zones = [zone.name for site in sites for zone in site.zones.all()]
        found.append(
            KnownCustomer(
                name=row.name,
                spellings=tuple(
                    spelling for spelling in (row.display_name, *row.aliases) if spelling
                ),
                regions=_names(site.region for site in sites),
                plants=_names(site.plant for site in sites),
                zones=_names(zones),
                is_certain=bool(
                    not row.is_guessed or row.seen > 1 or row.display_name or row.aliases
                ),
            )
        )
    return tuple(found)


def _names(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted({name for name in names if name}))
