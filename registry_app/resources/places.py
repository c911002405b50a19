"""Sheets of customers, sites and zones."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy

from registry_app.models import Customer, Site, Zone
from registry_app.resources.base import SheetResource
from registry_app.resources.cells import Cell, TextWidget, WordsWidget


def _named(attribute: str, column: str) -> Cell:
    """Return a column with the name of a row."""
    return Cell(attribute, column, widget=TextWidget())


class PlaceResource(SheetResource):
    """A sheet of all places of one kind, whichever experiments are shown."""

    def filter_export(self, queryset: QuerySet[Any], **options: Any) -> QuerySet[Any]:
        rows: QuerySet[Any] = self.get_queryset()
        return rows


class CustomerResource(PlaceResource):
    """Customers with their display names and aliases."""

    keys: ClassVar = ("name",)
    document_fields: ClassVar = {"display_name": "display_name", "aliases": "aliases"}
    name = Cell("name", "name", widget=TextWidget())
    display_name = Cell("display_name", "display_name", widget=TextWidget())
    aliases = Cell("aliases", "aliases", widget=WordsWidget())

    class Meta:
        model = Customer
        name = gettext_lazy("Customers")
        fields = export_order = ("name", "display_name", "aliases")


class SiteResource(PlaceResource):
    """Sites; their customers must exist."""

    keys: ClassVar = ("customer", "region", "plant")
    keys_may_be_blank: ClassVar = frozenset(keys)
    customer = _named("customer__name", "customer")
    region = _named("region", "region")
    plant = _named("plant", "plant")

    class Meta:
        model = Site
        name = gettext_lazy("Sites")
        fields = export_order = ("customer", "region", "plant")

    def get_queryset(self) -> QuerySet[Site]:
        return Site.objects.select_related("customer")


class ZoneResource(PlaceResource):
    """Zones; their sites must exist."""

    keys: ClassVar = ("customer", "region", "plant", "zone")
    keys_may_be_blank: ClassVar = frozenset(keys)
    customer = _named("site__customer__name", "customer")
    region = _named("site__region", "region")
    plant = _named("site__plant", "plant")
    zone = _named("name", "zone")

    class Meta:
        model = Zone
        name = gettext_lazy("Zones")
        fields = export_order = ("customer", "region", "plant", "zone")

    def get_queryset(self) -> QuerySet[Zone]:
        return Zone.objects.select_related("site__customer")
