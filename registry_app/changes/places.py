"""Customers, sites and zones by name: created if missing, deleted once empty."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from registry_app.changes import change_sets
from registry_app.document.model import PlaceDocument
from registry_app.fields.names import SITE_FIELDS
from registry_app.models import Customer, Site, Zone

PKS_AT_ONCE = 1000
# Customer, region, plant and zone of an experiment; all empty where nothing is known.
SiteParts = tuple[str, str, str, str]


def zone_of(parts: dict[str, Any]) -> Zone | None:
    """Return the zone with these parts of a site, by dotted name; create it if it is new."""
    customer, region, plant, zone = (str(parts[name] or "") for name in SITE_FIELDS)
    key = (customer, region, plant, zone)
    return zones_of([key])[key]


def zones_of(wanted: Iterable[SiteParts]) -> dict[SiteParts, Zone | None]:
    """Return the zones of these parts, creating new ones; None if all parts are empty.

    Names of customers are case-insensitive. Three reads, and one write per batch of new rows.
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


def sweep(zones: Iterable[int | None]) -> None:
    """Delete these zones if they have no experiment left, and sites that lose their last zone.

    Call it after an edit with the zones that its experiments left, in the change set of the edit,
    so that an undo restores them. Places registered ahead of their first experiment stay, because
    no experiment left them; so do customers with a name.
    """
    left = sorted({pk for pk in zones if pk is not None})
    for first in range(0, len(left), PKS_AT_ONCE):
        empty = Zone.objects.filter(pk__in=left[first : first + PKS_AT_ONCE], experiments=None)
        sites = set(empty.values_list("site", flat=True))
        # Row by row: the history is written by a signal.
        for zone in empty:
            zone.delete()
        for site in Site.objects.filter(pk__in=sites, zones=None).select_related("customer"):
            site.delete()
            if not site.customer.name and not site.customer.sites.exists():
                site.customer.delete()


def make_places(places: Iterable[PlaceDocument]) -> dict[SiteParts, Zone]:
    """Create missing customers, sites and zones; return the named zones."""
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
    """Create the missing zones of these sites; return all named ones."""
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
