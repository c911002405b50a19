"""The rows of the registry: read at once for a plan, or as a document."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet

from registry_app.document.model import CustomerDocument, PlaceDocument, RegistryDocument
from registry_app.fields.documents import document_of_row
from registry_app.fields.names import fields_of
from registry_app.fields.vocabulary import words_of_rows
from registry_app.models import Customer, EntryPoint, Experiment, Site, Zone


@dataclass(frozen=True, kw_only=True)
class RegistryRows:
    """Every row that a plan compares with.

    Experiments, their dotted fields and their entry points are keyed by the experiment's name,
    customers by their case-folded name. `places` are the existing customers, sites and zones, with
    the customer's name case-folded.
    """

    experiments: dict[str, Experiment]
    fields: dict[str, dict[str, Any]]
    entry_points: dict[str, list[EntryPoint]]
    customers: dict[str, Customer]
    places: frozenset[PlaceDocument]
    digest: str


def read_rows(*, has_archived: bool = False) -> RegistryRows:
    """Read the whole registry in five queries, however many rows there are.

    Archived experiments are left out unless `has_archived` is set.

    Nothing is fetched by lists of ids: a database limits the parameters of a query. A write between
    two of the queries may be missed, and changes the next digest.
    """
    chosen = Experiment.everything if has_archived else Experiment.objects
    rows = list(chosen.order_by("name"))
    by_experiment: dict[int, list[EntryPoint]] = {}
    for entry_point in EntryPoint.objects.order_by("type"):
        by_experiment.setdefault(entry_point.experiment_id, []).append(entry_point)
    zones, sites, customers = _places_of_rows()
    experiments = {}
    for row in rows:
        row.zone = zones.get(row.zone_id) if row.zone_id is not None else None
        experiments[row.name] = row
    entry_points = {name: by_experiment.get(row.pk, []) for name, row in experiments.items()}
    fields = {name: fields_of(row, entry_points[name]) for name, row in experiments.items()}
    places = frozenset(
        [_place(row) for row in customers.values()]
        + [_place(row.customer, row) for row in sites.values()]
        + [_place(row.site.customer, row.site, row) for row in zones.values()]
    )
    return RegistryRows(
        experiments=experiments,
        fields=fields,
        entry_points=entry_points,
        customers={row.name.casefold(): row for row in customers.values()},
        places=places,
        digest=_digest(fields, customers.values(), places),
    )


def document_from_rows(queryset: QuerySet[Experiment] | None = None) -> RegistryDocument:
    """Return the rows, or those of `queryset`, as a document; four queries."""
    rows = Experiment.objects.all() if queryset is None else queryset
    experiments = with_fields(rows).order_by("name")
    named = Customer.objects.exclude(display_name="", aliases=[]).order_by("name")
    return RegistryDocument(
        experiments=tuple(document_of_row(row) for row in experiments),
        customers=tuple(
            CustomerDocument(
                name=row.name,
                display_name=row.display_name or None,
                aliases=tuple(row.aliases) or None,
            )
            for row in named
        ),
        vocabulary=tuple(words_of_rows().values()),
    )


def with_fields(rows: QuerySet[Experiment]) -> QuerySet[Experiment]:
    """Return the queryset with everything prefetched that the fields need."""
    return rows.select_related("zone__site__customer").prefetch_related("entry_points")


def digest_of_rows() -> str:
    """Return a digest of all rows that a plan compares; it changes whenever a plan might."""
    return read_rows().digest


def _places_of_rows() -> tuple[dict[int, Zone], dict[int, Site], dict[int, Customer]]:
    """Return zones, sites and customers by id, each linked to its parent."""
    all_zones, all_sites = list(Zone.objects.order_by("pk")), list(Site.objects.order_by("pk"))
    customers = {row.pk: row for row in Customer.objects.order_by("name")}
    sites = {row.pk: row for row in all_sites if row.customer_id in customers}
    for site in sites.values():
        site.customer = customers[site.customer_id]
    zones = {row.pk: row for row in all_zones if row.site_id in sites}
    for zone in zones.values():
        zone.site = sites[zone.site_id]
    return zones, sites, customers


def _place(customer: Customer, site: Site | None = None, zone: Zone | None = None) -> PlaceDocument:
    return PlaceDocument(
        customer=customer.name.casefold(),
        region=site.region if site else None,
        plant=site.plant if site else None,
        zone=zone.name if zone else None,
    )


def _digest(fields: dict[str, dict[str, Any]], customers: Any, places: Any) -> str:
    named = [(row.name, row.display_name, row.aliases) for row in customers]
    there = sorted(str(place) for place in places)
    text = json.dumps([fields, named, there], sort_keys=True, ensure_ascii=False, default=str)
    return hashlib.sha256(text.encode(errors="surrogatepass")).hexdigest()
