"""What stands around the form of an experiment: what is missing, what scans saw and propose."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from registry_app.admin.labels import field_label
from registry_app.admin.origins import evidence_of
from registry_app.admin.source import source_address
from registry_app.arguments.secret_text import masked_template
from registry_app.choices import EntryPointType
from registry_app.fields import completeness, confirmation
from registry_app.models import Customer, Experiment, Proposal, Site, Zone
from registry_app.reading import messages_lines, messages_text


def panels_of(experiment: Experiment) -> dict[str, Any]:
    """Return what the page of an experiment shows beside its form."""
    scripts = list(experiment.scripts.all())
    labels = dict(EntryPointType.choices)
    return {
        "missing": completeness.missing_fields(experiment, list(experiment.entry_points.all())),
        # Not "scripts": the theme loads whatever that names.
        "found_scripts": [
            {
                "row": script,
                "template": masked_template(script.args_template),
                "address": source_address(experiment.pk, script.path, 0),
                "types": [labels.get(kind, kind) for kind in script.types],
                "reason": messages_text(script.reasons),
            }
            for script in scripts
        ],
        "script_warnings": [
            (script, text) for script in scripts for text in messages_lines(script.warnings)
        ],
        "origins": [
            (
                row,
                field_label(row.field),
                evidence_of(row),
                messages_text(row.reasons),
            )
            for row in experiment.provenance.select_related("by")
        ],
        "unconfirmed": [
            {
                "type": one.entry_point.get_type_display(),
                "fields": [
                    _("directory")
                    if difference.field == confirmation.DIRECTORY
                    else field_label(difference.field).rpartition(" · ")[2]
                    for difference in one.differences
                ],
                "row": one,
            }
            for one in confirmation.all_unconfirmed(list(experiment.entry_points.all()))
        ],
        "open_proposals": Proposal.objects.open().filter(experiment=experiment).count(),
    }


def known_places() -> dict[str, list[tuple[str, str]]]:
    """Return the words that the form offers for each part of a site; three queries."""
    sites = list(Site.objects.values_list("region", "plant"))
    regions = sorted({region for region, _plant in sites if region})
    plants = sorted({plant for _region, plant in sites if plant})
    zones = Zone.objects.exclude(name="").order_by("name").values_list("name", flat=True)
    return {
        "customers": list(Customer.objects.exclude(name="").values_list("name", "display_name")),
        "regions": [(one, "") for one in regions],
        "plants": [(one, "") for one in plants],
        "zones": [(one, "") for one in zones.distinct()],
    }
