"""What a script said is what the portal and MLflow say, point for point, and nothing else."""

from __future__ import annotations

import json
import math
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

from runs_app.models import Run
from runs_app.records.metrics import read_metrics
from runs_app.runner.folder import RunFolder
from runs_app.tracking import outbox, store
from tests.results.scripts import SCRIPTS, Curve, Script
from tests.runs_app.conftest import Home
from tests.runs_app.driving import run_to_end

pytestmark = [
    pytest.mark.proof,
    pytest.mark.processes,
    pytest.mark.mlflow,
    pytest.mark.first,
]
on_sqlite = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
on_postgres = pytest.mark.parametrize(
    "database", [pytest.param("postgresql", marks=pytest.mark.postgres)], indirect=True
)


def ended(home: Home, script: Script) -> Run:
    """The run of a script, which MLflow has."""
    experiment = home.experiment(script=script.source)
    for path, text in script.before.items():
        (Path(experiment.path) / path).write_text(text, encoding="utf-8")
    run = run_to_end(experiment)
    assert run.exit_code == 0, (run.folder / "stderr.log").read_text()
    assert outbox.send(run.pk)
    run.refresh_from_db()
    return run


def curves_of(run: Run) -> dict[str, Curve]:
    found: dict[str, Curve] = {}
    for point in read_metrics(RunFolder(run.folder)):
        found.setdefault(point.key, {})[point.step] = point.value
    return found


def shown(run: Run) -> dict[str, Any]:
    out = StringIO()
    call_command("show_run", str(run.pk), json=True, stdout=out)
    found: dict[str, Any] = json.loads(out.getvalue())
    return found


def check(home: Home, script: Script) -> None:
    run = ended(home, script)
    curves, told = curves_of(run), shown(run)
    if script.curves or not script.remark:
        assert curves == script.curves
    assert script.remark in "\n".join(told["warnings"])
    assert {name: one["points"] for name, one in told["metrics"].items()} == {
        name: len(curve) for name, curve in curves.items()
    }
    assert {one["source"] for one in told["results"]} >= {"stdout", "stderr"}
    assert all(one["points"] or one["reason"] for one in told["results"])
    check_mlflow(run, curves)


def check_mlflow(run: Run, curves: dict[str, Curve]) -> None:
    """MLflow has the same curves under a key of each one's own, and the record that names them."""
    record = json.loads((run.folder / "results.json").read_text())
    keys = {name: one["mlflow_key"] for name, one in record["metrics"].items()}
    client = store.client()
    there = client.get_run(run.mlflow_run_id).data.metrics
    assert set(there) == set(keys.values())
    assert len(keys) == len(there)
    for name, key in keys.items():
        history = client.get_metric_history(run.mlflow_run_id, key)
        assert {one.step: one.value for one in history} == pytest.approx(curves[name])
        began, ended_at = run.started_at, run.finished_at
        assert began is not None
        assert ended_at is not None
        moments = [one.timestamp / 1000 for one in history]
        assert min(moments) >= math.floor(began.timestamp())
        assert max(moments) <= math.ceil(ended_at.timestamp())
    names = [one.path for one in client.list_artifacts(run.mlflow_run_id)]
    assert "results.json" in names


@on_sqlite
@pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: script.name)
def test_a_script_is_believed_word_for_word(home: Home, script: Script) -> None:
    check(home, script)


@on_postgres
@pytest.mark.parametrize("script", SCRIPTS[:10], ids=lambda script: script.name)
def test_it_is_so_on_postgresql(home: Home, script: Script) -> None:
    check(home, script)


@on_sqlite
def test_the_same_seeded_script_gives_the_same_points_twice(home: Home) -> None:
    source = "open('results.csv', 'w').write('epoch,loss\\n0,0.5\\n1,0.4\\n')"
    experiment = home.experiment(script=source)
    first, second = run_to_end(experiment), run_to_end(experiment)
    assert curves_of(first) == curves_of(second) == {"loss": {0: 0.5, 1: 0.4}}
    assert shown(first)["metrics"]["loss"]["points_before"] == 0
    assert shown(second)["metrics"]["loss"]["points_before"] == 2
