"""Copy databases while they are in use: SQLite by its backup API, PostgreSQL by its own tools."""

from __future__ import annotations

import contextlib
import os
import sqlite3
import subprocess
from pathlib import Path

from django.db import connection
from django.utils.translation import gettext as _

from portal.backup.format import BackupError

_BUSY_LIMIT_S = 60
# Enough to show what is wrong; a corrupt file may have thousands.
_MAX_FINDINGS = 3
# The connection options that the query part of a URL may set.
_PASSED_OPTIONS = frozenset(
    {"host", "port", "user", "password", "passfile", "sslmode", "sslrootcert", "sslcert", "sslkey"}
)


def copy_sqlite(source: Path, target: Path) -> None:
    """Copy a consistent snapshot of a database; writers are not blocked.

    Raises BackupError, also for a corrupt database: its backup would replace a good one.
    """
    try:
        with (
            # Open without creating: a missing file must stay missing.
            contextlib.closing(
                sqlite3.connect(f"{source.as_uri()}?mode=rw", uri=True, timeout=_BUSY_LIMIT_S)
            ) as here,
            contextlib.closing(sqlite3.connect(target)) as there,
        ):
            here.backup(there)
    except sqlite3.DatabaseError as error:
        if is_damage(error):
            raise damaged(source, str(error)) from error
        raise BackupError(
            _("The database {path} cannot be copied: {reason}").format(path=source, reason=error)
        ) from error
    if reason := damage_of(target):
        raise damaged(source, reason)


def damage_of(file: Path) -> str:
    """Return what SQLite finds corrupt in a file without writers, '' if it is intact."""
    try:
        with contextlib.closing(
            sqlite3.connect(f"{file.as_uri()}?mode=ro&immutable=1", uri=True)
        ) as rows:
            found = [row[0] for row in rows.execute(f"PRAGMA integrity_check({_MAX_FINDINGS})")]
    except sqlite3.DatabaseError as error:
        return str(error)
    return "" if found == ["ok"] else "; ".join(" ".join(str(row).split()) for row in found)


def is_damage(error: BaseException | None) -> bool:
    """Whether the error means that SQLite found a file corrupt."""
    if not isinstance(error, sqlite3.DatabaseError):
        return False
    code = getattr(error, "sqlite_errorcode", 0)  # Python's own errors have none
    return code & 0xFF in {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}


def damaged(source: Path, reason: str) -> BackupError:
    """Return the error that refuses to back up a corrupt database."""
    return BackupError(
        _(
            "The database {path} is corrupt ({reason}). No backup was made, and the last one is "
            "untouched. Stop web and worker and restore the last good backup with --force; what "
            "is newer may be read out with `sqlite3 {path} .recover`."
        ).format(path=source, reason=reason)
    )


def dump_postgresql(target: Path) -> None:
    """Dump a consistent snapshot of the portal's database; raises BackupError."""
    _run(["pg_dump", "--format=custom", "--no-owner", "--no-privileges", f"--file={target}"])


def load_postgresql(source: Path) -> None:
    """Load a dump into an empty database, all of it or nothing; raises BackupError."""
    _run(
        [
            *("pg_restore", "--no-owner", "--no-privileges", "--exit-on-error"),
            *("--single-transaction", f"--dbname={connection.settings_dict['NAME']}", str(source)),
        ]
    )


def _run(argv: list[str]) -> None:
    tool = argv[0]
    try:
        done = subprocess.run(
            [*argv, "--no-password"],
            env={**os.environ, **_address()},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            check=False,
        )
    except FileNotFoundError as error:
        raise BackupError(
            _("{tool} is not installed. Install PostgreSQL's client programs.").format(tool=tool)
        ) from error
    if done.returncode != 0:
        reason = " ".join(done.stderr.split())[:500]
        raise BackupError(_("{tool} failed: {reason}").format(tool=tool, reason=reason))


def _address() -> dict[str, str]:
    """The connection for PostgreSQL's tools, as environment, which other users cannot see."""
    own = connection.settings_dict
    options = {
        f"PG{name.upper()}": str(value)
        for name, value in own.get("OPTIONS", {}).items()
        if name in _PASSED_OPTIONS
    }
    address = {
        "PGDATABASE": own["NAME"],
        "PGHOST": own["HOST"],
        "PGPORT": own["PORT"],
        "PGUSER": own["USER"],
        "PGPASSWORD": own["PASSWORD"],
    }
    return options | {name: str(value) for name, value in address.items() if value}
