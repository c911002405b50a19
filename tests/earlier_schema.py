"""Takes the database of a test back to the tables of an earlier version."""

from __future__ import annotations

from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder


def go_back_to(*targets: tuple[str, str]) -> None:
    """Undo all migrations after `targets`, one by one.

    A database that was made at once by a squashed migration has those that it replaces on record;
    without the squashed one they can be undone. `migrate` then goes the way of an upgrade.
    """
    for app, name in MigrationLoader(connection).replacements:
        MigrationRecorder(connection).record_unapplied(app, name)
    executor = MigrationExecutor(connection)
    executor.loader = MigrationLoader(connection, replace_migrations=False)
    executor.migrate(list(targets))
