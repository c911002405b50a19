"""Sheets of customers, sites and zones."""

from __future__ import annotations

from typing import Any, ClassVar

from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from registry_app.models import Customer, Site, Zone
from registry_app.resources.base import SheetResource, unknown
from registry_app.resources.cells import Cell, TextWidget, WordsWidget


def _named(attribute: str, column: str) -> Cell:
    """Return a column that names a row; the row is found by it, so nothing is written there."""
    return Cell(attribute, column, widget=TextWidget(), readonly=True)


class PlaceResource(SheetResource):
    """A sheet of all places of one kind, whichever experiments are shown."""

    def filter_export(self, queryset: QuerySet[Any], **options: Any) -> QuerySet[Any]:
        rows: QuerySet[Any] = self.get_queryset()
        return rows


class CustomerResource(PlaceResource):
    """Customers and what people call them."""

    keys: ClassVar = ("name",)
    name = Cell("name", "name", widget=TextWidget())
    display_name = Cell("display_name", "display_name", widget=TextWidget())
    aliases = Cell("aliases", "aliases", widget=WordsWidget())

    class Meta(SheetResource.Meta):
        model = Customer
        name = gettext_lazy("Customers")
        import_id_fields = ("name",)
        fields = import_order = export_order = ("name", "display_name", "aliases")

    def find(self, *key: str) -> Customer | None:
        return Customer.objects.filter(name=key[0]).first()

    def start(self, *key: str) -> Customer:
        return Customer(name=key[0])


class SiteResource(PlaceResource):
    """Sites; their customers must be there."""

    keys: ClassVar = ("customer", "region", "plant")
    keys_may_be_blank: ClassVar = frozenset({"region", "plant"})
    customer = _named("customer__name", "customer")
    region = _named("region", "region")
    plant = _named("plant", "plant")

    class Meta(SheetResource.Meta):
        model = Site
        name = gettext_lazy("Sites")
        import_id_fields = ("customer", "region", "plant")
        fields = import_order = export_order = ("customer", "region", "plant")

    def get_queryset(self) -> QuerySet[Site]:
        return Site.objects.select_related("customer")

    def find(self, *key: str) -> Site | None:
        return _site(*key)

    def start(self, *key: str) -> Site:
        customer, region, plant = key
        return Site(customer=_customer(customer), region=region, plant=plant)


class ZoneResource(PlaceResource):
    """Zones; their sites must be there."""

    keys: ClassVar = ("customer", "region", "plant", "zone")
    keys_may_be_blank: ClassVar = frozenset({"region", "plant"})
    customer = _named("site__customer__name", "customer")
    region = _named("site__region", "region")
    plant = _named("site__plant", "plant")
    zone = _named("name", "zone")

    class Meta(SheetResource.Meta):
        model = Zone
        name = gettext_lazy("Zones")
        import_id_fields = ("customer", "region", "plant", "zone")
        fields = import_order = export_order = ("customer", "region", "plant", "zone")

    def get_queryset(self) -> QuerySet[Zone]:
        return Zone.objects.select_related("site__customer")

    def find(self, *key: str) -> Zone | None:
        customer, region, plant, zone = key
        site = _site(customer, region, plant)
        return site.zones.filter(name=zone).first() if site else None

    def start(self, *key: str) -> Zone:
        customer, region, plant, zone = key
        site = _site(customer, region, plant)
        if site is None:
            known = Site.objects.filter(customer=_customer(customer))
            names = [" · ".join((one.region, one.plant)) for one in known]
            site_name = " · ".join((region, plant))
            raise ValidationError({"region": unknown(_("site"), site_name, names)})
        return Zone(site=site, name=zone)


def _site(customer: str, region: str, plant: str) -> Site | None:
    rows = Site.objects.select_related("customer")
    return rows.filter(customer__name=customer, region=region, plant=plant).first()


def _customer(name: str) -> Customer:
    customer = Customer.objects.filter(name=name).first()
    if customer is None:
        known = list(Customer.objects.values_list("name", flat=True))
        raise ValidationError({"customer": unknown(_("customer"), name, known)})
    return customer
