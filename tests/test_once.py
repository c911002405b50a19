"""An empty database is made again exactly when something that `migrate` reads has changed."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests import once


class Maker:
    """Makes files, and counts how often."""

    def __init__(self) -> None:
        self.count = 0

    def __call__(self, file: Path) -> None:
        self.count += 1
        file.write_text(f"database {self.count}")


def test_the_second_test_run_takes_the_first_one_s_database(tmp_path: Path) -> None:
    make = Maker()
    first = once.made_once(tmp_path / "cache", "portal.sqlite3", "a", make)
    assert once.made_once(tmp_path / "cache", "portal.sqlite3", "a", make) == first
    assert (make.count, first.read_text()) == (1, "database 1")


def test_another_schema_gets_a_database_of_its_own_and_old_ones_go(tmp_path: Path) -> None:
    make = Maker()
    for number in range(once.MAX_CACHED + 2):
        once.made_once(tmp_path, "portal.sqlite3", f"schema-{number}", make)
    assert make.count == once.MAX_CACHED + 2
    assert len(list(tmp_path.glob("*-portal.sqlite3"))) == once.MAX_CACHED


def test_a_maker_that_died_leaves_nothing_that_is_taken_for_a_database(tmp_path: Path) -> None:
    def dies(file: Path) -> None:
        file.write_text("half")
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        once.made_once(tmp_path, "portal.sqlite3", "a", dies)
    made = once.made_once(tmp_path, "portal.sqlite3", "a", Maker())
    assert made.read_text() == "database 1"


@pytest.mark.parametrize(
    ("changed", "is_another"),
    [
        ("app/migrations/0002_more.py", True),
        ("app/models/rows.py", True),
        ("app/views.py", False),
    ],
)
def test_the_digest_follows_what_migrate_reads(
    tmp_path: Path, changed: str, is_another: bool
) -> None:
    for folder in ("app/migrations", "app/models"):
        (tmp_path / folder).mkdir(parents=True)
    before = once.schema_digest(tmp_path)
    (tmp_path / changed).write_text("pass")
    assert (once.schema_digest(tmp_path) != before) is is_another
