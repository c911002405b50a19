"""Goals, limits and other settings in a log are no results, in whatever words they are printed."""

from __future__ import annotations

import pytest

from registry_app.results.choosing import log_reader
from registry_app.results.reading import rows_of
from tests.registry_app.results.helpers import Points, log_points


@pytest.mark.parametrize(
    "text",
    [
        "early stopping patience 10, min_acc: 0.9",
        "early stopping: patience=10, min_delta=0.001, acc=0.9",
        "patience: 10 best_acc: 0.0",
        "target_acc: 0.95",
        "target accuracy: 95%",
        "목표 정확도: 0.9",
        "goal mAP: 0.8",
        "min_recall=0.8 min_precision=0.7",
        "max_loss: 10",
        "stop_acc=0.99",
        "acc threshold: 0.9",
        "Quality gate: min_f1=0.8",
        "thresholds: precision=0.8 recall=0.7",
        "Thresholds:\n  precision: 0.8\n  recall: 0.7",
        "requirements: mAP 0.8, recall 0.9",
        "loss weights: cls_loss=1.0, box_loss=7.5",
        "config: model=n iou=0.5 precision=0.9",
        "using loss: 3 terms",
        "mAP: 80 classes",
        "num losses: 3",
        "loss: mse weight 2",
        "Model: resnet, loss: ce, iou: 0.5",
        "loss = 0.8*L1 + 0.2*SSIM",
        "class weights loss: [1.0, 2.0]",
        "conf=0.25 iou=0.45",
        "NMS IoU: 0.45",
        "best so far: acc 0.91",
        "best-so-far acc: 0.91",
        "previous best acc: 0.9",
        "initial best acc: 0.0",
        "Loaded checkpoint (epoch 12, acc 0.912)",
        "=> loading checkpoint 'x.pth' (epoch 12, best_acc1 76.1)",
        "resuming from best acc: 0.91",
    ],
)
def test_what_a_script_was_given_is_no_result(text: str) -> None:
    assert log_points(text) == {}


@pytest.mark.parametrize(
    ("text", "points"),
    [
        ("acc 0.85 < min_acc 0.9", {"acc": {0: 0.85}}),
        ("accuracy=0.85 target_accuracy=0.9", {"accuracy": {0: 0.85}}),
        ("source_acc: 0.9, target_acc: 0.6", {"source_acc": {0: 0.9}, "target_acc": {0: 0.6}}),
        ("threshold=0.5 f1=0.81", {"f1": {0: 0.81}}),
        (
            "threshold 0.5: precision 0.8 recall 0.7",
            {"precision": {0: 0.8}, "recall": {0: 0.7}},
        ),
        ("Max accuracy: 78.23%", {"Max accuracy": {0: 78.23}}),
        ("Minimum validation loss: 0.31", {"validation loss": {0: 0.31}}),
        (
            "min IoU: 0.2, max IoU: 0.9, mean IoU: 0.6",
            {"min IoU": {0: 0.2}, "max IoU": {0: 0.9}, "mean IoU": {0: 0.6}},
        ),
        (
            "min_iou: 0.2\nmax_iou: 0.9\nmean_iou: 0.6",
            {"min_iou": {0: 0.2}, "max_iou": {0: 0.9}, "mean_iou": {0: 0.6}},
        ),
        ("Epoch 3: acc 0.85 (best so far: acc 0.91)", {"acc": {3: 0.85}}),
        ("Epoch 3: min_acc 0.1 mean_acc 0.5", {"min_acc": {3: 0.1}, "mean_acc": {3: 0.5}}),
        ("Epoch 5 val_loss 0.4 patience 3/10", {"val_loss": {5: 0.4}}),
        ("Early stopping triggered. Best val acc: 0.912", {"Best val acc": {0: 0.912}}),
        ("Loaded best model, test acc: 0.91", {"test acc": {0: 0.91}}),
        ("Loaded checkpoint (epoch 12, acc 0.9)\nval acc: 0.5", {"val acc": {0: 0.5}}),
        ("throughput: 120 images", {"throughput": {0: 120.0}}),
        ("stop sign: AP=0.8, recall=0.7", {"stop sign AP": {0: 0.8}, "stop sign recall": {0: 0.7}}),
        ("| value_loss | 1e-05 |", {"value_loss": {0: 1e-05}}),
    ],
)
def test_a_result_beside_its_limit_counts(text: str, points: Points) -> None:
    assert log_points(text) == points


@pytest.mark.parametrize(
    ("text", "points"),
    [
        ("epoch 1 acc: 91.2%\nepoch 1 sum acc=0.912\nepoch 2 acc: 92%\nepoch 2 sum acc=0.92",
         {"acc": {1: 91.2, 2: 92.0}}),
        ("Accuracy: 91.2%\nAccuracy: 0.912", {"Accuracy": {0: 91.2}}),
        ("epoch 1 acc 0.5\nepoch 1 done, acc: 40%", {"acc": {1: 0.5}, "acc 2": {1: 40.0}}),
    ],
)  # fmt: skip
def test_a_share_in_two_units_is_told_once(text: str, points: Points) -> None:
    assert log_points(text) == points


def test_a_time_of_day_makes_no_line_another_kind() -> None:
    lines = (f"2026-11-29 09:00:{second:02d} epoch 1 loss 0.{second}" for second in range(1, 9))
    assert log_points("\n".join(lines)) == {"loss": {1: 0.8}}


def test_a_goal_is_reported_with_its_reason() -> None:
    reader = log_reader()
    assert not list(rows_of(reader, [b"patience 10, min_acc: 0.9\nlr: 0.1\niou: 0.7\nepochs: 3\n"]))
    assert {name: str(one.reason) for name, one in reader.skipped.items()} == {
        "min_acc": "a goal, a limit or an earlier result",
        "iou": "a setting",
    }
