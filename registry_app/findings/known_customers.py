"""The customers of the registry, in the form that a scan needs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Count, Exists, OuterRef

from registry_app.choices import Confidence, FieldSource
from registry_app.findings.customers import AGREEING
from registry_app.inference.site.spellings import KnownCustomer
from registry_app.models import Customer, Experiment, FieldProvenance

_COLUMNS = {
    "site.region": "zone__site__region",
    "site.plant": "zone__site__plant",
    "site.zone": "zone__name",
}


@dataclass(frozen=True, kw_only=True)
class _Place:
    """A region, plant or zone of a customer: `field` says which."""

    customer: int
    field: str
    name: str


def known_customers() -> tuple[KnownCustomer, ...]:
    """Return every customer with its spellings and places, in five queries.

    A place that one directory alone suggests, and not surely, is not known: the guess would confirm
    itself at the next scan.
    """
    doubtful = _doubtful()
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
        names = {
            "site.region": [site.region for site in sites],
            "site.plant": [site.plant for site in sites],
            "site.zone": [zone.name for site in sites for zone in site.zones.all()],
        }
        known = {
            field: _known(row.pk, field, written, doubtful) for field, written in names.items()
        }
        found.append(
            KnownCustomer(
                name=row.name,
                spellings=tuple(
                    spelling for spelling in (row.display_name, *row.aliases) if spelling
                ),
                regions=known["site.region"],
                plants=known["site.plant"],
                zones=known["site.zone"],
                is_certain=bool(
                    not row.is_guessed or row.seen > 1 or row.display_name or row.aliases
                ),
            )
        )
    return tuple(found)


def _known(
    customer: int, field: str, names: Iterable[str], doubtful: frozenset[_Place]
) -> tuple[str, ...]:
    known = {
        name
        for name in names
        if name and _Place(customer=customer, field=field, name=name) not in doubtful
    }
    return tuple(sorted(known))


def _doubtful() -> frozenset[_Place]:
    """Return the places that only unsure guesses name, of fewer than `AGREEING` directories."""
    unsure = set(
        FieldProvenance.objects.filter(field__in=_COLUMNS, source=FieldSource.SCANNED)
        .exclude(confidence=Confidence.SURE)
        .values_list("experiment", "field")
    )
    guessed: Counter[_Place] = Counter()
    stated: set[_Place] = set()
    rows = Experiment.objects.exclude(zone=None).values_list(
        "pk", "zone__site__customer", *_COLUMNS.values()
    )
    for experiment, customer, *names in rows:
        for field, name in zip(_COLUMNS, names, strict=True):
            place = _Place(customer=customer, field=field, name=name)
            if (experiment, field) in unsure:
                guessed[place] += 1
            else:
                stated.add(place)
    return frozenset(
        place for place, count in guessed.items() if count < AGREEING and place not in stated
    )
