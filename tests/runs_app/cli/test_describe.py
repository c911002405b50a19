"""Runs and experiments as the commands' `--json` shows them."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest
from django.utils import translation

from registry_app.models import Experiment
from registry_app.results.reasons import EMPTY
from runs_app.choices import RunStatus
from runs_app.cli.describe import describe_experiment, iso, summarise_run
from runs_app.cli.describe_run import describe_run
from runs_app.models import RunFile
from runs_app.models.experiments import with_run_facts
from runs_app.records import results
from runs_app.runner.outputs.metric_points import Collected, SourceRecord
from runs_app.texts.refusals import MATCHES_NO_PATTERN
from runs_app.texts.tracking import AWAY
from tests.factories import make_entry_point, make_experiment, make_run, make_user

pytestmark = pytest.mark.django_db

RUN_KEYS = (
    "id experiment type version script argv cwd params given status status_reason exit_code "
    "queued_by queued_at started_at finished_at host isolation run_dir mlflow_experiment "
    "mlflow_run_id mlflow_state mlflow_error files warnings source_changed logs_removed_at "
    "folder_removed_at gpus gpu_memory_peak_mib blocked_by place priority cause environment "
    "metrics results inputs not_before"
).split()
EXPERIMENT_KEYS = (
    "name path customer region plant zone task classes stage completeness confirmed commands_read "
    "entry_points last_run archived"
).split()


def described(experiment: Experiment) -> dict[str, object]:
    row = with_run_facts(Experiment.objects.filter(pk=experiment.pk)).get()
    return describe_experiment(row, commands_read=True)


def test_run_has_exactly_the_promised_keys() -> None:
    run = make_run(make_experiment(), RunStatus.SUCCEEDED)
    shown = describe_run(run)
    assert set(shown) == set(RUN_KEYS)
    assert set(summarise_run(run)) < set(RUN_KEYS)
    assert json.loads(json.dumps(shown)) == shown


def test_what_is_not_known_yet_is_null() -> None:
    shown = describe_run(make_run(make_experiment(), RunStatus.QUEUED))
    unknown = {key for key, value in shown.items() if value is None}
    assert unknown == {
        *("version", "given", "exit_code", "queued_by", "started_at", "finished_at", "host"),
        *("mlflow_experiment", "mlflow_run_id", "mlflow_error", "source_changed"),
        *("logs_removed_at", "folder_removed_at", "gpu_memory_peak_mib", "isolation", "not_before"),
    }


def test_files_are_reported_with_and_without_a_copy() -> None:
    run = make_run(make_experiment(), RunStatus.SUCCEEDED, queued_by=make_user("minsu"))
    facts = {"run": run, "change": "created", "size_bytes": 7}
    RunFile.objects.create(path="a.csv", sha256="ab", artifact="outputs/a.csv", **facts)
    RunFile.objects.create(path="b.pt", **facts)
    shown = describe_run(run)
    assert shown["queued_by"] == "minsu"
    common = {
        "change": "created",
        "size_bytes": 7,
        "left_out": None,
        "members": None,
        "uncertain": False,
    }
    assert shown["files"] == [
        {"path": "a.csv", "sha256": "ab", "artifact": "outputs/a.csv", **common},
        {"path": "b.pt", "sha256": None, "artifact": None, **common},
    ]


def test_times_carry_their_offset() -> None:
    shown = iso(datetime(2026, 1, 2, 3, 4, 5, 678_900, UTC))
    assert shown is not None
    assert datetime.fromisoformat(shown) == datetime(2026, 1, 2, 3, 4, 5, 678_000, UTC)
    assert datetime.fromisoformat(shown).utcoffset() is not None
    assert iso(None) is None


def test_experiment_has_exactly_the_promised_keys() -> None:
    experiment = make_experiment(classes=["hat"])
    make_entry_point(experiment, "infer", "infer.py")
    make_entry_point(experiment, "train", args_template="--epochs {epochs}")
    run = make_run(experiment, RunStatus.FAILED)
    shown = described(experiment)
    assert set(shown) == set(EXPERIMENT_KEYS)
    assert (shown["customer"], shown["plant"], shown["zone"]) == ("sampyo", "plant1", "mixer")
    entry_points, last_run = shown["entry_points"], shown["last_run"]
    assert isinstance(entry_points, dict)
    assert isinstance(last_run, dict)
    assert list(entry_points) == ["train", "infer"]
    assert entry_points["train"]["args_template"] == "--epochs {epochs}"
    assert (last_run["id"], last_run["status"]) == (run.pk, "failed")
    assert json.loads(json.dumps(shown)) == shown


def test_bare_experiment_has_nulls() -> None:
    shown = described(make_experiment("bare", zone=None, task_type=""))
    for key in ("customer", "region", "plant", "zone", "task", "last_run", "archived"):
        assert shown[key] is None
    assert shown["entry_points"] == {}


@pytest.mark.django_db
def test_programs_read_english_whatever_the_terminal_speaks() -> None:
    run = make_run(
        make_experiment(),
        RunStatus.FAILED,
        reason_values={"code": 3},
        warnings=[MATCHES_NO_PATTERN(script="a.py", type="train").to_json()],
        notices={"log_large": {"mib": 1024}},
        mlflow_error=AWAY(),
    )
    run.folder.mkdir(parents=True, exist_ok=True)
    empty = SourceRecord(source="a.csv", reason=EMPTY(), notes=(EMPTY(),))
    results.write(run.folder, Collected(sources=(empty,)), keys={})
    with translation.override("ko"):
        shown = describe_run(run)
    assert shown["status_reason"] == "The script ended with exit status 3."
    assert shown["warnings"] == [
        "a.py matches none of the patterns for train.",
        "It has written more than 1024 MiB of output.",
    ]
    assert shown["mlflow_error"].startswith("MLflow does not respond.")
    assert shown["results"][0]["reason"] == "empty"
    assert shown["results"][0]["notes"] == ["empty"]
