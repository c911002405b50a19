"""Holds an uploaded registry file between its preview and its confirmation.

What the browser sends back is a signed note: which file, what the registry and the file said when
the preview was made, and for whom. Nobody else can use it, and it is worth nothing after a day.
"""

from __future__ import annotations

import os
import secrets
import time
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.contrib.auth.models import User
from django.core import signing
from django.utils.translation import gettext as _

from registry_app.changes.plan import Plan
from registry_app.exceptions import StalePlanError

SALT = "registry_app.held_file"
KEPT_S = 24 * 3600


@dataclass(frozen=True, kw_only=True)
class HeldFile:
    """An uploaded file and the digests of its preview."""

    path: Path
    data: bytes
    name: str
    rows_digest: str
    document_digest: str

    def remove(self) -> None:
        self.path.unlink(missing_ok=True)


def hold(data: bytes, *, name: str, plan: Plan, by: User) -> str:
    """Keep the file for its owner alone and return the note that finds it again."""
    folder = _folder()
    _forget_old(folder)
    token = secrets.token_hex(16)
    with os.fdopen(
        os.open(folder / token, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb"
    ) as file:
        file.write(data)
    note = {
        "file": token,
        "name": name[:200],
        "rows": plan.rows_digest,
        "document": plan.document_digest,
        "by": by.pk,
    }
    return signing.dumps(note, salt=SALT)


def find(note: str, *, by: User) -> HeldFile:
    """Return the file that this note speaks of; raises StalePlanError if it is gone."""
    gone = StalePlanError(_("This preview is too old. Choose the file once more."))
    try:
        said = signing.loads(note, salt=SALT, max_age=KEPT_S)
    except signing.BadSignature as error:
        raise gone from error
    if said["by"] != by.pk:
        raise gone
    path = _folder() / said["file"]
    try:
        data = path.read_bytes()
    except FileNotFoundError as error:
        raise gone from error
    return HeldFile(
        path=path,
        data=data,
        name=said["name"],
        rows_digest=said["rows"],
        document_digest=said["document"],
    )


def _folder() -> Path:
    folder = Path(settings.SPOOL_DIR) / "registry-files"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder


def _forget_old(folder: Path) -> None:
    oldest = time.time() - KEPT_S
    for path in folder.iterdir():
        try:
            if path.stat().st_mtime < oldest:
                path.unlink()
        except FileNotFoundError:
            continue  # somebody else tidied up or confirmed
