"""Minsu's portal may not read one of the directories; the scan says so, and loses none."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.ordinary_user import OrdinaryUser, ordinary_user

pytestmark = [pytest.mark.first, pytest.mark.ordinary_user, pytest.mark.processes]


@pytest.fixture(scope="module")
def minsu(empty_database: Path, empty_store: Path) -> Iterator[OrdinaryUser]:
    with ordinary_user(empty_database, empty_store) as user:
        user.experiment("sampyo-gimhae-bct", train_py="model.fit()\n")
        locked = user.experiment("donghwa-entec-ppe", train_py="model.fit()\n")
        (user.experiments / "by-link").symlink_to("donghwa-entec-ppe/inside")
        locked.chmod(0)
        yield user


def test_a_directory_that_cannot_be_read_is_left_out_with_the_reason(minsu: OrdinaryUser) -> None:
    done = minsu.portal("scan_experiments", "--details", "--json")
    draft = json.loads(done.stdout)
    left = {Path(row["path"]).name: row["reason"] for row in draft["left_out"]}
    assert left == {
        "by-link": "cannot be read (Permission denied)",
        "donghwa-entec-ppe": "cannot be read (Permission denied)",
    }
    assert left.keys() | draft["experiments"].keys() == set(os.listdir(minsu.experiments))
    assert "donghwa-entec-ppe: cannot be read" in done.stderr


def test_it_cannot_be_added_but_it_can_be_left_alone(minsu: OrdinaryUser) -> None:
    refused = minsu.portal("scan_experiments", "--add", "donghwa-entec-ppe", check=False)
    assert refused.returncode == 2
    assert "cannot be added: cannot be read (Permission denied)" in refused.stderr
    minsu.portal("scan_experiments", "--never", "donghwa-entec-ppe")
    draft = json.loads(minsu.portal("scan_experiments", "--details", "--json").stdout)
    assert [Path(row["path"]).name for row in draft["left_out"]] == ["by-link"]
    minsu.portal("scan_experiments", "--take-back", "donghwa-entec-ppe")


def test_a_root_that_may_not_be_entered_any_more_is_told_without_a_traceback(
    minsu: OrdinaryUser,
) -> None:
    minsu.portal("scan_experiments", "--import")
    minsu.experiments.chmod(0)
    try:
        refused = minsu.portal("scan_experiments", "--import", check=False)
    finally:
        minsu.experiments.chmod(0o755)
    assert refused.returncode == 3
    assert f"{minsu.experiments}: cannot be read (Permission denied)" in refused.stderr
    assert "0 of 1 known directories are left" in refused.stderr
    assert "Traceback" not in refused.stderr
