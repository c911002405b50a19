"""Customers, sites and zones by their names, made where they are not there."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from registry_app.changes import change_sets
from registry_app.document.model import PlaceDocument
from registry_app.fields.names import SITE_FIELDS
from registry_app.models import Customer, Site, Zone

# Customer, region, plant and zone of an experiment; all empty where nothing is known.
SiteParts = tuple[str, str, str, str]


def zone_of(parts: dict[str, Any]) -> Zone | None:
    """Return the zone with these parts of a site, by their dotted names; made where it is new."""
    customer, region, plant, zone = (str(parts[name] or "") for name in SITE_FIELDS)
    key = (customer, region, plant, zone)
    return zones_of([key])[key]


def zones_of(wanted: Iterable[SiteParts]) -> dict[SiteParts, Zone | None]:
    """Return the zones of these parts, made where they are new; None where all parts are empty.

    Customers are the same whatever the case of their names. Three reads and as many writes as
    there are batches of new rows.
    """
    keys = list(dict.fromkeys(wanted))
    named = [key for key in keys if any(key)]
    if not named:
        return dict.fromkeys(keys)
    made = make_places(
        PlaceDocument(customer=customer, region=region, plant=plant, zone=zone)
        for customer, region, plant, zone in named
    )
    return {key: made[_folded(key)] if any(key) else None for key in keys}


def make_places(places: Iterable[PlaceDocument]) -> dict[SiteParts, Zone]:
    """Make the customers, sites and zones that are not there; return the zones that are named."""
    wanted = list(places)
    if not wanted:
        return {}
    customers = {row.name.casefold(): row for row in Customer.objects.all()}
    new_customers = {
        place.customer.casefold(): Customer(name=place.customer)
        for place in reversed(wanted)
        if place.customer.casefold() not in customers
    }
    change_sets.create(list(new_customers.values()))
    customers |= new_customers
    sites = {(row.customer_id, row.region, row.plant): row for row in Site.objects.all()}
    site_of = {}
    new_sites = []
    for place in wanted:
        if place.region is None or place.plant is None:
            continue
        customer = customers[place.customer.casefold()]
        key = (customer.pk, place.region, place.plant)
        if key not in sites:
            sites[key] = Site(customer=customer, region=place.region, plant=place.plant)
            new_sites.append(sites[key])
        site_of[place] = sites[key]
    change_sets.create(new_sites)
    return _make_zones(site_of)


def _make_zones(site_of: dict[PlaceDocument, Site]) -> dict[SiteParts, Zone]:
    """Make the zones of these sites that are not there; return all that are named."""
    zones = {(row.site_id, row.name): row for row in Zone.objects.all()}
    named, made = {}, []
    for place, site in site_of.items():
        if place.zone is None:
            continue
        key = (site.pk, place.zone)
        if key not in zones:
            zones[key] = Zone(site=site, name=place.zone)
            made.append(zones[key])
        parts = (place.customer, site.region, site.plant, place.zone)
        named[_folded(parts)] = zones[key]
    change_sets.create(made)
    return named


def _folded(parts: SiteParts) -> SiteParts:
    customer, *rest = parts
    region, plant, zone = rest
    return customer.casefold(), region, plant, zone
