"""A new database is set up at once, and has the tables that an old one has after every upgrade."""

from __future__ import annotations

import os
import re
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from portal import database

PROJECT = Path(__file__).parents[2]
# Each migration as databases of earlier versions went through it.
ONE_BY_ONE = """
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.loader import MigrationLoader
executor = MigrationExecutor(connection)
executor.loader = MigrationLoader(connection, replace_migrations=False)
squashed = executor.loader.replacements
leaves = [key for key in executor.loader.graph.leaf_nodes() if key not in squashed]
executor.migrate(leaves)
"""
AT_ONCE = """
from django.core.management import call_command
call_command("migrate", verbosity=0)
"""
# Rows that migrations make: groups with their permissions, and the main metrics.
ROWS = {
    "groups": (
        "SELECT auth_group.name, app_label, codename FROM auth_group_permissions "
        "JOIN auth_group ON auth_group.id = group_id "
        "JOIN auth_permission ON auth_permission.id = permission_id "
        "JOIN django_content_type ON django_content_type.id = content_type_id"
    ),
    "metrics": "SELECT task_type, names, direction FROM runs_app_mainmetric",
}


def made(home: Path, how: str) -> Path:
    environment = {"PATH": os.environ["PATH"], "DJANGO_SETTINGS_MODULE": "portal.settings"}
    roots = home.with_name("experiments")
    ended = subprocess.run(
        [sys.executable, "-c", f"import django; django.setup(){how}"],
        cwd=PROJECT,
        env={**environment, "GUARDIANFLOW_HOME": str(home), "GUARDIANFLOW_ROOTS": str(roots)},
        check=False,
        capture_output=True,
        text=True,
    )
    assert ended.returncode == 0, ended.stderr
    return home / "portal.sqlite3"


def content(file: Path) -> dict[str, object]:
    """Return tables (columns, references, checks), indexes and the rows made, in no order."""
    found: dict[str, object] = {}
    with closing(sqlite3.connect(file)) as opened:
        for kind, name, sql in opened.execute("SELECT type, name, sql FROM sqlite_master"):
            if kind == "table":
                columns = opened.execute(f'PRAGMA table_info("{name}")').fetchall()
                keys = opened.execute(f'PRAGMA foreign_key_list("{name}")').fetchall()
                checks = re.findall(
                    r'CONSTRAINT "\w+" (?:CHECK|UNIQUE) .*?(?=, CONSTRAINT|\)$)', sql
                )
                parts = ((row[1:] for row in columns), (row[2:] for row in keys), checks)
                found[name] = [sorted(map(str, part)) for part in parts]
            else:
                found[name] = sql
        for name, query in ROWS.items():
            found[name] = sorted(opened.execute(query))
    return found


@pytest.mark.proof
def test_a_database_made_at_once_is_as_one_that_was_upgraded_step_by_step(tmp_path: Path) -> None:
    upgraded = content(made(tmp_path / "upgraded", ONE_BY_ONE))
    new = content(made(tmp_path / "new", AT_ONCE))
    assert len(new) > 100
    assert new == upgraded


@pytest.mark.parametrize("missing", ["", "0023_index_what_lists_sort_by", "0022_fill_main_metrics"])
def test_a_squashed_migration_is_due_where_one_that_it_replaces_is(missing: str) -> None:
    had = {
        (app, name)
        for app, name in database._of_this_version()
        if "_squashed_" not in name and (app, name) != ("runs_app", missing)
    }
    assert bool(database.pending(had)) is bool(missing)
