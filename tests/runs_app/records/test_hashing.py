"""Every copy gets its hash after the end was shown; a corrupt one is reported."""

from __future__ import annotations

import csv
import hashlib

import pytest

from runs_app.models import Run
from runs_app.records import files, hashing
from runs_app.texts.files import COPY_DAMAGED
from tests.runs_app.conftest import Home
from tests.runs_app.driving import run_to_end

pytestmark = [pytest.mark.django_db, pytest.mark.processes]


@pytest.fixture
def run(home: Home) -> Run:
    """A run that ended, and whose copies have no hash yet."""
    run = run_to_end(home.experiment())
    run.files.update(sha256="")
    lines = (run.folder / files.NAME).read_text().splitlines()
    hashed = hashlib.sha256(b"weights").hexdigest()
    (run.folder / files.NAME).write_text("\n".join(lines).replace(hashed, "") + "\n")
    return run


def listed(run: Run) -> dict[str, dict[str, str]]:
    with (run.folder / files.NAME).open(newline="") as lines:
        return {row["path"]: row for row in csv.DictReader(lines)}


def test_a_closed_run_of_a_worker_is_hashed(home: Home) -> None:
    run = run_to_end(home.experiment())
    assert run.files.get(path="best.pt").sha256 == hashlib.sha256(b"weights").hexdigest()


def test_rows_and_the_list_get_the_hash(run: Run) -> None:
    assert hashing.hash_kept(run) == 2
    expected = hashlib.sha256(b"weights").hexdigest()
    assert run.files.get(path="best.pt").sha256 == expected
    assert listed(run)["best.pt"]["sha256"] == expected
    assert hashing.hash_kept(run) == 0


def test_a_copy_that_lost_bytes_is_no_copy(run: Run) -> None:
    (run.folder / "outputs" / "best.pt").write_bytes(b"wei")
    hashing.hash_kept(run)
    row = run.files.get(path="best.pt")
    assert (row.kept, row.sha256, row.left_out) == ("", "", COPY_DAMAGED())
    assert run.files.get(path="results.csv").sha256


def test_a_list_that_cannot_be_written_stops_no_run(run: Run) -> None:
    (run.folder / files.NAME).write_text("path,size_bytes\nx,many\n")
    hashing.hash_if_possible(run)
    assert run.files.get(path="best.pt").sha256
