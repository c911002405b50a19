"""What is reported about the end of a run."""

from __future__ import annotations

import math
import sys
from pathlib import Path

import pytest
from django.utils import translation

from registry_app.models import Experiment
from runs_app.choices import RunStatus
from runs_app.cli.describe_run import describe_run
from runs_app.lifecycle.ending import first_nan
from runs_app.models import Run
from runs_app.records.metrics import point_line
from runs_app.runner.exceptions import CommandError
from runs_app.runner.folder import RunFolder
from runs_app.runner.outputs.metric_points import MetricPoint
from tests.runs_app.conftest import Home
from tests.runs_app.driving import run_to_end
from tests.runs_app.management.test_lists import run_command


@pytest.mark.django_db
@pytest.mark.processes
def test_a_failed_run_says_why_in_one_sentence(home: Home) -> None:
    run = run_to_end(home.experiment(script="open('data/ppe.yaml')\n"))
    assert run.status == RunStatus.FAILED
    assert describe_run(run)["cause"] == {
        "code": "missing_file",
        "values": {"path": "data/ppe.yaml"},
        "line": "FileNotFoundError: [Errno 2] No such file or directory: 'data/ppe.yaml'",
    }
    assert run.explanation == "File missing: data/ppe.yaml. The script ended with exit status 1."
    with translation.override("ko"):
        assert run.cause_text == "없는 파일: data/ppe.yaml"


@pytest.mark.django_db
@pytest.mark.processes
def test_the_words_of_a_script_end_as_a_sentence_and_are_shown_once(home: Home) -> None:
    run = run_to_end(home.experiment(script="raise ValueError('3 classes, 4 names')\n"))
    said = "It ended with ValueError: 3 classes, 4 names"
    assert run.explanation == f"{said}. The script ended with exit status 1."
    assert f"{said}\n" in run_command("show_run", str(run.pk))[0]


@pytest.mark.django_db
@pytest.mark.processes
def test_a_run_that_nothing_explains_has_no_cause(home: Home) -> None:
    run = run_to_end(home.experiment(script="raise SystemExit(3)\n"))
    assert (run.status, run.cause) == (RunStatus.FAILED, {})
    assert run.explanation == run.status_reason


def test_the_metric_that_became_nan_first_is_found(tmp_path: Path) -> None:
    folder = RunFolder(tmp_path)
    values = {
        "train/loss": [0.5, 0.4, math.nan, math.nan],
        "val/loss": [0.6, math.nan, 0.5, math.nan],  # which came back once
        "lr": [0.1, 0.1, 0.1, 0.1],
    }
    folder.metrics.write_text(
        "\n".join(
            point_line(MetricPoint(key=key, value=value, step=step, timestamp_ms=0))
            for key, points in values.items()
            for step, value in enumerate(points, start=1)
        )
    )
    assert first_nan(folder) == ("train/loss", 3)
    assert first_nan(RunFolder(tmp_path / "none")) is None


def launch(home: Home, text: str, **files: str) -> Run:
    """Run a launcher of an experiment to its end."""
    name = f"e{Experiment.objects.count()}"
    experiment = home.experiment(name, script="import time; time.sleep(600)\n")
    for name, content in {"run.sh": text, **files}.items():
        Path(experiment.path, name).write_text(content)
    return run_to_end(experiment, script="run.sh")


@pytest.mark.django_db
@pytest.mark.processes
def test_a_launcher_that_hides_a_failure_succeeded_and_is_doubted(home: Home) -> None:
    run = launch(home, "python fails.py\necho finished\n", **{"fails.py": "open('no.yaml')\n"})
    assert (run.status, run.looks_wrong) == (RunStatus.SUCCEEDED, True)
    [reported] = [text for text in describe_run(run)["warnings"] if "traceback" in text]
    assert "FileNotFoundError" in reported


@pytest.mark.django_db
@pytest.mark.processes
def test_a_run_whose_work_was_ended_with_its_launcher_has_failed(home: Home) -> None:
    run = launch(home, "nohup python train.py > log 2>&1 &\necho started\n")
    assert (run.status, run.exit_code) == (RunStatus.FAILED, 0)
    assert "train.py" in run.status_reason


@pytest.mark.django_db
@pytest.mark.processes
def test_the_first_line_of_a_launcher_names_its_program(home: Home) -> None:
    run = launch(home, "#!/usr/bin/env python3\nimport sys; print(sys.executable)\n")
    assert run.status == RunStatus.SUCCEEDED
    assert (run.folder / "stdout.log").read_text().strip() == sys.executable
    with pytest.raises(CommandError, match="no-such-shell"):
        launch(home, "#!/bin/no-such-shell\n")


@pytest.mark.django_db
@pytest.mark.processes
def test_results_that_went_elsewhere_are_reported(home: Home, tmp_path: Path) -> None:
    other = tmp_path / "other-disk"
    other.mkdir()
    place = str(other / "best.pt")
    script = f"open({place!r}, 'w').write('x')\nprint('Model saved to', {place!r})\n"
    run = run_to_end(home.experiment(script=script))
    assert run.status == RunStatus.SUCCEEDED
    assert any(str(other) in text for text in describe_run(run)["warnings"])


@pytest.mark.django_db
@pytest.mark.processes
def test_a_loss_that_is_nan_to_the_end_is_doubted(home: Home) -> None:
    script = "for e in range(4): print(f'epoch {e} loss: {0.5 if e < 2 else float(\"nan\")}')\n"
    run = run_to_end(home.experiment(script=script))
    assert (run.status, run.looks_wrong) == (RunStatus.SUCCEEDED, True)
