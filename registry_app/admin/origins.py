"""Where values come from, shown next to their form fields.

The registry names a value by a dotted field (`site.customer`, `entry_points.train.default`); a form
names it by its column.
"""

from __future__ import annotations

from collections.abc import Iterable

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from registry_app.admin.source import evidence_link
from registry_app.choices import Confidence, FieldSource
from registry_app.models import Experiment, FieldProvenance
from registry_app.reading import messages_text
from registry_app.schema import table

SITE_COLUMNS = {field.form_name: field.name for field in table.SITE_FIELDS}
EXPERIMENT_FIELDS = {field.form_name: field.name for field in table.EXPERIMENT_FIELDS}
ENTRY_POINT_FIELDS = {field.form_name: field.name for field in table.ENTRY_POINT_FIELDS}
_TONES: dict[str, str] = {FieldSource.CURATED: "gf-good", FieldSource.IMPORTED: "gf-busy"}


def entry_point_fields(kind: str, columns: Iterable[str]) -> list[str]:
    """Return the dotted fields of these columns, for an entry point of type `kind`."""
    known = (ENTRY_POINT_FIELDS[column] for column in columns if column in ENTRY_POINT_FIELDS)
    return [f"entry_points.{kind}.{field}" for field in known]


def origins_of(experiment: Experiment | None) -> dict[str, FieldProvenance]:
    """Return the provenance of an experiment by dotted field, in one query if it is not fetched."""
    if experiment is None or experiment.pk is None:
        return {}
    is_fetched = "provenance" in getattr(experiment, "_prefetched_objects_cache", {})
    rows = experiment.provenance.all() if is_fetched else experiment.provenance.select_related("by")
    return {row.field: row for row in rows}


def source_badge(row: FieldProvenance) -> SafeString:
    """Return the source of a value as a coloured badge."""
    return format_html(
        '<span class="gf-tag {}">{}</span>',
        _TONES.get(row.source, ""),
        row.get_source_display(),
    )


def evidence_of(row: FieldProvenance) -> SafeString:
    """Return the evidence of a value; that of a scan links to its line in the experiment."""
    if row.source == FieldSource.IMPORTED:
        return format_html("{}", row.evidence)
    return evidence_link(row.experiment_id, row.evidence)


def with_origin(help_text: str, row: FieldProvenance | None) -> SafeString:
    """Return a field's help text with the origin of its present value; the evidence is escaped."""
    if row is None:
        return format_html("{}", help_text)
    parts = [
        (part,) for part in (_detail(row), evidence_of(row), messages_text(row.reasons)) if part
    ]
    details = format_html_join(" · ", "{}", parts)
    return format_html(
        '{} <span class="gf-source">{} {}</span>', help_text, source_badge(row), details
    )


def _detail(row: FieldProvenance) -> str:
    if row.source == FieldSource.SCANNED and row.confidence:
        return _("confidence: %(word)s") % {"word": Confidence(row.confidence).label}
    return row.by.get_username() if row.by else ""
