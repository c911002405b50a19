"""Migrate an empty database automatically; ask the user before an older one is changed."""

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

from registry_app.files import disk_full
from runs_app.system import locks

LOCK = "database.lock"
# For PostgreSQL, where other machines cannot see a lock file.
ADVISORY_LOCK = crc32(b"guardianflow migrate")

# These work without a database, or must see it unchanged.
DATABASE_FREE = frozenset(
    {
        *("build_assets", "check", "collectstatic", "compilemessages", "dbshell", "diffsettings"),
        *("findstatic", "help", "makemessages", "makemigrations", "messages", "migrate"),
        *("showmigrations", "sqlmigrate", "squashmigrations", "startapp", "startproject", "test"),
        *("version", "backup", "demo", "doctor", "restore", "script_helper"),
    }
)
# Commands with an action that reads files alone.
_READS_FILES = frozenset({("core", "check")})

OWN_APPS = frozenset({"portal", "registry_app", "runs_app"})
NEW_DATABASE = "--new-database"
# Commands that may start a new database next to run folders if an option requests it.
_MAY_BEGIN = frozenset({"up", "worker"})

# All that users and runs bring into a database refers to one of these.
_PRECIOUS = frozenset({"auth_user", "registry_app_experiment", "runs_app_run"})

Migration = tuple[str, str]
# The problem, and its fix.
Trouble = tuple[str, str]


class DatabaseNotReadyError(Exception):
    """The database cannot be used as it is; the message says what to do."""


def needs_database(argv: list[str]) -> bool:
    """Whether the command line `PROGRAM COMMAND ...` works on the rows of the portal."""
    own = argv[2 : argv.index("--")] if "--" in argv else argv[2:]
    return (
        len(argv) > 1
        and not argv[1].startswith("-")
        and argv[1] not in DATABASE_FREE
        and (argv[1], _action(own)) not in _READS_FILES
        and not {"-h", "--help"} & set(own)
    )


def _action(arguments: list[str]) -> str:
    return next((word for word in arguments if not word.startswith("-")), "")


def requests_new_database(argv: list[str]) -> bool:
    """Whether the command line requests `up` or `worker` to start a new database."""
    return bool(_MAY_BEGIN & set(argv[1:2])) and NEW_DATABASE in argv[2:]


def bring_up_to_date(*, allow_empty: bool = False) -> None:
    """Migrate an empty database; raises DatabaseNotReadyError if it must not be migrated.

    That is a database of an older or newer version, or an empty one although there are run
    folders; `allow_empty` allows an empty PostgreSQL database. If several processes start at the
    same time, one migrates and the others wait.
    """
    try:
        if _is_new_file():
            _check_runs(allow_empty=allow_empty)
        elif not pending(_known()):
            return
        with exclusive():
            known = _known()
            late = pending(known)
            if not late:
                return
            if known and _holds_something():
                raise DatabaseNotReadyError(
                    _(
                        "The database is older than this version of the portal "
                        "({count} migrations). Make a backup, stop web and worker, then run "
                        "`guardianflow migrate`."
                    ).format(count=len(late))
                )
            _check_runs(allow_empty=allow_empty)
            sys.stderr.write("guardianflow: " + _("Setting up a new database ...") + "\n")
            call_command("migrate", verbosity=0, interactive=False)
    except DatabaseError as error:
        raise DatabaseNotReadyError(not_answering(error)) from error


def check_usable() -> None:
    """Raise DatabaseNotReadyError for a newer version's database, or an empty one next to runs.

    For `migrate` and the web server, which use a database as it is. Raises Django's DatabaseError
    if it does not respond, which may be temporary.
    """
    if _is_new_file() or not _known():
        _check_runs()


def problem_at_start() -> str:
    """Return why a web server must not serve this database, else ''; '' if it is unreachable."""
    try:
        check_usable()
    except DatabaseNotReadyError as error:
        return str(error)
    except DatabaseError:
        return ""
    finally:
        connection.close()
    return ""


