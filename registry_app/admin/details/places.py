"""What the registry says of a customer, a site or a zone."""

from __future__ import annotations

from typing import Any

from django.db.models import Count, Model, Q, QuerySet
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from registry_app.admin.details.facts import place_facts
from registry_app.admin.details.pages import detail_address
from registry_app.models import Customer, Site, Zone


def place_context(place: Model) -> dict[str, Any]:
    """Return the page's context; one query for the places inside this one."""
    inner = _inside(place)
    return {
        "known_facts": place_facts(place),
        "place": [(name, detail_address(row)) for row, name in _above(place)],
        "experiments_address": experiments_address(place),
        "inside_title": str(capfirst(inner.model._meta.verbose_name_plural)) if inner else "",
        "inside": [
            {
                "name": _own_name(row),
                "address": detail_address(row),
                "list_address": experiments_address(row),
                "count": row.experiment_count,
            }
            for row in (inner if inner is not None else ())
        ],
    }


def experiments_address(place: Model, **further: object) -> str:
    """Return the URL of the list of the experiments of a place, with further filters."""
    query = {str(place._meta.model_name): place.pk, **further}
    words = urlencode(query)
    return f"{reverse('admin:registry_app_experiment_changelist')}?{words}"


def in_use(path: str) -> Count:
    """Return the number of experiments on a look-up path, without the archived ones."""
    return Count(path, filter=Q((f"{path}__archived_at", None)), distinct=True)


def _inside(place: Model) -> QuerySet[Any] | None:
    if isinstance(place, Customer):
        rows = Site.objects.filter(customer=place).order_by("region", "plant")
        return rows.annotate(experiment_count=in_use("zones__experiments"))
    if isinstance(place, Site):
        zones = Zone.objects.filter(site=place).order_by("name")
        return zones.annotate(experiment_count=in_use("experiments"))
    return None


def _above(place: Model) -> list[tuple[Model, str]]:
    if isinstance(place, Site):
        return [(place.customer, str(place.customer))]
    if isinstance(place, Zone):
        return [*_above(place.site), (place.site, _own_name(place.site))]
    return []


def _own_name(place: Site | Zone) -> str:
    """Return the name of a place without that of the place around it."""
    if isinstance(place, Site):
        return " · ".join(filter(None, (place.region, place.plant))) or _("unknown")
    return place.name or _("unknown")
