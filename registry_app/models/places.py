"""Customers, their sites, and the zones of sites."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from registry_app.models.changes import tracked


class Customer(models.Model):
    """A company whose plants are monitored; an empty name means an unknown customer."""

    name = models.CharField(
        _("name"),
        max_length=100,
        blank=True,
        help_text=_("Short name as in the registry file, for example donghwa-entec."),
    )
    display_name = models.CharField(
        _("display name"),
        max_length=200,
        blank=True,
        help_text=_("Name as people write it, for example 동화엔텍."),
    )
    aliases = models.JSONField(
        _("aliases"),
        default=list,
        blank=True,
        help_text=_(
            "Other spellings in names of directories and in notes, by which a scan knows this "
            "customer. Hangul and its romanisation need not both be written."
        ),
    )

    history = tracked()

    class Meta:
        verbose_name = _("customer")
        verbose_name_plural = _("customers")
        ordering = ("name",)
        constraints: ClassVar = [
            models.UniqueConstraint(
                Lower("name"),
                name="customer_name_unique",
                violation_error_message=_("There is already a customer of this name."),
            )
        ]

    def __str__(self) -> str:
        return self.display_name or self.name or str(_("unknown"))


class Site(models.Model):
    """A plant of a customer in a region; an empty region or plant means unknown."""

    customer = models.ForeignKey(
        Customer, models.PROTECT, related_name="sites", verbose_name=_("customer")
    )
    region = models.CharField(_("region"), max_length=100, blank=True)
    plant = models.CharField(_("plant"), max_length=100, blank=True)

    history = tracked()

    class Meta:
        verbose_name = _("site")
        verbose_name_plural = _("sites")
        ordering = ("customer__name", "region", "plant")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["customer", "region", "plant"],
                name="site_unique_per_customer",
                violation_error_message=_(
                    "This customer already has a site with this region and plant."
                ),
            )
        ]

    def __str__(self) -> str:
        parts = [part for part in (self.region, self.plant) if part]
        where = " · ".join(parts) or _("unknown")
        return f"{self.customer} · {where}"


class Zone(models.Model):
    """A monitored area of a site; an empty name means unknown."""

    site = models.ForeignKey(Site, models.PROTECT, related_name="zones", verbose_name=_("site"))
    name = models.CharField(_("name"), max_length=100, blank=True)

    history = tracked()

    class Meta:
        verbose_name = _("zone")
        verbose_name_plural = _("zones")
        ordering = ("site__customer__name", "site__region", "site__plant", "name")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["site", "name"],
                name="zone_unique_per_site",
                violation_error_message=_("This site already has a zone of this name."),
            )
        ]

    def __str__(self) -> str:
        name = self.name or _("unknown")
        return f"{self.site} · {name}"
