"""What the registry says of one experiment, for its page and for the notes above its form."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import Prefetch, QuerySet
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from registry_app.admin.details.facts import Fact, entry_point_facts, experiment_facts
from registry_app.admin.details.pages import detail_address
from registry_app.admin.facts import facts_of
from registry_app.admin.labels import field_label
from registry_app.admin.origins import evidence_of
from registry_app.admin.source import source_address
from registry_app.arguments.secret_text import masked_template
from registry_app.choices import EntryPointType, FieldSource
from registry_app.fields import completeness, confirmation
from registry_app.models import EntryPoint, Experiment, FieldProvenance, Script
from registry_app.reading import messages_lines, messages_text

# On the page these are next to the commands.
_IN_COMMAND = frozenset({"default"})


@dataclass(kw_only=True)
class ShownEntryPoint:
    """An entry point with its values; `waits` if an engineer must read its command first.

    `start` is its command, of which only runs know.
    """

    row: EntryPoint
    type: str
    facts: list[Fact]
    waits: bool
    start: Any = None


@dataclass(frozen=True, kw_only=True)
class ShownOrigin:
    """Where the value of one field comes from."""

    row: FieldProvenance
    label: str
    evidence: SafeString
    reason: str


def rows_to_read(rows: QuerySet[Experiment]) -> QuerySet[Experiment]:
    """Join what the page of an experiment shows; three queries more, for any number of rows."""
    entry_points = EntryPoint.objects.select_related("confirmation__by").order_by("type")
    origins = FieldProvenance.objects.select_related("by")
    return rows.select_related(
        "zone__site__customer", "facts", "environment_check__by", "archived_by"
    ).prefetch_related(
        Prefetch("entry_points", entry_points), "scripts", Prefetch("provenance", origins)
    )


def experiment_context(experiment: Experiment) -> dict[str, Any]:
    """Return all that the registry says of an experiment fetched by `rows_to_read`."""
    origins = {row.field: row for row in experiment.provenance.all()}
    open_points = attention_of(experiment)
    waiting = {shown["row"].entry_point.pk for shown in open_points["unconfirmed"]}
    return {
        **open_points,
        **facts_of(experiment),
        "known_facts": experiment_facts(experiment, origins),
        "place": _place(experiment),
        "entry_points": [
            ShownEntryPoint(
                row=entry,
                type=entry.get_type_display(),
                facts=entry_point_facts(entry, origins, without=_IN_COMMAND),
                waits=entry.pk in waiting,
            )
            for entry in _in_order(experiment)
        ],
        "found_scripts": [_script(experiment.pk, row) for row in experiment.scripts.all()],
        "origins": [
            ShownOrigin(
                row=row,
                label=field_label(row.field),
                evidence=evidence_of(row),
                reason=messages_text(row.reasons),
            )
            for row in origins.values()
        ],
    }


def attention_of(experiment: Experiment) -> dict[str, Any]:
    """Return what is missing, guessed, unconfirmed or doubtful; fetch by `rows_to_read`."""
    entry_points = _in_order(experiment)
    origins = list(experiment.provenance.all())
    scanned = {row.field for row in origins if row.source == FieldSource.SCANNED}
    waiting = confirmation.all_unconfirmed(
        entry_points,
        confirmed={
            entry.pk: entry.confirmation for entry in entry_points if hasattr(entry, "confirmation")
        },
        provenance=origins,
    )
    return {
        "missing": completeness.missing_fields(experiment, entry_points),
        "guessed": completeness.unconfirmed_fields(experiment, entry_points, scanned),
        "script_warnings": [
            (script, text)
            for script in experiment.scripts.all()
            for text in messages_lines(script.warnings)
        ],
        "unconfirmed": [
            {
                "type": unconfirmed.entry_point.get_type_display(),
                "fields": [
                    _field_of_command(difference.field) for difference in unconfirmed.differences
                ],
                "row": unconfirmed,
            }
            for unconfirmed in waiting
        ],
        "open_proposals": getattr(experiment, "proposal_count", 0) or 0,
    }


def _in_order(experiment: Experiment) -> list[EntryPoint]:
    """Return the entry points in the order of the registry file."""
    order = EntryPointType.values
    return sorted(experiment.entry_points.all(), key=lambda entry: order.index(entry.type))


def _field_of_command(field: str) -> str:
    if field == confirmation.DIRECTORY:
        return _("directory")
    return field_label(field).rpartition(" · ")[2]


def _place(experiment: Experiment) -> list[tuple[str, str]]:
    """Return the parts of the place, each with the URL of its page; [] for an unknown place."""
    zone = experiment.zone
    if zone is None:
        return []
    site = " · ".join(part for part in (zone.site.region, zone.site.plant) if part)
    return [
        (str(zone.site.customer), detail_address(zone.site.customer)),
        (site or _("unknown"), detail_address(zone.site)),
        (zone.name or _("unknown"), detail_address(zone)),
    ]


def _script(experiment_pk: int, script: Script) -> dict[str, Any]:
    labels = dict(EntryPointType.choices)
    return {
        "row": script,
        "template": masked_template(script.args_template),
        "address": source_address(experiment_pk, script.path, 0),
        "types": [labels.get(kind, kind) for kind in script.types],
        "reason": messages_text(script.reasons),
    }
