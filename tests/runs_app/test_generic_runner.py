"""The same run from a Python program."""

from __future__ import annotations

import pytest

from runs_app.choices import RunStatus
from runs_app.exceptions import RunnerError
from runs_app.generic_runner import GenericRunner
from runs_app.lifecycle import sending
from runs_app.models import Run
from runs_app.tracking import store
from tests.runs_app.conftest import Home
from tests.waiting import LIMIT_S

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.processes]


@pytest.fixture(autouse=True)
def mlflow_is_away(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://127.0.0.1:9")


def test_a_program_gets_the_finished_run(home: Home) -> None:
    epochs: dict[str, object] = {"name": "epochs", "flag": "--epochs", "type": "int", "default": 3}
    home.experiment(parameters=[epochs], template="--epochs {epochs}")
    run = GenericRunner().run("sampyo-gimhae-bct", version="v3", extra_params={"epochs": 2})
    assert (run.status, run.exit_code, run.version) == (RunStatus.SUCCEEDED, 0, "v3")
    assert run.argv[1:] == ["train.py", "--epochs", "2"]
    assert (run.folder / "stdout.log").read_text() == "epoch 1\nepoch 2\n"
    assert run.mlflow_state == "pending"


@pytest.mark.mlflow
def test_its_results_are_in_mlflow_when_it_returns(
    home: Home, mlflow: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MLFLOW_TRACKING_URI", home.store)
    # Half a minute may be too short for a busy machine.
    monkeypatch.setattr(sending.send_within, "__kwdefaults__", {"limit_s": LIMIT_S})
    home.experiment()
    run = GenericRunner().run("sampyo-gimhae-bct")
    assert run.mlflow_state == "sent"
    found = store.client().get_run(run.mlflow_run_id)
    assert found.info.status == "FINISHED"
    assert found.data.metrics["metrics/mAP50B"] == 0.3
    artifacts = store.client().list_artifacts(run.mlflow_run_id, "outputs")
    assert [artifact.path for artifact in artifacts] == ["outputs/best.pt", "outputs/results.csv"]


def test_another_script_than_the_default(home: Home) -> None:
    home.experiment()
    (home.roots / "sampyo-gimhae-bct/train_v2.py").write_text("print('two')")
    run = GenericRunner().run("sampyo-gimhae-bct", script_override="train_v2.py")
    assert (run.folder / "stdout.log").read_text() == "two\n"


def test_a_refusal_is_an_error_and_queues_nothing(home: Home) -> None:
    with pytest.raises(RunnerError, match="There is no experiment"):
        GenericRunner().run("sampyo-gimhae-bct")
    assert not Run.objects.exists()
