"""Results that lie in an experiment already."""

from __future__ import annotations

import pytest

from registry_app.inference.past_runs import PastRun, find_past_runs
from tests.registry_app.inference.projects import make_project

RESULTS = """\
                  epoch,      train/box_loss,   metrics/mAP50(B), metrics/mAP50-95(B)
                      1,                 0.9,                0.5,                0.21
                      2,                 0.7,                0.6,                0.35
                      3,                 0.6,                0.7,                0.33

"""


def test_a_run_folder_is_one_run_with_its_table_settings_and_event_files() -> None:
    project = make_project(
        {
            "runs/train/results.csv": RESULTS,
            "runs/train/args.yaml": "model: yolov8n.pt\ndata: ppe.yaml\nepochs: 3\nplots: true\n",
            "runs/train/events.out.tfevents.167.host.1.0": "",
        }
    )
    assert find_past_runs(project) == (
        PastRun(
            path="runs/train/results.csv",
            rows=3,
            final={"train/box_loss": 0.6, "metrics/mAP50(B)": 0.7, "metrics/mAP50-95(B)": 0.33},
            best={"train/box_loss": 0.7, "metrics/mAP50(B)": 0.6, "metrics/mAP50-95(B)": 0.35},
            best_step=2.0,
            judged_by="metrics/mAP50-95(B)",
            settings={"model": "yolov8n.pt", "data": "ppe.yaml", "epochs": 3},
            settings_path="runs/train/args.yaml",
            event_files=1,
        ),
    )


def test_settings_or_event_files_alone_are_a_run_that_left_no_table() -> None:
    project = make_project(
        {
            "runs/exp/opt.yaml": "weights: yolov5s.pt\n",
            "runs/exp/hyp.yaml": "lr0: 0.01\n",
            "logs/events.out.tfevents.167.host": "",
            "hyp.yaml": "lr0: 0.01\n",  # what a training is given
            "config.yaml": "epochs: 3\n",
        }
    )
    assert [(one.path, one.rows, one.event_files) for one in find_past_runs(project)] == [
        ("logs", 0, 1),
        ("runs/exp/opt.yaml", 0, 0),
    ]


@pytest.mark.parametrize(
    ("path", "text", "rows"),
    [
        ("log.csv", "Step,acc\n1,0.5\n", 1),
        ("runs/results.csv", "loss\n1\n2\n", 2),
        ("results.txt", "  0/2  5.2G  0.07 0.03 0.02 0.12 9 640 0.5 0.4 0.3 0.2 0.1 0.1 0.1\n", 1),
        ("labels.csv", "file,label\na.jpg,1\n", None),
        ("results.txt", "all went well", None),
        ("empty.csv", "", None),
        ("results.csv", "epoch\n", 0),
    ],
)
def test_tables_of_epochs_are_told_from_other_files(path: str, text: str, rows: int | None) -> None:
    found = [one.rows for one in find_past_runs(make_project({path: text}))]
    assert found == ([] if rows is None else [rows])


@pytest.mark.parametrize(
    ("header", "judge", "best"),
    [
        ("epoch,metrics/mAP_0.5,metrics/mAP_0.5:0.95", "metrics/mAP_0.5:0.95", 2.0),
        ("epoch,mAP@.5,mAP@.5:.95", "mAP@.5:.95", 2.0),
        ("epoch,metrics/mAP_0.5,lr", "metrics/mAP_0.5", 1.0),
        ("epoch,accuracy,val_accuracy", "val_accuracy", 2.0),
        ("epoch,loss,val_loss", "val_loss", 1.0),  # the lowest
        ("epoch,x,y", "", None),
    ],
)
def test_epochs_are_compared_by_the_column_that_judges_best(
    header: str, judge: str, best: float | None
) -> None:
    [run] = find_past_runs(make_project({"results.csv": f"{header}\n1,9,1\n2,1,2\n"}))
    assert (run.judged_by, run.best_step) == (judge, best)


def test_what_is_no_number_is_left_out() -> None:
    text = "epoch,loss,acc,note\n1,nan,0.5,ok\n2,inf,,\n"
    [run] = find_past_runs(make_project({"results.csv": text}))
    assert (run.rows, run.final, run.best) == (2, {}, {"acc": 0.5})
