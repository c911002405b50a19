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

from registry_app.files import disk_full
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
        *("version", "backup", "demo", "doctor", "restore", "script_helper"),
    }
)

OWN_APPS = frozenset({"portal", "registry_app", "runs_app"})
NEW_DATABASE = "--new-database"
# Commands that may begin a new database beside run folders, where they are told to.
_MAY_BEGIN = frozenset({"up", "worker"})

# All that people and runs bring into a database hangs on one of these.
_PRECIOUS = frozenset({"auth_user", "registry_app_experiment", "runs_app_run"})

Migration = tuple[str, str]
# What is wrong, and what to do about it.
Trouble = tuple[str, str]


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


def wants_new_database(argv: list[str]) -> bool:
    """Whether the command line tells `up` or `worker` to begin a new database."""
    return bool(_MAY_BEGIN & set(argv[1:2])) and NEW_DATABASE in argv[2:]


def bring_up_to_date(*, begins_anew: bool = False) -> None:
    """Migrate a database that holds nothing yet; raises DatabaseNotReadyError where it must not.

    That is one of an older or a newer version, and an empty one beside the folders of runs;
    `begins_anew` lets an empty PostgreSQL database pass. Of several processes that come first at
    the same time one migrates and the others wait.
    """
    try:
        if _is_new_file():
            _check_runs(begins_anew=begins_anew)
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
            _check_runs(begins_anew=begins_anew)
            sys.stderr.write("guardianflow: " + _("Setting up a new database ...") + "\n")
            call_command("migrate", verbosity=0, interactive=False)
    except DatabaseError as error:
        raise DatabaseNotReadyError(not_answering(error)) from error


def check_usable() -> None:
    """Raise DatabaseNotReadyError for a database of a newer version, or an empty one beside runs.

    For what works on a database as it is, `migrate` and the web server. Raises Django's own
    DatabaseError where it does not answer, which may be over soon.
    """
    if _is_new_file() or not _known():
        _check_runs()


def problem_at_start() -> str:
    """Return why a web server must not serve this database, else ''; one that is away may come."""
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
    """Return what the database has had; raises DatabaseNotReadyError for a newer version's."""
    had = applied()
    if trouble := newer(had):
        raise DatabaseNotReadyError(" ".join(trouble))
    return had


def newer(had: set[Migration]) -> Trouble | None:
    """Return what is wrong with a database that had migrations which this version does not know.

    Those of other packages do not count: they drop old ones when they are updated.
    """
    unknown = sorted(one for one in had - _of_this_version() if one[0] in OWN_APPS)
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


def _check_runs(*, begins_anew: bool = False) -> None:
    if begins_anew and connection.vendor != "sqlite":
        return
    if trouble := empty_beside_runs():
        raise DatabaseNotReadyError(" ".join(trouble))


def empty_beside_runs() -> Trouble | None:
    """Return what is wrong with an empty database where there are folders of runs."""
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
            "To begin a new one beside them, start `guardianflow up --new-database` or "
            "`guardianflow worker --new-database`."
        )
    return (
        text.format(database=name(), runs=settings.RUNS_DIR),
        f"{fix} {way_on}".format(runs=settings.RUNS_DIR),
    )


def name() -> str:
    """Return which database this is, without a password."""
    of = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"SQLite {of['NAME']}"
    return f"PostgreSQL {of['NAME']} ({of['HOST'] or 'localhost'})"


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
    if full := disk_full.trouble(error):
        return " ".join(full)
    return _("The database cannot be used: {reason}. `guardianflow doctor` tells more.").format(
        reason=" ".join(str(error).split())
    )


def pending(had: set[Migration] | None = None) -> list[Migration]:
    """Return the migrations that this version has and the database, which had `had`, has not."""
    return sorted(_of_this_version() - (applied() if had is None else had))


def applied() -> set[Migration]:
    """Return the migrations that the database has had."""
    return set(MigrationRecorder(connection).applied_migrations())


def _of_this_version() -> set[Migration]:
    """Return its migrations by file names: to load them would cost every command its start."""
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
