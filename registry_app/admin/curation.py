"""The work around a save in the admin: record origins, and update the completeness."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.contrib import messages
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from registry_app.admin.base import person
from registry_app.admin.details.pages import detail_address
from registry_app.admin.labels import field_label
from registry_app.admin.origins import ENTRY_POINT_FIELDS, SITE_COLUMNS, entry_point_fields
from registry_app.changes import origins, proposals
from registry_app.changes.decided_guesses import DEFAULT
from registry_app.changes.directories import known_directories, mark_missing
from registry_app.changes.places import zone_of
from registry_app.choices import ConfirmedBy, FieldSource
from registry_app.fields import completeness, confirmation, provenance
from registry_app.fields.names import fields_of_row, is_empty, same, split_field
from registry_app.files.interpreter_check import may_queue
from registry_app.models import EntryPoint, Experiment


def stored_values(experiment: Experiment) -> dict[str, Any]:
    """Return the stored values of an experiment's own fields; empty for a new experiment."""
    row = Experiment.objects.select_related("zone__site__customer").filter(pk=experiment.pk).first()
    if row is None:
        return {}
    return {name: value for name, value in fields_of_row(row).items() if not split_field(name)[0]}


def decided_fields(before: dict[str, Any], after: dict[str, Any]) -> list[str]:
    """Return the dotted fields that differ; of a new experiment, those that are set."""
    return [name for name, value in after.items() if not same(before.get(name), value)]


def place(experiment: Experiment, site: dict[str, str]) -> None:
    """Assign the place in the form; create customer, site and zone if they do not exist."""
    experiment.zone = zone_of({field: site[column] for column, field in SITE_COLUMNS.items()})


def decided_entry_points(formsets: Iterable[Any]) -> list[str]:
    """Return the dotted fields of entry points that a user decided; call it after the save.

    A removed entry point counts as decided in all its fields, so that no scan re-creates it.
    """
    fields: list[str] = []
    for formset in formsets:
        if formset.model is not EntryPoint:
            continue
        for entry_point, columns in formset.changed_objects:
            fields += entry_point_fields(entry_point.type, columns)
        for entry_point in formset.deleted_objects:
            fields += entry_point_fields(entry_point.type, ENTRY_POINT_FIELDS)
        for entry_point in formset.new_objects:
            filled = [
                name for name in ENTRY_POINT_FIELDS if not is_empty(getattr(entry_point, name))
            ]
            fields += entry_point_fields(entry_point.type, filled)
    return fields


def decided_singly(fields: Iterable[str], formsets: Iterable[Any]) -> list[str]:
    """Return those of the fields of entry points that a user decided by themselves.

    Of a removed entry point only its default script: the other fields went with it.
    """
    removed = {
        entry_point.type
        for formset in formsets
        if formset.model is EntryPoint
        for entry_point in formset.deleted_objects
    }
    split = ((field, split_field(field)) for field in fields)
    return [field for field, (kind, name) in split if kind not in removed or name == DEFAULT]


def curated(
    experiment: Experiment, fields: Iterable[str], *, by: User, singly: Iterable[str] = ()
) -> None:
    """Record that a user decided these fields, and update what depends on them.

    Values that an engineer (a user who may run scripts) sets need no confirmation. `singly` are the
    fields that the user decided by themselves, which tells whether their guesses were right.
    """
    fields = list(fields)
    if fields:
        origins.decide(
            [(experiment, fields, {})],
            source=FieldSource.CURATED,
            by=by,
            singly={(experiment.pk, field) for field in singly},
        )
        proposals.settle([experiment.pk])
        if may_queue(by):
            confirmation.confirm_fields([(experiment, fields)], how=ConfirmedBy.SAVE, by=by)
    if "path" in fields:
        mark_missing(known_directories([experiment.pk]))
    completeness.refresh(experiment)


def say_what_waits(request: HttpRequest, experiment: Experiment) -> None:
    """Show a user who may not run scripts which commands wait for an engineer's confirmation."""
    if may_queue(person(request)):
        return
    entries = list(EntryPoint.objects.filter(experiment=experiment).select_related("experiment"))
    names = [
        str(unconfirmed.entry_point.get_type_display())
        for unconfirmed in confirmation.all_unconfirmed(entries)
    ]
    if names:
        text = _("An engineer reads the changed command before the next run: %(types)s.")
        messages.info(request, text % {"types": ", ".join(names)})


@require_POST
def hand_back_view(request: HttpRequest, model_admin: Any, pk: int) -> HttpResponse:
    """Let scans decide a field again: the view of the button next to its origin."""
    experiment = get_object_or_404(Experiment, pk=pk)
    if not model_admin.has_change_permission(request, experiment):
        raise PermissionDenied
    field = request.POST.get("field", "")
    if provenance.hand_back(experiment, field, by=person(request)):
        completeness.refresh(experiment)
        text = _("%(field)s follows the scans again, from the next one on.")
        messages.success(request, text % {"field": field_label(field)})
    else:
        messages.error(request, _("Nothing was changed: scans decide this field already."))
    return HttpResponseRedirect(detail_address(experiment))
