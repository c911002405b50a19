"""An uploaded file, registry file or sheet: planned in memory, applied as it was shown."""

from __future__ import annotations

from dataclasses import dataclass

from django.contrib.auth.models import AbstractBaseUser

from registry_app.changes.apply import apply_plan
from registry_app.changes.plan import Plan
from registry_app.changes.planning import make_plan
from registry_app.choices import ChangeOrigin, ImportKind
from registry_app.document.reader import MAX_BYTES, load
from registry_app.exceptions import RegistryFileError, StalePlanError
from registry_app.fields.rows import read_rows
from registry_app.files.interpreter_check import may_queue
from registry_app.messages import plain
from registry_app.models import ChangeSet
from registry_app.progress import Progress
from registry_app.texts.changes import PREVIEW_STALE

# What a page can plan in one or two seconds: about 2,000 short rows. Workbooks are much larger.
LARGE_BYTES = {False: 64 * 2**10, True: 512 * 2**10}


@dataclass(frozen=True, kw_only=True)
class ImportFile:
    """An upload: the bytes, the name of the file, and the kind of its content."""

    kind: ImportKind
    name: str
    data: bytes


@dataclass(frozen=True, kw_only=True)
class Digests:
    """The digests of registry and file at the time of a preview."""

    rows: str
    document: str


def max_bytes(kind: ImportKind) -> int:
    """Return the maximum size of a file of this kind."""
    from registry_app.resources import sheet_files

    return MAX_BYTES if kind == ImportKind.REGISTRY else sheet_files.MAX_BYTES


def is_large(file: ImportFile) -> bool:
    """Whether planning a file would take too long for a page, so that a worker does it.

    Raises RegistryFileError for a workbook that would unpack to more than the limit.
    """
    from registry_app.resources import sheet_files

    if file.kind != ImportKind.REGISTRY:
        sheet_files.refuse_too_large(file.data)
    return sheet_files.unpacked_bytes(file.data) > LARGE_BYTES[sheet_files.is_zip(file.data)]


def plan_import(
    file: ImportFile, *, by: AbstractBaseUser | None, progress: Progress | None = None
) -> Plan:
    """Return what this user's file would change; write nothing, open no transaction.

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
        # A sheet is written by hand: what a registry file may contain is an error here.
        raise RegistryFileError(in_cells(plan.warnings))
    return plan


def apply_planned(
    file: ImportFile, plan: Plan, shown: Digests, *, by: AbstractBaseUser | None
) -> ChangeSet | None:
    """Write the plan of a preview with these digests, in one transaction, as one change set.

    Return None if there is nothing to write. Raises StalePlanError, and writes nothing, if
    registry or file have changed.
    """
    if digests_of(plan) != shown:
        raise StalePlanError(PREVIEW_STALE())
    is_sheet = file.kind != ImportKind.REGISTRY
    origin = ChangeOrigin.SPREADSHEET if is_sheet else ChangeOrigin.IMPORT
    return apply_plan(plan, origin=origin, by=by, summary=plain(file.name))


def digests_of(plan: Plan) -> Digests:
    return Digests(rows=plan.rows_digest, document=plan.document_digest)
