"""Brings a new database up to date by itself; asks people before it changes an older one."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from zlib import crc32

from django.apps import apps
from django.conf import settings
from django.core.management import call_command
from django.db import DatabaseError, connection
from django.db.migrations.recorder import MigrationRecorder
from django.utils.translation import gettext as _

from runs_app.system import locks

LOCK = "database.lock"
# On PostgreSQL, where a lock file is not seen by other machines.
ADVISORY_LOCK = crc32(b"guardianflow migrate")

# These work without a database, or must see it as it is.
DATABASE_FREE = frozenset(
    {
        *("build_assets", "check", "collectstatic", "compilemessages", "dbshell", "diffsettings"),
        *("findstatic", "help", "makemessages", "makemigrations", "messages", "migrate"),
        *("showmigrations", "sqlmigrate", "squashmigrations", "startapp", "startproject", "test"),
        *("version", "backup", "demo", "doctor", "restore"),
    }
)

# All that people and runs bring into a database hangs on one of these.
_PRECIOUS = frozenset({"auth_user", "registry_app_experiment", "runs_app_run"})

Migration = tuple[str, str]


class DatabaseNotReadyError(Exception):
    """The database cannot be used as it is; the text says what to do."""


def needs_database(argv: list[str]) -> bool:
    """Whether the command line `PROGRAM COMMAND ...` works on the rows of the portal."""
    own = argv[2 : argv.index("--")] if "--" in argv else argv[2:]
    return (
        len(argv) > 1
        and not argv[1].startswith("-")
        and argv[1] not in DATABASE_FREE
        and not {"-h", "--help"} & set(own)
    )


def bring_up_to_date() -> None:
    """Migrate a database that holds nothing yet; raises DatabaseNotReadyError for an older one.

    Of several processes that come first at the same time one migrates and the others wait.
    """
    try:
        if not _is_new_file() and not pending():
            return
        with exclusive():
            late = pending()
            if not late:
                return
            if applied() and _holds_something():
                raise DatabaseNotReadyError(
                    _(
                        "The database is older than this version of the portal "
                        "({count} migrations). Make a backup, stop web and worker, then run "
                        "`guardianflow migrate`."
                    ).format(count=len(late))
                )
            if any(Path(settings.RUNS_DIR).glob("*")):
                raise DatabaseNotReadyError(
                    _(
                        "The database is empty although {runs} holds runs. Is DATABASE_URL right, "
                        "is the disk mounted? Put the database back, restore a backup, or move "
                        "{runs} away to begin anew."
                    ).format(runs=settings.RUNS_DIR)
                )
            sys.stderr.write("guardianflow: " + _("Setting up a new database ...") + "\n")
            call_command("migrate", verbosity=0, interactive=False)
    except DatabaseError as error:
        raise DatabaseNotReadyError(not_answering(error)) from error


def _holds_something() -> bool:
    """Whether there is a row that a person might miss; an interrupted set-up leaves none."""
    with connection.cursor() as cursor:
        for table in _PRECIOUS & set(connection.introspection.table_names(cursor)):
            cursor.execute(f'SELECT 1 FROM "{table}" LIMIT 1')  # noqa: S608
            if cursor.fetchone():
                return True
    return False


def _is_new_file() -> bool:
    """Whether SQLite's file must be made by whoever opens it first.

    Two that did so at once would both change its journal, and SQLite refuses one of them at once,
    whatever the timeout.
    """
    if connection.vendor != "sqlite":
        return False
    file = Path(connection.settings_dict["NAME"])
    return not file.exists() or file.stat().st_size == 0


def not_answering(error: Exception) -> str:
    """Return one line about a database that does not answer."""
    return _("The database cannot be used: {reason}. `guardianflow doctor` tells more.").format(
        reason=" ".join(str(error).split())
    )


def pending() -> list[Migration]:
    """Return the migrations that this version has and the database has not, in one query.

    Their names are read from the file names: to load them would cost every command its start.
    """
    return sorted(_of_this_version() - applied())


def applied() -> set[Migration]:
    """Return the migrations that the database has had."""
    return set(MigrationRecorder(connection).applied_migrations())


def _of_this_version() -> set[Migration]:
    return {
        (app.label, file.stem)
        for app in apps.get_app_configs()
        for file in (Path(app.path) / "migrations").glob("[!_]*.py")
    }


@contextmanager
def exclusive() -> Iterator[None]:
    """Let one process at a time change the tables."""
    with locks.hold(Path(settings.GUARDIANFLOW_HOME) / LOCK, wait=True):
        if connection.vendor != "postgresql":
            yield
            return
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_lock(%s)", [ADVISORY_LOCK])
        try:
            yield
        finally:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s)", [ADVISORY_LOCK])
