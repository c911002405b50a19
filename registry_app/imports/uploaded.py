"""An uploaded file, whether registry file or sheet: planned in memory, applied as it was shown."""

from __future__ import annotations

from dataclasses import dataclass

from django.contrib.auth.models import AbstractBaseUser
from django.utils.translation import gettext as _

from registry_app.changes.apply import apply_plan
from registry_app.changes.plan import Plan, make_plan
from registry_app.choices import ChangeOrigin, ImportKind
from registry_app.document.reader import MAX_BYTES, load
from registry_app.exceptions import RegistryFileError, StalePlanError
from registry_app.fields.rows import read_rows
from registry_app.files.interpreter_check import may_queue
from registry_app.models import ChangeSet
from registry_app.progress import Progress

# What a page plans within a second or two: some 2,000 short rows. A workbook is wordier by far.
LARGE_BYTES = {False: 64 * 2**10, True: 512 * 2**10}


@dataclass(frozen=True, kw_only=True)
class ImportFile:
    """What was uploaded: the bytes, the name that the file had, and what it holds."""

    kind: ImportKind
    name: str
    data: bytes


@dataclass(frozen=True, kw_only=True)
class Digests:
    """What registry and file said when a preview was made."""

    rows: str
    document: str


def max_bytes(kind: ImportKind) -> int:
    """Return how large a file of this kind may be."""
    from registry_app.resources import table

    return MAX_BYTES if kind == ImportKind.REGISTRY else table.MAX_BYTES


def is_large(file: ImportFile) -> bool:
    """Whether a page would wait too long for the plan of a file, so that a worker makes it.

    Raises RegistryFileError for a workbook that would unpack to more than any registry.
    """
    from registry_app.resources import table

    if file.kind != ImportKind.REGISTRY:
        table.refuse_too_large(file.data)
    return table.unpacked_bytes(file.data) > LARGE_BYTES[table.is_zip(file.data)]


def plan_import(
    file: ImportFile, *, by: AbstractBaseUser | None, progress: Progress | None = None
) -> Plan:
    """Return what a file of this person would change; writes nothing, opens no transaction.

    The number of statements does not depend on the number of rows. Raises RegistryFileError with
    everything that is wrong.
    """
    rows = read_rows()
    if file.kind == ImportKind.REGISTRY:
        document = load(file.data, name=file.name, progress=progress)
        return make_plan(document, rows=rows, any_interpreter=may_queue(by), progress=progress)
    from registry_app.resources.sheet_reader import in_cells, read_sheet

    document = read_sheet(file.data, file.kind, name=file.name, rows=rows, progress=progress)
    try:
        plan = make_plan(document, rows=rows, any_interpreter=may_queue(by), progress=progress)
    except RegistryFileError as error:
        raise RegistryFileError(in_cells(error.problems)) from error
    if plan.warnings:
        # A sheet is written by hand: what a registry file of another machine may say is a mistake.
        raise RegistryFileError(in_cells(plan.warnings))
    return plan


def apply_planned(
    file: ImportFile, plan: Plan, shown: Digests, *, by: AbstractBaseUser | None
) -> ChangeSet | None:
    """Write what a preview with these digests showed, in one transaction, as one change set.

    Return None where there is nothing to write. Raises StalePlanError, and writes nothing, if
    registry or file say something else by now.
    """
    if digests_of(plan) != shown:
        raise StalePlanError(
            _("The registry changed after this preview was made. Look at it once more.")
        )
    is_sheet = file.kind != ImportKind.REGISTRY
    origin = ChangeOrigin.SPREADSHEET if is_sheet else ChangeOrigin.IMPORT
    return apply_plan(plan, origin=origin, by=by, summary=file.name)


def digests_of(plan: Plan) -> Digests:
    return Digests(rows=plan.rows_digest, document=plan.document_digest)
