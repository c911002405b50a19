"""Results that a directory has from before the portal are drawn too."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from registry_app.models import Experiment, FactSheet
from runs_app.choices import RunStatus
from runs_app.models import RunFile
from runs_app.records.past_curves import MAX_TABLES, past_results
from tests.factories import make_directory, make_experiment, make_run
from tests.runs_app.conftest import Home

pytestmark = pytest.mark.django_db
TABLE = "epoch,metrics/mAP50(B),val/loss\n1,0.5,2.0\n2,0.6,1.5\n3,0.7,1.2\n"


def with_tables(home: Home, *paths: str) -> Experiment:
    files = dict.fromkeys(paths, TABLE)
    directory = make_directory(home.roots, "sampyo-gimhae-bct", {"train.py": "", **files})
    experiment = make_experiment("sampyo-gimhae-bct", path=str(directory))
    rows: list[dict[str, Any]] = [{"path": path, "rows": 3} for path in paths]
    FactSheet.objects.create(experiment=experiment, past_runs=rows)
    return experiment


def test_table_of_the_directory_has_curves(home: Home) -> None:
    [found] = past_results(with_tables(home, "runs/exp/results.csv"))
    assert found.path == "runs/exp/results.csv"
    curves = {curve.name: (list(curve.steps), list(curve.values)) for curve in found.curves}
    assert curves["metrics/mAP50(B)"] == ([1, 2, 3], [0.5, 0.6, 0.7])


def test_newest_by_their_numbers_are_drawn(home: Home) -> None:
    experiment = with_tables(home, *(f"runs/exp{number}/results.csv" for number in range(1, 13)))
    names = [found.path for found in past_results(experiment)]
    assert names == [f"runs/exp{number}/results.csv" for number in range(13 - MAX_TABLES, 13)]


def test_table_of_a_run_is_no_past_result(home: Home) -> None:
    experiment = with_tables(home, "runs/exp/results.csv", "runs/exp2/results.csv")
    run = make_run(experiment, RunStatus.SUCCEEDED)
    RunFile.objects.create(run=run, path="runs/exp2/results.csv", change="created", size_bytes=9)
    assert [found.path for found in past_results(experiment)] == ["runs/exp/results.csv"]


def test_link_out_of_the_directory_is_not_read(home: Home, tmp_path: Path) -> None:
    experiment = with_tables(home, "results.csv")
    (tmp_path / "elsewhere.csv").write_text(TABLE)
    table = Path(experiment.path) / "results.csv"
    table.unlink()
    table.symlink_to(tmp_path / "elsewhere.csv")
    assert past_results(experiment) == []


def test_what_is_gone_is_left_out(home: Home) -> None:
    experiment = with_tables(home, "results.csv")
    (Path(experiment.path) / "results.csv").unlink()
    assert past_results(experiment) == []
    assert past_results(make_experiment("never-scanned")) == []
