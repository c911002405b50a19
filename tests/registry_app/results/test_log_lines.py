"""Lines of logs, each with the values that a person reads in it."""

from __future__ import annotations

from math import inf, nan

import pytest

from registry_app.results.choosing import log_reader
from registry_app.results.reading import rows_of
from registry_app.results.words import is_metric
from tests.registry_app.results.helpers import Points, log_points

# Output, and the values that a person reads in it.
LINES: list[tuple[str, Points]] = [
    ("Epoch 3, Loss 0.512, Test Loss 0.6", {"Loss": {3: 0.512}, "Test Loss": {3: 0.6}}),
    ("epoch=3 step=120 loss=0.51 gpu_mem=3.2GB", {"loss": {120: 0.51}}),
    ("Epoch 3 Loss: 1,234.5", {"Loss": {3: 1234.5}}),
    ("epoch 3 loss -inf acc nan", {"loss": {3: -inf}, "acc": {3: nan}}),
    ("Epoch: 003 Train: 0.9 Val: 0.8", {"Train": {3: 0.9}, "Val": {3: 0.8}}),
    ("3/10 에폭: 손실=0.5", {"손실": {3: 0.5}}),
    ("에포크 3 완료 - 학습손실 0.5", {"학습손실": {3: 0.5}}),
    ("step 100 | loss 3.21 | dt: 120.5ms | tok/sec: 12345.6", {"loss": {100: 3.21}}),
    ("Validation - Epoch 3: loss=0.6", {"Validation loss": {3: 0.6}}),
    ("[1,  2000] loss: 2.1\n[2,  2000] loss: 1.5", {"loss": {2000: 2.1, 4000: 1.5}}),
    ("Loss after iteration 100: 0.512", {"Loss": {100: 0.512}}),
    ("Final mAP@50: 0.91 (epoch 12)", {"Final mAP@50": {12: 0.91}}),
    ("Epoch 5: val_acc did not improve from 0.91", {}),
    ("Best epoch: 7, best val_acc: 0.912", {"best val_acc": {0: 0.912}}),
    (
        '{"epoch": 1, "train": {"loss": 0.5}, "val": {"loss": 0.6}}',
        {"train loss": {1: 0.5}, "val loss": {1: 0.6}},
    ),
    (
        "headgear: AP=0.8, recall=0.7\nharness: AP=0.6, recall=0.5",
        {
            "headgear AP": {0: 0.8},
            "headgear recall": {0: 0.7},
            "harness AP": {0: 0.6},
            "harness recall": {0: 0.5},
        },
    ),
    (
        "latency_ms: mean=12.3 p99=20.1\nLatency (p50): 11 ms",
        {
            "latency_ms mean": {0: 12.3},
            "latency_ms p99": {0: 20.1},
            "Latency p50": {0: 11.0},
        },
    ),
    ("epoch,loss\n1,0.5\n2,0.4", {"loss": {1: 0.5, 2: 0.4}}),
    (
        "평균 추론 시간: 12.3ms, 소요 시간: 3.1초",
        {"평균 추론 시간": {0: 12.3}},
    ),
    ("검증loss: 0.5, 평균mAP: 0.8", {"검증loss": {0: 0.5}, "평균mAP": {0: 0.8}}),
    ("Epoch No. 3 reward: 2.1", {"reward": {3: 2.1}}),
    ("[1,  2000] reward: 2.1", {"reward": {2000: 2.1}}),
    ("AUROC: 0.93\nTop 1: 76.5", {"AUROC": {0: 0.93}}),
    ("| model | AP | AR |\n| a | 0.5 | 0.6 |", {"a/AP": {0: 0.5}, "a/AR": {0: 0.6}}),
    ("지연 시간 12.3 ms", {"지연 시간": {0: 12.3}}),
    (
        (
            "\rEpoch 1: 50%|# | 1/2 [00:01<00:00, loss=0.9]"
            "\rEpoch 1: 100%|##| 2/2 [00:01<00:00, loss=0.5]"
            "\rEpoch 2: 100%|##| 2/2 [00:01<00:00, loss=0.4]"
        ),
        {"loss": {1: 0.5, 2: 0.4}},
    ),
    (
        "=== Epoch 3/10 ===\n  train | loss 0.5 acc 0.9\n",
        {"train loss": {3: 0.5}, "train acc": {3: 0.9}},
    ),
    ("Epoch 1 loss: 0.5\nEpoch 1 loss: 0.5\nEpoch 2 loss: 0.4", {"loss": {1: 0.5, 2: 0.4}}),
    ("iou: 0.7", {"iou": {0: 0.7}}),
    ("lr: 0.1\niou: 0.7\nepochs: 3", {}),
]


