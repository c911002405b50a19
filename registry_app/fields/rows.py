"""The rows of the registry as a document."""

from __future__ import annotations

import hashlib
import json

from django.db.models import QuerySet

from registry_app.document.model import CustomerDocument, RegistryDocument
from registry_app.fields.names import document_of_row, fields_of_row
from registry_app.models import Customer, Experiment


def document_from_rows(queryset: QuerySet[Experiment] | None = None) -> RegistryDocument:
    """Return the rows, or those of `queryset`, as a document; three queries."""
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
    )


def with_fields(rows: QuerySet[Experiment]) -> QuerySet[Experiment]:
    """Fetch with experiments everything that their fields need."""
    return rows.select_related("zone__site__customer").prefetch_related("entry_points")


def digest_of_rows() -> str:
    """Return a digest of everything that a plan compares with; it changes whenever a plan might."""
    state = {row.name: fields_of_row(row) for row in with_fields(Experiment.objects.all())}
    customers = list(
        Customer.objects.order_by("name").values_list("name", "display_name", "aliases")
    )
    text = json.dumps([state, customers], sort_keys=True, ensure_ascii=False, default=str)
    return hashlib.sha256(text.encode()).hexdigest()