def _known() -> set[Migration]:
    """Return the applied migrations; raises DatabaseNotReadyError for a newer version's."""
    had = applied()
    if trouble := newer(had):
        raise DatabaseNotReadyError(" ".join(trouble))
    return had


def newer(had: set[Migration]) -> Trouble | None:
    """Return what is wrong with a database with migrations that this version does not know.

    Those of other packages do not count: updates of packages may drop old ones.
    """
    unknown = sorted(
        migration for migration in had - _of_this_version() if migration[0] in OWN_APPS
    )
    if not unknown:
        return None
    return (
        _(
            "{database} is of a newer version of the portal: it has {migration}, which this "
            "version does not know."
        ).format(database=name(), migration=".".join(unknown[-1])),
        _(
            "Update the portal, or restore a backup of this version with "
            "`guardianflow restore FILE --force`."
        ),
    )


def _check_runs(*, allow_empty: bool = False) -> None:
    if allow_empty and connection.vendor != "sqlite":
        return
    if trouble := empty_despite_runs():
        raise DatabaseNotReadyError(" ".join(trouble))


def empty_despite_runs() -> Trouble | None:
    """Return what is wrong with an empty database if there are run folders."""
    if not any(Path(settings.RUNS_DIR).glob("*")):
        return None
    text = _("{database} is empty although {runs} holds runs.")
    fix = _(
        "Is DATABASE_URL right, is the disk mounted? Put the database back, or restore a backup "
        "with `guardianflow restore FILE --force`."
    )
    if connection.vendor == "sqlite":
        way_on = _("To begin a new one, move {runs} away.")
    else:
        way_on = _(
            "To keep them and start with a new database, run `guardianflow up "
            "--new-database` or `guardianflow worker --new-database`."
        )
    return (
        text.format(database=name(), runs=settings.RUNS_DIR),
        f"{fix} {way_on}".format(runs=settings.RUNS_DIR),
    )


def name() -> str:
    """Return the name of the database, without a password."""
    of = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"SQLite {of['NAME']}"
    return f"PostgreSQL {of['NAME']} ({of['HOST'] or 'localhost'})"


def _holds_something() -> bool:
    """Whether there is a row that a user might miss; an interrupted set-up leaves none."""
    with connection.cursor() as cursor:
        for table in _PRECIOUS & set(connection.introspection.table_names(cursor)):
            cursor.execute(f'SELECT 1 FROM "{table}" LIMIT 1')  # noqa: S608
            if cursor.fetchone():
                return True
    return False


def _is_new_file() -> bool:
    """Whether the first process to open SQLite's file must create it.

    Two processes doing so at once would both change its journal mode, and SQLite fails one of them
    immediately, whatever the timeout.
    """
    if connection.vendor != "sqlite":
        return False
    file = Path(connection.settings_dict["NAME"])
    return not file.exists() or file.stat().st_size == 0


def not_answering(error: Exception) -> str:
    """Return one line about a database that does not respond."""
    if full := disk_full.trouble(error):
        return " ".join(full)
    return _("The database cannot be used: {reason}. See `guardianflow doctor`.").format(
        reason=" ".join(str(error).split())
    )


def pending(had: set[Migration] | None = None) -> list[Migration]:
    """Return this version's migrations that are not among the applied ones, `had`.

    A squashed migration changes nothing where the last one that it replaces was applied.
    """
    had = applied() if had is None else had
    return sorted(
        (app, name)
        for app, name in _of_this_version() - had
        if (app, name.partition("_squashed_")[2]) not in had
    )


def applied() -> set[Migration]:
    """Return the migrations that were applied to the database."""
    return set(MigrationRecorder(connection).applied_migrations())


def _of_this_version() -> set[Migration]:
    """Return its migrations by file name: loading them would slow down every command."""
    return {
        (app.label, file.stem)
        for app in apps.get_app_configs()
        if app.label not in settings.MIGRATION_MODULES
        for file in (Path(app.path) / "migrations").glob("[!_]*.py")
    }


@contextmanager
def exclusive() -> Iterator[None]:
    """Hold the lock under which one process at a time changes the tables."""
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
