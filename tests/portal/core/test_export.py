"""The MLproject follows the registry, and what a person wrote into it stays."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
import yaml
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from portal.core.check import check
from portal.core.entry_points import entry_points
from portal.core.export import exported_into
from portal.core.skeleton import empty_mlproject
from registry_app.exceptions import RegistryFileError
from registry_app.models import Experiment
from tests.factories import make_entry_point, make_experiment, make_script

pytestmark = pytest.mark.django_db

RUNS = "guardianflow run"
HAND_WRITTEN = b"""\
# Ours\r
name: "guardianflow"   # as on the server\r
entry_points:\r
  report:   # every Monday\r
    command: 'python report.py {{}}'\r
  ppe.quant: {command: guardianflow run ppe --type quant --named-args --}\r
  ppe.train:\r
    # the paths are on the NAS\r
    parameters: {data: string}\r
    command: guardianflow run ppe --type train --param data={data} --named-args --\r
"""


def ppe(**parameters: bool) -> Experiment:
    """An experiment that trains; each parameter is required or not."""
    experiment = make_experiment("ppe")
    make_entry_point(experiment)
    rows = [
        {"name": name, "flag": f"--{name}", "required": required}
        for name, required in parameters.items()
    ]
    make_script(experiment, parameters=rows)
    return experiment


def export(folder: Path, *options: str) -> tuple[str, str]:
    out, errors = io.StringIO(), io.StringIO()
    call_command("export_registry", "--mlproject", str(folder), *options, stdout=out, stderr=errors)
    return out.getvalue(), errors.getvalue()


def test_only_required_parameters_are_listed() -> None:
    ppe(data=True, epochs=False)
    assert entry_points() == {
        "ppe.train": {
            "parameters": {"data": "string"},
            "command": f"{RUNS} ppe --type train --param data={{data}} --named-args --",
        }
    }


def test_a_parameter_with_a_value_in_the_template_is_not_asked_for() -> None:
    experiment = ppe(data=True)
    experiment.entry_points.update(args_template="--data /nas/ppe.yaml")
    assert entry_points()["ppe.train"] == {"command": f"{RUNS} ppe --type train --named-args --"}


def test_a_required_secret_is_never_a_parameter_of_mlflow() -> None:
    ppe(hf_token=True)
    assert entry_points()["ppe.train"] == {
        "command": f"{RUNS} ppe --type train --secret hf_token --named-args --"
    }


def test_what_cannot_be_started_is_left_out() -> None:
    make_entry_point(make_experiment("-x"))
    make_entry_point(make_experiment("unknown"), default_script="")
    archived = make_experiment("old")
    make_entry_point(archived)
    Experiment.objects.filter(pk=archived.pk).update(archived_at="2026-11-01T00:00+09:00")
    assert entry_points() == {}


def test_a_new_project_is_one_that_mlflow_reads() -> None:
    experiment = make_experiment("용접 구역")
    make_entry_point(experiment, "infer", "infer.py")
    make_script(experiment, "infer.py", parameters=[{"name": "a.b", "required": True}])
    text = exported_into(empty_mlproject()).data.decode()
    assert text.startswith("# One entry point for each")
    assert "용접 구역.infer:" in text
    assert yaml.safe_load(text)["entry_points"] == {
        "용접 구역.infer": {
            "parameters": {"p0": "string"},
            "command": f"{RUNS} '용접 구역' --type infer --param a.b={{p0}} --named-args --",
        }
    }


def test_an_unchanged_project_keeps_its_bytes() -> None:
    experiment = ppe(data=True)
    make_entry_point(experiment, "quant", "quant.py")
    assert exported_into(HAND_WRITTEN).data == HAND_WRITTEN


def test_edits_are_made_in_place_and_what_is_gone_is_removed() -> None:
    ppe(weights=True)
    make_entry_point(make_experiment("fall"))
    assert exported_into(HAND_WRITTEN).data == HAND_WRITTEN.replace(
        b"  ppe.quant: {command: guardianflow run ppe --type quant --named-args --}\r\n", b""
    ).replace(b"{data: string}", b"{weights: string}").replace(
        b"data={data}", b"weights={weights}"
    ) + (b"  fall.train:\r\n    command: guardianflow run fall --type train --named-args --\r\n")


def test_a_command_of_a_person_under_the_name_of_an_entry_point_stays(tmp_path: Path) -> None:
    ppe()
    text = "entry_points:\n  ppe.train:\n    command: python train.py\n"
    (tmp_path / "MLproject").write_text(text)
    errors = io.StringIO()
    with pytest.raises(CommandError):
        call_command("export_registry", "--mlproject", str(tmp_path), stderr=errors)
    assert "ppe.train has a command of your own" in errors.getvalue()
    assert (tmp_path / "MLproject").read_text() == text


def test_the_check_shows_the_difference_and_writes_nothing(tmp_path: Path) -> None:
    export(tmp_path)
    before = (tmp_path / "MLproject").read_bytes()
    assert export(tmp_path, "--check") == ("", "")
    ppe()
    out = io.StringIO()
    with pytest.raises(CommandError) as caught:
        call_command("export_registry", "--mlproject", str(tmp_path), "--check", stdout=out)
    assert caught.value.returncode == 1
    assert "+  ppe.train:" in out.getvalue()
    assert (tmp_path / "MLproject").read_bytes() == before
    export(tmp_path)
    assert export(tmp_path, "--check") == ("", "")


def test_a_project_that_cannot_be_read_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "MLproject").write_text("entry_points: [\n")
    with pytest.raises(CommandError, match="nothing is written into it"):
        export(tmp_path)
    with pytest.raises(RegistryFileError, match="must be a mapping"):
        exported_into(b"entry_points: [a]\n")


def test_a_link_in_the_place_of_the_project_is_not_written_through(tmp_path: Path) -> None:
    (tmp_path / "core").mkdir()
    (tmp_path / "settings.yaml").write_text("a: 1\n", encoding="utf-8")
    (tmp_path / "core" / "MLproject").symlink_to(tmp_path / "settings.yaml")
    make_entry_point(make_experiment("ppe"))
    with pytest.raises(CommandError, match="is a link"):
        export(tmp_path / "core")
    assert (tmp_path / "settings.yaml").read_text(encoding="utf-8") == "a: 1\n"


def test_what_is_asked_for_must_be_one_thing_that_is_there(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="core init"):
        export(tmp_path / "nowhere")
    with pytest.raises(CommandError, match="not both"):
        export(tmp_path, "-")


def test_a_thousand_experiments_cost_as_many_queries_as_one() -> None:
    for number in range(12):
        make_entry_point(make_experiment(f"ppe-{number}"))
    with CaptureQueriesContext(
        connection,
    ) as queries:
        assert len(entry_points()) == 12
    assert len(queries) == 3


def test_the_check_of_the_repository_knows_the_exported_commands(tmp_path: Path) -> None:
    ppe(data=True)
    make_entry_point(make_experiment("{a} 'b"))
    call_command("core", "init", str(tmp_path / "core"), stdout=io.StringIO())
    assert [one for one in check(tmp_path / "core").problems if one.file == "MLproject"] == []
    project = yaml.safe_load((tmp_path / "core" / "MLproject").read_text(encoding="utf-8"))
    assert set(project["entry_points"]) == {"ppe.train", "{a} 'b.train"}
