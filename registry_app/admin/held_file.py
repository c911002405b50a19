"""The signed token for an uploaded file between its preview and its confirmation.

The browser sends it back. It names the file, the digests of registry and file at the time of the
preview, and the user. No other user can use it, and it expires after a day.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.contrib.auth.models import User
from django.core import signing
from django.utils.translation import gettext as _

from registry_app.changes.plan import Plan
from registry_app.choices import ImportKind
from registry_app.exceptions import StalePlanError
from registry_app.imports import held_files
from registry_app.imports.uploaded import Digests, ImportFile

SALT = "registry_app.held_file"


@dataclass(frozen=True, kw_only=True)
class HeldFile:
    """An uploaded file and the digests of its preview."""

    file: ImportFile
    token: str
    shown: Digests

    def remove(self) -> None:
        held_files.remove(self.token)


def hold(file: ImportFile, *, plan: Plan, by: User) -> str:
    """Store the file for its owner alone, and return the token that finds it again."""
    note = {
        "file": held_files.hold(file.data),
        "kind": str(file.kind),
        "name": file.name[:200],
        "rows": plan.rows_digest,
        "document": plan.document_digest,
        "by": by.pk,
    }
    return signing.dumps(note, salt=SALT)


def find(note: str, *, by: User) -> HeldFile:
    """Return the file of this token; raises StalePlanError if it is gone."""
    gone = StalePlanError(_("This preview is too old. Choose the file once more."))
    try:
        held = signing.loads(note, salt=SALT, max_age=held_files.KEPT_S)
    except signing.BadSignature as error:
        raise gone from error
    if held["by"] != by.pk:
        raise gone
    data = held_files.read(held["file"])
    return HeldFile(
        file=ImportFile(kind=ImportKind(held["kind"]), name=held["name"], data=data),
        token=held["file"],
        shown=Digests(rows=held["rows"], document=held["document"]),
    )
