"""Which files a run was started with, and whether they stayed as they were."""

from __future__ import annotations

import json
import os
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from registry_app.models import Experiment
from runs_app.cli.describe_run import describe_run
from runs_app.lifecycle import inputs
from runs_app.models import Run, RunInput
from tests.factories import change_entry_points, make_run
from tests.runs_app.conftest import Home
from tests.runs_app.driving import run_to_end

pytestmark = pytest.mark.django_db

READS = """\
import sys
print(open("weights/best.pt").read(), sys.argv)
"""
WRITES = """\
import os
open("weights/best.pt", "a").write("more")
os.remove("gone.yaml")
"""
PARAMETERS: list[dict[str, object]] = [
    {"name": "weights", "flag": "--weights", "default": "weights/best.pt"},
    {"name": "data", "flag": "--data"},
    {"name": "name", "flag": "--name"},
]


def digest(text: str) -> str:
    return sha256(text.encode()).hexdigest()


def ppe(home: Home, script: str = READS) -> Experiment:
    """An experiment with weights and a data file; its train.py names the weights by default."""
    experiment = home.experiment(script=script, parameters=PARAMETERS)
    directory = Path(experiment.path)
    (directory / "weights").mkdir()
    (directory / "weights" / "best.pt").write_text("weights")
    (directory / "gone.yaml").write_text("names: [hook]")
    return experiment


def seen(run: Run) -> dict[str, tuple[str, str, bool | None]]:
    return {row.path: (row.name, row.sha256, row.changed) for row in run.inputs.all()}


def test_files_that_parameters_name_are_hashed_before_and_after(home: Home) -> None:
    run = run_to_end(ppe(home), params={"data": "gone.yaml", "name": "run one"})
    assert seen(run) == {
        "weights/best.pt": ("weights", digest("weights"), False),
        "gone.yaml": ("data", digest("names: [hook]"), False),
    }


def test_a_file_that_the_run_changed_or_removed_is_no_proof(home: Home) -> None:
    run = run_to_end(ppe(home, WRITES), params={"data": "gone.yaml"})
    assert seen(run) == {
        "weights/best.pt": ("weights", digest("weights"), True),
        "gone.yaml": ("data", digest("names: [hook]"), True),
    }


def test_files_that_a_script_reads_by_itself_are_named_by_its_entry_point(home: Home) -> None:
    experiment = home.experiment(script=READS)
    directory = Path(experiment.path)
    (directory / "weights").mkdir()
    (directory / "weights" / "best.pt").write_text("weights")
    change_entry_points(experiment, reads=["weights/best.pt", "weights/old.pt", "weights"])
    run = run_to_end(experiment)
    assert seen(run)["weights/best.pt"] == ("reads", digest("weights"), False)
    reasons = {row.path: row.left_out.code for row in run.inputs.all() if row.left_out}
    assert reasons == {"weights/old.pt": "input_not_there", "weights": "input_no_file"}


@pytest.mark.parametrize(
    ("params", "extra", "found"),
    [
        ({"w": "weights/best.pt"}, [], {"weights/best.pt": "w"}),
        ({"w": "./weights/../weights/best.pt"}, [], {"weights/best.pt": "w"}),
        ({"w": ["gone.yaml", "weights/best.pt"]}, [], {"gone.yaml": "w", "weights/best.pt": "w"}),
        ({}, ["--weights=weights/best.pt"], {"weights/best.pt": "-- 1"}),
        ({}, ["--w", "gone.yaml"], {"gone.yaml": "-- 2"}),
        ({"a": "gone.yaml", "b": "gone.yaml"}, [], {"gone.yaml": "a"}),
        ({"w": "weights"}, [], {}),
        ({"w": "s3://bucket/best.pt", "n": 3, "t": None, "x": "a\0b", "long": "a" * 5000}, [], {}),
        ({"w": "pipe"}, [], {}),
    ],
)
def test_only_what_is_a_file_is_an_input(
    home: Home, params: dict[str, Any], extra: list[str], found: dict[str, str]
) -> None:
    experiment = ppe(home)
    os.mkfifo(Path(experiment.path) / "pipe")
    run = make_run(experiment, params=params, extra_args=extra, cwd=experiment.path)
    run.folder.mkdir(parents=True)
    inputs.note(run)
    assert {row.path: row.name for row in run.inputs.all()} == found
    inputs.note(run)
    assert run.inputs.count() == len(found)


