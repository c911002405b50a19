"""What stands around the form of an experiment: what is missing, what scans saw and propose."""

from __future__ import annotations

from typing import Any

from registry_app import completeness
from registry_app.admin.labels import field_label
from registry_app.admin.origins import evidence_of
from registry_app.admin.source import source_address
from registry_app.choices import EntryPointType
from registry_app.inference import remarks
from registry_app.inference.reasons import shown
from registry_app.models import Experiment, Proposal


def panels_of(experiment: Experiment) -> dict[str, Any]:
    """Return what the page of an experiment shows beside its form."""
    scripts = list(experiment.scripts.all())
    labels = dict(EntryPointType.choices)
    return {
        "seen": Experiment.objects.values_list("updated_at", flat=True)
        .get(pk=experiment.pk)
        .isoformat(),
        "missing": completeness.missing_fields(experiment, list(experiment.entry_points.all())),
        # Not "scripts": the theme loads whatever that names.
        "found_scripts": [
            {
                "row": script,
                "address": source_address(experiment.pk, script.path, 0),
                "types": [labels.get(kind, kind) for kind in script.types],
                "reason": shown(script.reason),
            }
            for script in scripts
        ],
        "script_warnings": [
            (script, remarks.shown(text)) for script in scripts for text in script.warnings
        ],
        "origins": [
            (
                row,
                field_label(row.field),
                evidence_of(row),
                shown(row.reason),
            )
            for row in experiment.provenance.select_related("by")
        ],
        "open_proposals": Proposal.objects.open().filter(experiment=experiment).count(),
    }
