"""Results that were shipped with an experiment."""

from __future__ import annotations

import pytest

from registry_app.inference.past_runs import PastRun, find_past_runs
from tests.registry_app.inference.projects import make_project
from tests.registry_app.results.writers.events import event, simple

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
    assert [(item.path, item.rows, item.event_files) for item in find_past_runs(project)] == [
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
def test_tables_of_epochs_are_distinguished_from_other_files(
    path: str, text: str, rows: int | None
) -> None:
    found = [item.rows for item in find_past_runs(make_project({path: text}))]
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


def test_the_newest_state_of_a_trainer_is_the_run() -> None:
    state = '{"log_history": [{"step": 10, "loss": 1.0}, {"step": 20, "eval_accuracy": 0.7}]}'
    project = make_project(
        {
            "out/checkpoint-9/trainer_state.json": state,
            "out/checkpoint-20/trainer_state.json": state,
        }
    )
    [run] = find_past_runs(project)
    assert (run.path, run.rows) == ("out/checkpoint-20/trainer_state.json", 2)
    assert (run.final, run.judged_by, run.best_step) == (
        {"eval_accuracy": 0.7},
        "eval_accuracy",
        20.0,
    )


def test_rows_of_training_and_validation_of_one_step_are_one() -> None:
    text = "epoch,step,train_loss,val_loss\n0,49,0.9,\n0,99,0.8,\n0,99,,0.85\n"
    [run] = find_past_runs(make_project({"lightning_logs/version_0/metrics.csv": text}))
    assert (run.rows, run.final) == (2, {"train_loss": 0.8, "val_loss": 0.85})


def test_event_files_tell_of_a_run_without_a_table() -> None:
    path = "logs/events.out.tfevents.167.host"
    project = make_project({path: event(0, simple("Acc", 0.5)) + event(5, simple("Acc", 0.75))})
    [run] = find_past_runs(project)
    assert (run.path, run.rows, run.final, run.event_files) == ("logs", 2, {"Acc": 0.75}, 1)


def test_a_log_and_a_summary_are_no_runs() -> None:
    project = make_project({"results.json": '{"mAP50": 0.9}', "results.txt": "epoch 1 loss 0.5\n"})
    assert find_past_runs(project) == ()