def test_a_secret_is_no_path(home: Home) -> None:
    run = make_run(ppe(home), params={"api_key": "gone.yaml"}, secrets=["api_key"])
    Run.objects.filter(pk=run.pk).update(cwd=str(home.roots / "sampyo-gimhae-bct"))
    run.refresh_from_db()
    inputs.note(run)
    assert not run.inputs.exists()


def test_the_data_of_the_portal_is_out_of_reach(home: Home) -> None:
    run = make_run(ppe(home), params={"w": str(home.path / "secret_key")})
    inputs.note(run)
    [row] = run.inputs.all()
    assert row.left_out is not None
    assert (row.sha256, row.left_out.code) == ("", "input_of_the_portal")


@pytest.mark.parametrize(
    ("limit", "code"), [("MAX_GIB", "input_too_large"), ("MAX_S", "input_too_slow")]
)
def test_what_is_too_much_is_said(
    home: Home, monkeypatch: pytest.MonkeyPatch, limit: str, code: str
) -> None:
    monkeypatch.setattr(inputs, limit, -1)
    experiment = ppe(home)
    run = make_run(experiment, params={"w": "weights/best.pt"}, cwd=experiment.path)
    run.folder.mkdir(parents=True)
    inputs.note(run)
    [row] = run.inputs.all()
    assert row.left_out is not None
    assert (row.sha256, row.left_out.code) == ("", code)
    inputs.note_end(run)
    assert RunInput.objects.get().changed is None


def test_files_beyond_the_limit_are_counted_and_said(
    home: Home, monkeypatch: pytest.MonkeyPatch, client: Client
) -> None:
    monkeypatch.setattr(inputs, "MAX_INPUTS", 1)
    experiment = ppe(home)
    change_entry_points(experiment, reads=["weights/old.pt"])
    words = ["weights/best.pt", "gone.yaml", "weights", "no file"]
    run = make_run(experiment, params={"w": words}, cwd=experiment.path)
    run.folder.mkdir(parents=True)
    inputs.note(run)
    assert seen(run) == {"weights/old.pt": ("reads", "", None)}
    run.refresh_from_db()
    assert run.notices["more_inputs"] == {"limit": 1, "count": 2}
    inputs.note_end(run)
    client.force_login(User.objects.create_superuser("jiwoo"))
    page = client.get(run.get_absolute_url()).content.decode()
    assert "2 more were not" in page
    run.params = {}
    inputs.note(run)
    run.refresh_from_db()
    assert "more_inputs" not in run.notices


def test_the_number_of_files_beyond_the_limit_is_in_the_folder(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(inputs, "MAX_INPUTS", 1)
    run = run_to_end(ppe(home), params={"data": "gone.yaml"})
    kept = json.loads((run.folder / "inputs.json").read_text())
    assert ([file["path"] for file in kept["files"]], kept["more"]) == (["weights/best.pt"], 1)


def test_odd_values_are_no_inputs_and_prevent_no_start(home: Home) -> None:
    """A parameter called reads, a path too long for a row, and bytes that are no text."""
    experiment = ppe(home)
    deep = "/".join(["x" * 200] * 4)
    params = {"reads": "no such file", "deep": f"{deep}/../{deep}/" * 9, "bytes": "a\udcff"}
    run = make_run(experiment, params=params, cwd=experiment.path)
    run.folder.mkdir(parents=True)
    inputs.note(run)
    assert seen(run) == {}


def test_inputs_are_in_the_folder_in_json_and_on_the_page(home: Home, client: Client) -> None:
    run = run_to_end(ppe(home), params={"data": "gone.yaml"})
    kept = json.loads((run.folder / "inputs.json").read_text())
    assert {file["path"]: file["changed"] for file in kept["files"]} == {
        "weights/best.pt": False,
        "gone.yaml": False,
    }
    assert {row["path"]: row["sha256"] for row in describe_run(run)["inputs"]} == {
        "weights/best.pt": digest("weights"),
        "gone.yaml": digest("names: [hook]"),
    }
    client.force_login(User.objects.create_superuser("jiwoo"))
    page = client.get(run.get_absolute_url()).content.decode()
    assert 'id="inputs"' in page
    assert digest("weights")[:12] in page