@pytest.mark.parametrize(("text", "points"), LINES)
def test_a_line_says_what_a_person_reads_in_it(text: str, points: Points) -> None:
    assert str(log_points(text)) == str(points)


@pytest.mark.parametrize(
    ("text", "points"),
    [
        ("epoch 3 loss: 0,512", {"loss": {3: 0.512}}),
        ("Epoch 3: loss=0,512, acc=91,2%", {"loss": {3: 0.512}, "acc": {3: 91.2}}),
        ("Epoch 3; loss 1,234; acc 0,91", {"loss": {3: 1.234}, "acc": {3: 0.91}}),
        ("Accuracy: 91,25 %", {"Accuracy": {0: 91.25}}),
        ("RMSE: 1.234,5", {"RMSE": {0: 1234.5}}),
        ("RMSE: 45,678", {"RMSE": {0: 45678.0}}),
        ("epoch 3 lr 1,5e-05 loss -0,5", {"lr": {3: 1.5e-05}, "loss": {3: -0.5}}),
        ("2026-11-29 10:00:00,123 loss: 0,5", {"loss": {0: 0.5}}),
        ("[1,12000] loss: 2.1", {"loss": {12000: 2.1}}),
        ("acc: 1,2,3", {}),
        ("acc: 0.5,0.6", {}),
        ("losses: [1,5]", {}),
    ],
)
def test_a_comma_is_that_of_a_decimal_of_thousands_or_of_a_list(text: str, points: Points) -> None:
    assert log_points(text) == points


@pytest.mark.parametrize(
    "name",
    [
        "mAP@IoU=0.5", "mAP@IoU=0.50:0.95", "mAP@[IoU=0.50:0.95]", "mAP@[0.5:0.95]", "AP@IoU=.5",
        "mAP @ IoU 0.5", "mAP at IoU 0.5", "mAP at 0.5", "mAP (IoU=0.5)", "AP[IoU=0.5]", "mAP(0.5)",
        "AP (IoU=0.50:0.95, area=small)", "mAP[0.5]", "mAP@0.5:0.95", "recall@k=5", "Recall@1",
        "precision (0.5)", "val mAP@IoU=0.75",
    ],
)  # fmt: skip
def test_what_a_metric_was_measured_at_is_a_part_of_its_name(name: str) -> None:
    assert is_metric(name)
    for sign in (": ", " = ", " : "):
        assert log_points(f"{name}{sign}0.83") == {name: {0: 0.83}}
        line = f"epoch 3 {name}{sign}0.83 loss{sign}0.2"
        assert log_points(line) == {name: {3: 0.83}, "loss": {3: 0.2}}


def test_an_overlap_before_metrics_is_what_they_were_measured_at() -> None:
    assert log_points("IoU=0.5: AP=0.8, AR=0.9") == {"AP": {0: 0.8}, "AR": {0: 0.9}}
    assert log_points("[IoU=0.5] AP: 0.8") == {"AP": {0: 0.8}}
    assert log_points("IoU: 0.7, AP: 0.8") == {"IoU": {0: 0.7}, "AP": {0: 0.8}}


