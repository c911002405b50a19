"""What is sent to MLflow about a run: names, tags, parameters and files."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from registry_app.messages import plain
from runs_app.choices import RunStatus
from runs_app.exceptions import TrackingError
from runs_app.executors.base import folder_of
from runs_app.executors.outcome import Outcome
from runs_app.models import Run, RunFile
from runs_app.records.launch import LaunchRecord
from runs_app.texts import reasons
from runs_app.tracking import record as tracking_record
from runs_app.tracking.artifact_names import artifact_path
from runs_app.tracking.metric_keys import keys_of
from runs_app.tracking.record import TrackingRecord
from tests.factories import make_experiment, make_run
from tests.runs_app.conftest import Home

pytestmark = pytest.mark.django_db

LAUNCH = LaunchRecord(
    directory="donghwa+entec 한글",
    experiment="donghwa-entec",
    customer="donghwa",
    region="busan",
    task="ppe",
    user="minsu",
)


def outcome(status: RunStatus = RunStatus.SUCCEEDED, **facts: Any) -> Outcome:
    values = {
        "exit_code": 0,
        "started_at": datetime.fromtimestamp(1_700_000_000.5, UTC),
        "finished_at": datetime.fromtimestamp(1_700_000_060.25, UTC),
        **facts,
    }
    return Outcome(status=status, reason=reasons.EXITED_ZERO(), **values)


@pytest.fixture
def run(home: Home) -> Run:
    return make_run(make_experiment(), RunStatus.FINALIZING, params={"epochs": 3})


def made(run: Run, end: Outcome | None = None) -> TrackingRecord:
    return tracking_record.make(run, end or outcome(), LAUNCH)


def test_run_is_named_by_its_directory_type_and_version_or_script(run: Run) -> None:
    assert made(run).name == "donghwa+entec 한글/train/train.py"
    run.version = "v3"
    assert made(run).name == "donghwa+entec 한글/train/v3"


def test_times_are_the_scripts_own(run: Run) -> None:
    record = made(run)
    assert (record.started_ms, record.finished_ms) == (1_700_000_000_500, 1_700_000_060_250)


@pytest.mark.parametrize(
    ("status", "reported"),
    [
        (RunStatus.SUCCEEDED, "FINISHED"),
        (RunStatus.FAILED, "FAILED"),
        (RunStatus.ERRORED, "FAILED"),
        (RunStatus.LOST, "FAILED"),
        (RunStatus.CANCELLED, "KILLED"),
        (RunStatus.TIMED_OUT, "KILLED"),
    ],
)
def test_each_ending_has_its_status(run: Run, status: RunStatus, reported: str) -> None:
    assert made(run, outcome(status)).status == reported


def test_tags_say_what_is_known_and_nothing_else(run: Run) -> None:
    tags = made(run).tags
    assert tags["wrapped"] == "true"
    assert tags["mlflow.user"] == "minsu"
    assert tags["guardianflow.customer"] == "donghwa"
    assert tags["guardianflow.exit_code"] == "0"
    assert "guardianflow.plant" not in tags
    assert "mlflow.source.git.commit" not in tags


def test_note_begins_with_the_way_back_to_the_portal(run: Run) -> None:
    run.note = "second try"
    first, *rest = made(run).tags["mlflow.note.content"].split("\n")
    assert first.endswith(f"{run.get_absolute_url()})")
    assert rest[-1] == "second try"


def test_params_are_texts_under_names_that_mlflow_takes(run: Run) -> None:
    run.params = {"lr(0)": 0.1, "amp": True, "classes": ["hat", "끈"], "w": "x" * 7000, "()": 1}
    params = made(run).params
    assert len(params.pop("w")) == tracking_record.MAX_PARAM_LENGTH
    nameless = keys_of(["()"])["()"]
    assert params == {
        "lr0": "0.1",
        "amp": "true",
        "classes": '["hat", "끈"]',
        nameless: "1",
    }


def test_no_parameter_is_lost_to_one_of_the_same_key(run: Run) -> None:
    run.params = {"lr(0)": 0.1, "lr0": 0.2}
    params = made(run).params
    assert params["lr0"] == "0.2"
    assert sorted(params.values()) == ["0.1", "0.2"]


def test_logs_and_kept_files_go_along_and_left_out_ones_do_not(run: Run) -> None:
    facts: dict[str, Any] = {"run": run, "change": "created", "size_bytes": 1}
    RunFile.objects.create(path="a#.csv", kept="outputs/a#.csv", **facts)
    RunFile.objects.create(path="huge.pt", left_out=plain("too large"), **facts)
    assert [(upload.source, upload.target) for upload in made(run).uploads] == [
        ("stdout.log", "logs/stdout.log"),
        ("stderr.log", "logs/stderr.log"),
        ("files.csv", "files.csv"),
        ("source.tar.gz", "source/source.tar.gz"),
        ("source.json", "source/source.json"),
        ("source.patch", "source/source.patch"),
        ("requirements.txt", "environment/requirements.txt"),
        ("launch.json", "environment/launch.json"),
        ("results.json", "results.json"),
        ("outputs/a#.csv", artifact_path("a#.csv")),
    ]


def test_record_is_read_as_it_was_written(run: Run) -> None:
    folder = folder_of(run)
    folder.path.mkdir(parents=True)
    name = tracking_record.write(run, outcome(), folder)
    record = tracking_record.read(folder)
    assert record.experiment == name
    assert (record.run_id, record.params) == (str(run.uuid), {"epochs": "3"})
    assert record.uploads[0].target == "logs/stdout.log"


def test_run_that_never_became_a_process_is_not_sent(run: Run) -> None:
    folder = folder_of(run)
    assert tracking_record.write(run, outcome(started_at=None), folder) == ""
    with pytest.raises(TrackingError, match="cannot be read"):
        tracking_record.read(folder)


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"uploads": [{"a": 1}]}', '{"uploads": []}'])
def test_broken_record_is_an_error_that_names_it(run: Run, text: str) -> None:
    folder = folder_of(run)
    folder.path.mkdir(parents=True)
    (folder.path / tracking_record.NAME).write_text(text, encoding="utf-8")
    with pytest.raises(TrackingError, match=r"mlflow\.json"):
        tracking_record.read(folder)
