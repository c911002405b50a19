"""A script's own MLflow runs appear as children of its run, whatever client it has."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as portal_settings

from runs_app.choices import RunStatus
from runs_app.models import Run
from runs_app.tracking import outbox, store
from tests.factories import change_entry_points
from tests.moments import milliseconds
from tests.runs_app.conftest import Home
from tests.runs_app.driving import run_to_end

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.processes,
    pytest.mark.mlflow,
    pytest.mark.usefixtures("mlflow"),
]

MLFLOW2 = Path(portal_settings.BASE_DIR) / ".venv-mlflow2" / "bin" / "python"

OWN_CALLS = """\
import mlflow
mlflow.set_experiment("of the script itself")
with mlflow.start_run(run_name="night"):
    mlflow.log_param("lr", 0.1)
    mlflow.log_metric("loss", 0.5, step=1)
    mlflow.log_metric("loss", 0.25, step=2)
    mlflow.log_text("confusion", "plots/confusion.txt")
    with mlflow.start_run(run_name="fold 1", nested=True):
        mlflow.log_metric("loss", 0.1)
print("client", mlflow.__version__)
"""


def children(run: Run) -> dict[str, Any]:
    run.refresh_from_db()
    found = store.client().search_runs(
        [run.mlflow_experiment_id],
        filter_string=f"tags.`guardianflow.parent_run` = '{run.uuid}'",
    )
    return {item.info.run_name: item for item in found}


@pytest.mark.parametrize(
    ("python", "client"),
    [
        pytest.param(Path(sys.executable), "client 3.", id="client-3"),
        pytest.param(
            MLFLOW2,
            "client 2.",
            id="client-2",
            marks=[
                pytest.mark.mlflow2,
                pytest.mark.skipif(
                    not MLFLOW2.exists(), reason="no MLflow 2 client here: run `make mlflow2`"
                ),
            ],
        ),
    ],
)
def test_own_runs_become_children(home: Home, python: Path, client: str) -> None:
    bct = home.experiment(script=OWN_CALLS)
    change_entry_points(bct, interpreter=str(python))
    run = run_to_end(bct)
    assert run.status == RunStatus.SUCCEEDED, (run.folder / "stderr.log").read_text()
    assert (run.folder / "stdout.log").read_text().startswith(client)
    assert outbox.send(run.pk)
    found = children(run)
    assert set(found) == {"night", "fold 1"}
    night, fold = found["night"], found["fold 1"]
    assert night.data.tags["mlflow.parentRunId"] == run.mlflow_run_id
    assert fold.data.tags["mlflow.parentRunId"] == night.info.run_id
    assert night.data.params == {"lr": "0.1"}
    history = store.client().get_metric_history(night.info.run_id, "loss")
    assert [(point.step, point.value) for point in history] == [(1, 0.5), (2, 0.25)]
    plots = store.client().list_artifacts(night.info.run_id, "plots")
    assert [plot.path for plot in plots] == ["plots/confusion.txt"]
    assert night.info.status == "FINISHED"
    assert not (home.roots / "sampyo-gimhae-bct/mlruns").exists()
    Run.objects.filter(pk=run.pk).update(mlflow_state="pending")
    assert outbox.send(run.pk)
    assert len(children(run)) == 2


def test_a_run_that_the_script_never_closed_is_closed(home: Home) -> None:
    script = "import mlflow, os; mlflow.start_run(run_name='cut off'); os.kill(os.getpid(), 9)"
    run = run_to_end(home.experiment(script=script))
    assert run.status == RunStatus.FAILED
    assert outbox.send(run.pk)
    cut_off = children(run)["cut off"]
    assert cut_off.info.status == "KILLED"
    assert run.finished_at is not None
    assert cut_off.info.end_time == milliseconds(run.finished_at)


@pytest.mark.parametrize("uri", ["file:./mlruns", "sqlite:///mlflow.db"])
def test_a_store_of_the_scripts_own_is_copied_too(home: Home, uri: str) -> None:
    script = f"""\
import mlflow
mlflow.set_tracking_uri({uri!r})
mlflow.set_experiment("ppe")
with mlflow.start_run(run_name="own"):
    mlflow.log_metric("val/mAP", 0.77, step=3)
    mlflow.log_param("lr", 1)
    mlflow.log_text("0 1", "labels.txt")
with mlflow.start_run(run_name="taken back") as run:
    pass
mlflow.MlflowClient().delete_run(run.info.run_id)
"""
    run = run_to_end(home.experiment(script=script))
    assert run.status == RunStatus.SUCCEEDED, (run.folder / "stderr.log").read_text()
    assert not run.files.filter(path__startswith="mlruns/").exclude(kept="").exists()
    assert outbox.send(run.pk)
    own = children(run)
    assert set(own) == {"own"}
    assert own["own"].data.metrics == {"val/mAP": 0.77}
    assert own["own"].data.params == {"lr": "1"}
    found = store.client().list_artifacts(own["own"].info.run_id)
    assert [item.path for item in found] == ["labels.txt"]


CALLBACK = """\
import csv, os
from pathlib import Path
import mlflow
weights = os.urandom(4 * 2**20)
losses = [1 / (epoch + 3) for epoch in range(20)]
Path("runs/exp/weights").mkdir(parents=True)
Path("runs/exp/weights/best.pt").write_bytes(weights)
with open("runs/exp/results.csv", "w", newline="") as file:
    rows = csv.writer(file)
    rows.writerow(["epoch", "metrics/mAP50(B)"])
    rows.writerows([epoch + 1, f"{loss:.5g}"] for epoch, loss in enumerate(losses))
with mlflow.start_run(run_name="of the callback"):
    for epoch, loss in enumerate(losses):
        mlflow.log_metric("metrics/mAP50B", loss, step=epoch)
        mlflow.log_metric("lr", 0.1, step=epoch)
    mlflow.log_artifact("runs/exp/weights/best.pt", "weights")
"""


def test_what_a_callback_logs_and_the_run_left_is_stored_once(
    home: Home, own_experiment: None
) -> None:
    run = run_to_end(home.experiment("donghwa-entec-ppe", script=CALLBACK))
    assert run.status == RunStatus.SUCCEEDED, (run.folder / "stderr.log").read_text()
    assert outbox.send(run.pk)
    [child] = children(run).values()
    assert set(child.data.metrics) == {"lr"}
    assert child.data.tags["guardianflow.curves_in_parent"] == "metrics/mAP50B"
    parent = store.client().get_run(run.mlflow_run_id)
    assert len(store.client().get_metric_history(parent.info.run_id, "metrics/mAP50B")) == 20
    copies = [path for path in home.path.rglob("best.pt") if path.is_file()]
    assert len(copies) == 4  # of the run, of the callback, and both in MLflow
    assert len({path.stat().st_ino for path in copies}) == 1
    script_file = Path(run.cwd) / "runs/exp/weights/best.pt"
    assert script_file.stat().st_nlink == 1
    assert outbox.send(run.pk)
    assert copies[0].read_bytes() == script_file.read_bytes()
