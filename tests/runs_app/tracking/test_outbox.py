"""MLflow gets every ended run, once, whenever it responds."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from pytest_django import Settings

from runs_app.choices import MlflowState, RunStatus
from runs_app.executors.base import folder_of
from runs_app.models import Run
from runs_app.records.metrics import read_metrics
from runs_app.tracking import client, experiments, outbox, store, writer
from runs_app.tracking import record as tracking_record
from runs_app.tracking.metric_keys import Keys
from runs_app.tracking.tags import RUN_TAG
from tests.moments import milliseconds
from tests.runs_app.conftest import Home
from tests.runs_app.driving import run_to_end

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.processes,
    pytest.mark.mlflow,
    pytest.mark.usefixtures("mlflow"),
]

NO_LISTENER = "http://127.0.0.1:9"


def stored(run: Run) -> list[Any]:
    """The runs that MLflow has for a run of the portal, deleted ones too."""
    from mlflow.entities import ViewType

    return list(
        store.client().search_runs(
            [item.experiment_id for item in store.client().search_experiments(ViewType.ALL)],
            filter_string=f"tags.`guardianflow.run_id` = '{run.uuid}'",
            run_view_type=ViewType.ALL,
        )
    )


def steps(run_id: str, key: str) -> list[tuple[int, float]]:
    history = store.client().get_metric_history(run_id, key)
    return [(point.step, point.value) for point in history]


def artifacts(run_id: str, folder: str) -> list[str]:
    return [artifact.path for artifact in store.client().list_artifacts(run_id, folder)]


def open_run(run: Run, record: tracking_record.TrackingRecord) -> writer.OpenedRun:
    """Open a run in MLflow and leave the row as it was, as a sender that dies does."""
    place = experiments.place_of(run, record)
    return writer.open_run(record, experiment_id=place.experiment_id)


@pytest.fixture
def away(settings: Settings) -> Iterator[None]:
    """No MLflow answers."""
    here = settings.MLFLOW_TRACKING_URI
    store.client.cache_clear()
    settings.MLFLOW_TRACKING_URI = NO_LISTENER
    yield
    settings.MLFLOW_TRACKING_URI = here
    store.client.cache_clear()


def test_an_ended_run_is_sent_completely(home: Home, settings: Settings) -> None:
    settings.GUARDIANFLOW_URL = "http://portal.example:8000"
    run = run_to_end(home.experiment(), version="v3", params={}, note="밤 훈련")
    assert outbox.send(run.pk)
    run.refresh_from_db()
    assert (run.mlflow_state, run.mlflow_error) == (MlflowState.SENT, None)
    [found] = stored(run)
    assert found.info.run_id == run.mlflow_run_id
    assert run.mlflow_experiment == "sampyo.gimhae.plant1.mixer.bct"
    experiment = store.client().get_experiment(found.info.experiment_id)
    assert experiment.name == run.mlflow_experiment
    assert found.info.run_name == "sampyo-gimhae-bct/train/v3"
    assert found.info.status == "FINISHED"
    assert run.started_at is not None
    assert run.finished_at is not None
    assert found.info.start_time == milliseconds(run.started_at)
    assert found.info.end_time == milliseconds(run.finished_at)
    tags = found.data.tags
    assert {key: tags[key] for key in ("wrapped", "script")} == {
        "wrapped": "true",
        "script": "train.py",
    }
    for key, value in {
        "experiment": "sampyo-gimhae-bct",
        "customer": "sampyo",
        "region": "gimhae",
        "plant": "plant1",
        "zone": "mixer",
        "task": "bct",
        "type": "train",
        "version": "v3",
        "host": settings.GUARDIANFLOW_HOST,
    }.items():
        assert tags[f"guardianflow.{key}"] == value
    note = tags["mlflow.note.content"].splitlines()
    assert f"http://portal.example:8000/admin/runs_app/run/{run.pk}/" in note[0]
    assert note[-1] == "밤 훈련"
    assert tags["mlflow.source.name"] == "train.py"
    assert tags["mlflow.user"]
    assert steps(found.info.run_id, "metrics/mAP50B") == [(1, 0.1), (2, 0.2), (3, 0.3)]
    assert artifacts(found.info.run_id, "logs") == ["logs/stderr.log", "logs/stdout.log"]
    assert artifacts(found.info.run_id, "outputs") == ["outputs/best.pt", "outputs/results.csv"]


def test_parameters_arrive_with_the_values_that_were_passed(home: Home) -> None:
    epochs: dict[str, object] = {"name": "epochs", "flag": "--epochs", "type": "int", "default": 3}
    bct = home.experiment(parameters=[epochs], template="--epochs {epochs}")
    run = run_to_end(bct)
    assert outbox.send(run.pk)
    assert stored(run)[0].data.params == {"epochs": "3"}


@pytest.mark.parametrize(
    ("script", "status"),
    [("raise SystemExit(3)", "FAILED"), ("import os; os.kill(os.getpid(), 9)", "FAILED")],
)
def test_a_failed_run_is_sent_as_failed(home: Home, script: str, status: str) -> None:
    run = run_to_end(home.experiment(script=script))
    assert outbox.send(run.pk)
    assert stored(run)[0].info.status == status


def test_sending_again_adds_nothing(home: Home) -> None:
    run = run_to_end(home.experiment())
    assert outbox.send(run.pk)
    Run.objects.filter(pk=run.pk).update(mlflow_state=MlflowState.PENDING, mlflow_run_id="")
    assert outbox.send(run.pk)
    [found] = stored(run)
    assert len(steps(found.info.run_id, "metrics/mAP50B")) == 3


def test_a_sender_that_died_halfway_is_followed_by_one_that_goes_on(home: Home) -> None:
    run = run_to_end(home.experiment())
    folder = folder_of(run)
    record = tracking_record.read(folder)
    opened = open_run(run, record)
    writer.add_live(opened, list(read_metrics(folder))[:2], Keys())
    client.add_files(opened.run_id, [(folder.stdout, "logs/stdout.log")])
    assert outbox.send(run.pk)
    run.refresh_from_db()
    [found] = stored(run)
    assert found.info.run_id == opened.run_id == run.mlflow_run_id
    assert len(steps(opened.run_id, "metrics/mAP50B")) == 3
    assert found.info.status == "FINISHED"


def test_two_runs_made_by_a_crossed_repeat_become_one(home: Home) -> None:
    run = run_to_end(home.experiment())
    record = tracking_record.read(folder_of(run))
    first = open_run(run, record)
    client.create_run(
        first.experiment_id,
        name=record.name,
        started_ms=record.started_ms,
        tags={RUN_TAG: record.run_id},
    )
    assert outbox.send(run.pk)
    alive = [item for item in stored(run) if item.info.lifecycle_stage == "active"]
    assert len(alive) == 1


def test_mlflow_being_away_is_written_down_and_sent_later(
    home: Home, settings: Settings, away: None
) -> None:
    bct = home.experiment()
    first, second = run_to_end(bct), run_to_end(bct)
    assert not outbox.send(first.pk)
    for run in (first, second):
        run.refresh_from_db()
        assert run.status == RunStatus.SUCCEEDED
        assert run.mlflow_state == MlflowState.PENDING
        assert "does not respond" in str(run.mlflow_error)
        assert run.mlflow_next_at is not None
        assert run.mlflow_next_at > timezone.now()
    assert outbox.send_due() == 0

    settings.MLFLOW_TRACKING_URI = home.store
    store.client.cache_clear()
    Run.objects.filter(pk=first.pk).update(mlflow_next_at=timezone.now() - timedelta(seconds=1))
    assert outbox.send_due() == 1
    assert outbox.send_due() == 1
    for run in (first, second):
        run.refresh_from_db()
        assert (run.mlflow_state, run.mlflow_error) == (MlflowState.SENT, None)
        assert len(stored(run)) == 1


def test_an_outage_costs_one_question(home: Home, away: None) -> None:
    bct = home.experiment()
    runs = [run_to_end(bct) for _ in range(2)]
    assert outbox.send_due() == 0
    attempts = [Run.objects.get(pk=run.pk).mlflow_attempts for run in runs]
    assert sorted(attempts) == [0, 1]


def test_a_run_that_ends_during_an_outage_does_not_begin_its_rounds_again(
    home: Home, away: None
) -> None:
    bct = home.experiment()
    first = run_to_end(bct)
    Run.objects.filter(pk=first.pk).update(mlflow_attempts=5)
    assert outbox.send_due() == 0
    second = run_to_end(bct)
    assert outbox.send_due() == 0
    waits = set(Run.objects.values_list("mlflow_next_at", flat=True))
    assert len(waits) == 1, "one question for both"
    [next_at] = waits
    assert next_at is not None
    assert next_at > timezone.now() + timedelta(seconds=60 * 2**4), second.mlflow_error


def test_waiting_grows_to_an_hour(home: Home, away: None) -> None:
    run = run_to_end(home.experiment())
    Run.objects.filter(pk=run.pk).update(mlflow_attempts=40)
    outbox.send(run.pk)
    run.refresh_from_db()
    assert run.mlflow_next_at is not None
    assert timedelta(minutes=59) < run.mlflow_next_at - timezone.now() <= timedelta(hours=1)


def test_an_experiment_deleted_in_mlflow_is_brought_back(home: Home) -> None:
    bct = home.experiment(script="print('ready')")
    bct.task_type = "deleted"
    bct.save()
    first = run_to_end(bct)
    assert outbox.send(first.pk)
    first.refresh_from_db()
    store.client().delete_experiment(first.mlflow_experiment_id)
    second = run_to_end(bct)
    assert outbox.send(second.pk)
    second.refresh_from_db()
    assert second.mlflow_experiment_id == first.mlflow_experiment_id


def test_a_run_deleted_in_mlflow_stays_deleted(home: Home) -> None:
    run = run_to_end(home.experiment())
    assert outbox.send(run.pk)
    run.refresh_from_db()
    store.client().delete_run(run.mlflow_run_id)
    Run.objects.filter(pk=run.pk).update(mlflow_state=MlflowState.PENDING)
    assert outbox.send(run.pk)
    [found] = stored(run)
    assert found.info.lifecycle_stage == "deleted"


def test_files_keep_their_names_as_far_as_mlflow_can(home: Home) -> None:
    script = "open('결과 (1).csv', 'w').write('x'); open('a#b?.json', 'w').write('{}')"
    run = run_to_end(home.experiment(script=script))
    assert outbox.send(run.pk)
    names = artifacts(stored(run)[0].info.run_id, "outputs")
    assert names == ["outputs/a~23b~3f.json", "outputs/결과 (1).csv"]


def test_a_record_that_cannot_be_read_is_made_again(home: Home) -> None:
    run = run_to_end(home.experiment(script="print('ready')"))
    path = run.folder / tracking_record.NAME
    whole = json.loads(path.read_text())
    path.write_text("{")
    assert outbox.send(run.pk)
    assert json.loads(path.read_text()) == whole


def test_a_run_that_never_became_a_process_is_not_sent(home: Home) -> None:
    from tests.factories import make_run

    make_run(home.experiment(), RunStatus.CANCELLED, started_at=None)
    assert outbox.send_due() == 0


def test_what_there_was_no_room_for_at_the_end_is_fixed_when_it_is_sent(home: Home) -> None:
    run = run_to_end(home.experiment())
    (run.folder / tracking_record.NAME).unlink()
    assert outbox.send(run.pk)
    run.refresh_from_db()
    assert [item.info.run_id for item in stored(run)] == [run.mlflow_run_id]


def test_a_surprise_of_the_sender_is_reported_in_the_row(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    def surprise(*_arguments: object, **_options: object) -> None:
        raise ZeroDivisionError("nobody expected this")

    run = run_to_end(home.experiment())
    monkeypatch.setattr(writer, "fill_run", surprise)
    assert not outbox.send(run.pk)
    run.refresh_from_db()
    assert run.mlflow_state == MlflowState.PENDING
    assert "nobody expected this" in str(run.mlflow_error)
    assert run.mlflow_next_at is not None


def test_what_was_collected_while_it_was_sent_is_sent_as_well(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = run_to_end(home.experiment(script="print('done')"))
    fill = writer.fill_run

    def meanwhile(*given: Any, **more: Any) -> list[str]:
        Run.objects.filter(pk=run.pk).update(mlflow_state=MlflowState.PENDING, mlflow_next_at=None)
        return fill(*given, **more)

    with monkeypatch.context() as patched:
        patched.setattr(writer, "fill_run", meanwhile)
        outbox.send(run.pk)
    run.refresh_from_db()
    assert run.mlflow_state == MlflowState.PENDING
    assert outbox.send(run.pk)
    run.refresh_from_db()
    assert run.mlflow_state == MlflowState.SENT
