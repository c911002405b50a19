"""What is known of a run's data, and when two runs have the same."""

from __future__ import annotations

import json
import os
import tarfile
from datetime import timedelta
from hashlib import sha256
from pathlib import Path

import pytest
from django.utils import timezone
from pytest_django import Settings

from registry_app.models import Experiment
from runs_app.comparing.classes import classes_key, classes_of
from runs_app.comparing.data import SameData, data_of, same_data
from runs_app.comparing.data_parameter import data_parameter
from runs_app.comparing.wording import data_text
from runs_app.models import Run

YAML = b"path: ../ppe\nnames: [helmet, vest]\n"
DIGEST = sha256(YAML).hexdigest()


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("", "", SameData.UNKNOWN),
        ("", "ppe_v3", SameData.UNKNOWN),
        ("ppe_v3", "ppe_v3", SameData.NAMED_SAME),
        ("ppe_v3", "ppe_v4", SameData.DIFFERENT),
        ("data.yaml@0123456789abcdef", "data.yaml@0123456789abcdef", SameData.SAME),
        ("data.yaml@0123456789abcdef", "ppe.yaml@0123456789abcdef", SameData.SAME),
        ("data.yaml@0123456789abcdef", "data.yaml@fedcba9876543210", SameData.DIFFERENT),
        ("data.yaml@0123456789abcdef", "data.yaml", SameData.NAMED_SAME),
        ("s3://jiwoo@bucket", "s3://jiwoo@bucket", SameData.NAMED_SAME),
    ],
)
def test_the_same_only_by_content(one: str, other: str, same: SameData) -> None:
    assert same_data(one, other) == same


@pytest.mark.parametrize(
    ("params", "value"),
    [
        ({"epochs": 3}, ""),
        ({"data": "data.yaml", "dataset": "x"}, "data.yaml"),
        ({"Data-Dir": " /nas/ppe "}, "/nas/ppe"),
        ({"data": 3, "train_path": "a.txt"}, "a.txt"),
        ({"dataset": "secret"}, ""),
    ],
)
def test_the_parameter_that_names_data(params: dict[str, object], value: str) -> None:
    secrets = ["dataset"] if params == {"dataset": "secret"} else []
    assert data_parameter(params, secrets) == value


@pytest.fixture
def run(tmp_path: Path, settings: Settings) -> Run:
    """A run whose data file was there before its start."""
    settings.RUNS_DIR = tmp_path / "runs"
    directory = tmp_path / "sampyo-gimhae-ppe"
    directory.mkdir()
    run = Run(
        experiment=Experiment(classes=["안전모"]),
        cwd=str(directory),
        params={"data": "data.yaml"},
        started_at=timezone.now() + timedelta(seconds=1),
    )
    run.folder.mkdir(parents=True)
    (directory / "data.yaml").write_bytes(YAML)
    return run


def record_source(run: Run, *, archived: bool) -> None:
    (run.folder / "source.json").write_text(json.dumps({"files": {"data.yaml": DIGEST}}))
    if archived:
        with tarfile.open(run.folder / "source.tar.gz", "w:gz") as archive:
            archive.add(Path(run.cwd, "data.yaml"), "data.yaml")


def test_a_file_from_before_the_start_is_what_was_read(run: Run) -> None:
    data = data_of(run)
    assert data.key == f"data.yaml@{DIGEST[:16]}"
    assert classes_of(run, data) == ("helmet", "vest")


def test_a_file_that_may_have_changed_since_proves_nothing(run: Run) -> None:
    run.started_at = timezone.now() - timedelta(minutes=1)
    data = data_of(run)
    assert data.key == "data.yaml"
    assert classes_of(run, data) == ("안전모",)


@pytest.mark.parametrize("archived", [True, False])
def test_what_was_saved_with_the_source_outlives_the_file(run: Run, archived: bool) -> None:
    record_source(run, archived=archived)
    Path(run.cwd, "data.yaml").write_text("names: [crane]\n")
    data = data_of(run)
    assert data.key == f"data.yaml@{DIGEST[:16]}"
    assert classes_of(run, data) == (("helmet", "vest") if archived else ("안전모",))


def test_neither_folders_nor_pipes_nor_weights_are_read(run: Run) -> None:
    directory = Path(run.cwd)
    os.mkfifo(directory / "pipe.yaml")
    (directory / "images").mkdir()
    (directory / "best.pt").write_bytes(b"weights")
    for name in ("pipe.yaml", "images", "best.pt", "missing.yaml", "a\0b.yaml", "../other.yaml"):
        run.params = {"data": name}
        assert "@" not in data_of(run).key, name


def test_where_scripts_run_as_another_user_only_the_roots_are_read(
    run: Run, settings: Settings, tmp_path: Path
) -> None:
    outside = tmp_path / "private.yaml"
    outside.write_bytes(YAML)
    run.params = {"data": str(outside)}
    assert data_of(run).digest
    settings.GUARDIANFLOW_RUN_AS = "nobody"
    settings.GUARDIANFLOW_ROOTS = [tmp_path / "elsewhere"]
    assert data_of(run).key == str(outside)
    run.params = {"data": "data.yaml"}
    assert data_of(run).digest


def test_the_order_and_case_of_classes_do_not_matter() -> None:
    assert classes_key(["Helmet", "vest"]) == classes_key(["vest", "helmet "])
    assert classes_key(["helmet"]) != classes_key(["helmet", "vest"])
    assert classes_key([]) == ""


def test_the_words_for_data() -> None:
    assert data_text("") == "data not known"
    assert data_text("ppe_v3") == "ppe_v3 (content not known)"
    assert data_text(f"data.yaml@{DIGEST[:16]}") == f"data.yaml · {DIGEST[:4]}"