@pytest.mark.parametrize(
    ("text", "points"),
    [
        ("Loss is 0.5 and accuracy is 91%", {"Loss": {0: 0.5}, "accuracy": {0: 91.0}}),
        ("The final accuracy was 0.91.", {"final accuracy": {0: 0.91}}),
        ("accuracy is 3 times better", {}),
        ("target accuracy is 0.9", {}),
        ("Latency: mean 12 ms, p95 20 ms", {"Latency mean": {0: 12.0}, "Latency p95": {0: 20.0}}),
        (
            "Accuracy of hook : 91 %\nAccuracy of vest : 80 %",
            {"hook Accuracy": {0: 91.0}, "vest Accuracy": {0: 80.0}},
        ),
        ("Accuracy for class: hook is 93.0 %", {"hook Accuracy": {0: 93.0}}),
        ("Accuracy of the network on the 10000 test images: 91 %", {"Accuracy": {0: 91.0}}),
        ("Accuracy of model: 0.9", {"Accuracy": {0: 0.9}}),
    ],
)
def test_sentences_are_read_too(text: str, points: Points) -> None:
    assert log_points(text) == points


def test_the_name_of_the_next_value_is_no_unit() -> None:
    assert log_points("step=3 reward_mean=1.5 fps=30") == {
        "reward_mean": {3: 1.5},
        "fps": {3: 30.0},
    }
    assert log_points("step 3 speed_a 1.5 fps: 30") == {"fps": {3: 30.0}}


def test_wide_punctuation_is_punctuation() -> None:
    assert log_points("Epoch：3，loss：0.5，acc：91％") == {"loss": {3: 0.5}, "acc": {3: 91.0}}


@pytest.mark.parametrize(
    ("epochs", "steps"),
    [
        (["0.5", "1.0", "1.5", "2.0"], [1, 2, 3, 4]),
        (["1.0", "1.5", "2.0"], [1, 2, 3]),
        (["1.0", "2.0", "3.0"], [1, 2, 3]),
        (["1", "2", "2.5", "3"], [1, 2, 3, 4]),
        (["0,5", "1,0"], [1, 2]),
    ],
)
def test_parts_of_epochs_are_counted(epochs: list[str], steps: list[int]) -> None:
    text = "\n".join(
        f"epoch {epoch} loss: 0.{step}" for step, epoch in zip(steps, epochs, strict=True)
    )
    assert list(log_points(text)["loss"]) == steps


def test_a_name_belongs_to_the_first_kind_of_line_that_used_it() -> None:
    text = "1/2\tloss 1.0\nepoch:1 loss:0.9\nepoch 1 took 2s, loss=0.8\n"
    assert log_points(text) == {
        "loss": {1: 1.0},
        "epoch/loss": {1: 0.9},
        "loss 2": {1: 0.8},
    }


def test_a_line_that_never_ends_takes_no_memory_and_keeps_its_last_state() -> None:
    states = (f"\rEpoch 1: {i % 100}%|#| {i}/9999 [loss={i}.5]" for i in range(2_000))
    assert log_points("".join(states)) == {"loss": {1: 1999.5}}


def test_a_line_with_too_many_numbers_says_what_it_did_not_take() -> None:
    values = " ".join(f"m{number}_loss=0.5" for number in range(200))
    reader = log_reader()
    assert list(rows_of(reader, [f"epoch 5 {values}\nepoch 5 loss 0.5\n".encode()])) != []
    assert list(reader.skipped)[:2] == ["m0_loss", "m1_loss"]
    junk = log_reader()
    assert not list(rows_of(junk, [" ".join(map(str, range(200))).encode()]))
    assert not junk.skipped


def test_the_lines_and_variables_of_a_traceback_in_a_frame_are_no_results() -> None:
    text = (
        "acc: 0.25\n"
        "╭───────────── Traceback (most recent call last) ──────────────╮\n"
        "│ /srv/train.py:3 in main                                      │\n"
        "│   2   loss = 0.5                                             │\n"
        "│ ╭─── locals ───╮                                             │\n"
        "│ │ acc  = 0.75  │                                             │\n"
        "╰──────────────────────────────────────────────────────────────╯\n"
        "ValueError: loss: 0.9\n"
        "acc: 0.5\n"
    )
    assert log_points(text) == {"acc": {0: 0.25, 1: 0.5}}
