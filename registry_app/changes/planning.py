"""Compare a registry document with the rows: the same plan for the command, the admin and a scan.

A field that the document does not mention is left alone; one that it sets to empty is cleared;
an experiment that it does not name is reported as missing, never deleted. A scan fills only
undecided fields: those that are empty and without origin, or that a scan wrote. Its values for
other fields become proposals.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _

from registry_app.changes import plan_checks
from registry_app.changes.plan import (
    CustomerChange,
    ExperimentPlan,
    FieldChange,
    PlacePlan,
    Plan,
    PlanAction,
    WordChange,
)
from registry_app.choices import FieldSource
from registry_app.document.model import ExperimentDocument, RegistryDocument, WordDocument
from registry_app.exceptions import PathRefusedError
from registry_app.fields.documents import fields_of_document
from registry_app.fields.names import is_empty, same
from registry_app.fields.rows import RegistryRows, read_rows
from registry_app.fields.vocabulary import completed, words_of_rows
from registry_app.files.paths import resolve_directory
from registry_app.models import Customer, FieldProvenance
from registry_app.progress import Progress, followed

Origins = dict[str, str]


def make_plan(
    document: RegistryDocument,
    *,
    source: FieldSource = FieldSource.IMPORTED,
    rows: RegistryRows | None = None,
    any_interpreter: bool = False,
    progress: Progress | None = None,
) -> Plan:
    """Compare a document with the rows, in a number of queries that does not grow with them.

    `rows` are read unless they are given. `any_interpreter`: the file comes from a user who may
    run scripts, and may name interpreters that are not listed. Raises RegistryFileError for an
    interpreter that is not allowed, and if a directory would get a second name.
    """
    rows = rows or read_rows()
    # A sheet that was exported and uploaded again confirms nothing: only some cells were edited.
    origins = _origins(document, source)
    plans = [
        _experiment_plan(entry, rows.fields.get(entry.name), origins.get(entry.name, {}), source)
        for entry in followed(document.experiments, progress)
    ]
    if source is FieldSource.IMPORTED:
        plan_checks.refuse_archived(document)
        plan_checks.refuse_directories(document, plans, rows)
        plan_checks.refuse_interpreters(document, plans, rows, anywhere=any_interpreter)
    warnings = plan_checks.doubts(document, plans, rows) if source is FieldSource.IMPORTED else ()
    if document.is_whole:
        named = {experiment.name for experiment in document.experiments}
        plans += [
            ExperimentPlan(name=name, action=PlanAction.MISSING)
            for name in rows.experiments
            if name not in named
        ]
    customers = _customer_changes(document, rows)
    return Plan(
        source=source,
        experiments=tuple(sorted(plans, key=lambda planned: planned.name)),
        customers=customers,
        places=_place_plans(document, customers, rows),
        words=_word_changes(document.vocabulary),
        warnings=warnings,
        remarks=document.remarks,
        rows_digest=rows.digest,
        document_digest=digest_of(document),
    )


def digest_of(document: RegistryDocument) -> str:
    """Return a digest of the whole content of a document."""
    return hashlib.sha256(repr(document).encode(errors="surrogatepass")).hexdigest()


def _origins(document: RegistryDocument, source: FieldSource) -> dict[str, Origins]:
    """Return the relevant origins: all for a scan, those of scans for a registry file."""
    found: dict[str, Origins] = {}
    if source is not FieldSource.SCANNED and not document.is_whole:
        return found
    rows = FieldProvenance.objects.order_by()
    if source is not FieldSource.SCANNED:
        rows = rows.filter(source=FieldSource.SCANNED)
    for name, field_name, origin in rows.values_list("experiment__name", "field", "source"):
        found.setdefault(name, {})[field_name] = origin
    return found


def _experiment_plan(
    document: ExperimentDocument,
    row: dict[str, Any] | None,
    origins: Origins,
    source: FieldSource,
) -> ExperimentPlan:
    """Return the plan of an experiment; `row` has the fields of its row, if there is one."""
    stated = fields_of_document(document)
    present = row or {}
    changes = tuple(
        _change(name, present.get(name), value, origins, source)
        for name, value in stated.items()
        if not _same(name, present.get(name), value)
        and not (source is FieldSource.SCANNED and _same_place(name, present.get(name), value))
    )
    differing = {change.field for change in changes}
    found = tuple(
        name
        for name, value in stated.items()
        if name not in differing
        and (name not in origins) == (source is FieldSource.SCANNED)
        and not is_empty(value)
    )
    if row is None:
        action = PlanAction.CREATE
    elif any(not change.kept for change in changes):
        action = PlanAction.UPDATE
    else:
        action = PlanAction.UNCHANGED
    return ExperimentPlan(
        name=document.name,
        action=action,
        changes=changes,
        found=found,
        evidence=dict(document.evidence),
    )


def _change(name: str, old: Any, new: Any, origins: Origins, source: FieldSource) -> FieldChange:
    kept = source is FieldSource.SCANNED and not _is_free(name, old, origins)
    return FieldChange(field=name, old=old, new=new, kept=kept, reason=_why_kept(kept))


def _same(name: str, old: Any, new: Any) -> bool:
    """Whether a field has the same value; names of customers are case-insensitive."""
    if name == "site.customer" and old and new:
        return str(old).casefold() == str(new).casefold()
    return same(old, new)


def _same_place(name: str, old: Any, new: Any) -> bool:
    """Whether two spellings of a path name one directory; a scan must not change the spelling."""
    if name != "path" or not old or not new:
        return False
    try:
        one, other = (resolve_directory(path, settings.GUARDIANFLOW_ROOTS) for path in (old, new))
    except PathRefusedError:
        return False
    return os.path.realpath(one) == os.path.realpath(other)


def _is_free(name: str, old: Any, origins: Origins) -> bool:
    """Whether a scan may write a field."""
    if name in origins:
        return origins[name] == FieldSource.SCANNED
    return is_empty(old)


def _why_kept(kept: bool) -> str:
    return _("A person decided this value; a scan never overwrites it.") if kept else ""


def _place_plans(
    document: RegistryDocument, customers: Sequence[CustomerChange], rows: RegistryRows
) -> tuple[PlacePlan, ...]:
    changed = {customer.name.casefold() for customer in customers}
    found = []
    for place in document.places:
        key = replace(place, customer=place.customer.casefold())
        action = PlanAction.UPDATE if key.customer in changed else PlanAction.UNCHANGED
        if key not in rows.places:
            action = PlanAction.CREATE
        found.append(PlacePlan(place=place, action=action))
    return tuple(found)


def _word_changes(vocabulary: Sequence[WordDocument]) -> tuple[WordChange, ...]:
    """Return the words that differ; those that the file does not name stay."""
    rows = words_of_rows() if vocabulary else {}
    pairs = [(rows.get(word.word), word) for word in vocabulary]
    return tuple(
        WordChange(word=word.word, old=old, new=new)
        for old, word in pairs
        if (new := completed(word, old)) != old
    )


def _customer_changes(document: RegistryDocument, rows: RegistryRows) -> tuple[CustomerChange, ...]:
    found = []
    for customer in document.customers:
        row = rows.customers.get(customer.name.casefold(), Customer(name=customer.name))
        stated = {"display_name": customer.display_name, "aliases": customer.aliases}
        for name, new in stated.items():
            old = getattr(row, name)
            if new is not None and type(old)(new) != old:
                found.append(
                    CustomerChange(name=customer.name, field=name, old=old, new=type(old)(new))
                )
    return tuple(found)
