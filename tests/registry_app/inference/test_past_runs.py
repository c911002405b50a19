"""Results that lie in an experiment already."""

from __future__ import annotations

from registry_app.inference.past_runs import PastRun, find_past_runs
from tests.registry_app.inference.projects import make_project


def test_tables_of_epochs_are_found_with_their_rows() -> None:
    project = make_project(
        {
            "runs/train/results.csv": "  epoch,  train/loss\n 1, 0.5\n 2, 0.4\n\n",
            "log.csv": "Step,acc\n1,0.5\n",
            "labels.csv": "file,label\na.jpg,1\n",
            "empty.csv": "",
        }
    )
    assert list(find_past_runs(project)) == [
        PastRun(path="log.csv", rows=1),
        PastRun(path="runs/train/results.csv", rows=2),
    ]
