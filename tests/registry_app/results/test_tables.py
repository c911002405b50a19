"""Tables as people and libraries save them, each with the points that a person reads in it."""

from __future__ import annotations

import pytest

from registry_app.results import reasons
from registry_app.results.reading import read
from registry_app.results.tables.csv_table import CsvTable
from tests.registry_app.results.helpers import Points, file_points

KERAS = {"loss": {0: 0.5, 1: 0.4}, "acc": {0: 0.9, 1: 0.95}, "val_loss": {0: 0.6, 1: 0.5}}


@pytest.mark.parametrize(
    ("path", "text", "points"),
    [
        ("results.csv", 'epoch,loss\n1,"0,512"\n2,"0,4"\n', {"loss": {1: 0.512, 2: 0.4}}),
        ("results.csv", 'epoch,loss\n1,"12,5"\n2,"1,234"\n', {"loss": {1: 12.5, 2: 1.234}}),
        ("results.csv", 'epoch,rmse\n1,"45,678"\n2,"1,234"\n', {"rmse": {1: 45678.0, 2: 1234.0}}),
        ("results.csv", "epoch;acc\n1;91,2 %\n2;92,0%\n", {"acc": {1: 91.2, 2: 92.0}}),
        (
            "log.csv",
            "Epoch\tLoss (%)\tTest Acc\n1\t50%\t90 %\n",
            {"Loss (%)": {1: 50.0}, "Test Acc": {1: 90.0}},
        ),
        (
            "results.csv",
            "Epoch,GPU_mem,box_loss,Instances,Size\n0/99,1.2G,0.05,12,640\n1/99,1.2G,0.04,9,640\n",
            {"box_loss": {0: 0.05, 1: 0.04}},
        ),
        # Lightning with a monitor of learning rates: rows with a step and no epoch come first.
        (
            "metrics.csv",
            "step,train_loss,lr-Adam,epoch\n9,,0.001,\n9,0.5,,0\n19,,0.01,\n19,0.4,,0\n",
            {"lr-Adam": {9: 0.001, 19: 0.01}, "train_loss": {9: 0.5, 19: 0.4}},
        ),
        # Keras's history by pandas, without the index.
        ("x.csv", "loss,acc,val_loss\n0.5,0.9,0.6\n0.4,0.95,0.5\n", KERAS),
        (
            "history.csv",
            "loss,lr\n0.5,0.1\n0.4,0.01\n",
            {"loss": {0: 0.5, 1: 0.4}, "lr": {0: 0.1, 1: 0.01}},
        ),
        (
            "metrics.csv",
            "timestamp,loss\n2026-11-29 10:00:00,0.5\n2026-11-29 10:00:01,0.4\n",
            {"loss": {0: 0.5, 1: 0.4}},
        ),
        (
            "eval.csv",
            "model,mAP\na.pt,0.8\nb.pt,0.85\n",
            {"a.pt/mAP": {0: 0.8}, "b.pt/mAP": {0: 0.85}},
        ),
        (
            "eval.json",
            '{"results": [{"category": "hook", "AP": 0.9}, {"category": "vest", "AP": 0.7}]}',
            {"hook.AP": {0: 0.9}, "vest.AP": {0: 0.7}},
        ),
        (
            "eval.json",
            '{"val": [{"class": "hook", "AP": 0.9}], "test": [{"class": "hook", "AP": 0.7}]}',
            {"val.hook.AP": {0: 0.9}, "test.hook.AP": {0: 0.7}},
        ),
        (
            "metrics.json",
            '{"epochs": [{"epoch": 1, "loss": 0.5}, {"epoch": 2, "loss": 0.4}], "mAP": 0.8}',
            {"loss": {1: 0.5, 2: 0.4}, "mAP": {0: 0.8}},
        ),
        (
            "metrics.json",
            '{"train": [{"epoch": 1, "loss": 0.5}], "val": [{"epoch": 1, "loss": 0.6}]}',
            {"train.loss": {1: 0.5}, "val.loss": {1: 0.6}},
        ),
        # Several trainings in one table are kept apart.
        (
            "metrics.csv",
            "run,epoch,loss\na,1,0.5\nb,1,0.6\n",
            {"a/loss": {1: 0.5}, "b/loss": {1: 0.6}},
        ),
        (
            "metrics.csv",
            "fold,epoch,loss\n1,1,0.5\n2,1,0.6\n",
            {"fold 1/loss": {1: 0.5}, "fold 2/loss": {1: 0.6}},
        ),
        ("x.csv", '"epoch";"loss"\n"1";"0,5"\n"2";"1.234,5"\n', {"loss": {1: 0.5, 2: 1234.5}}),
        ("val_loss.csv", "step,value\n1,0.5\n2,0.4\n", {"val_loss": {1: 0.5, 2: 0.4}}),
        ("pr_curve.csv", "recall,precision\n0.0,1.0\n0.5,0.9\n", {}),
    ],
)  # fmt: skip
def test_a_table_says_what_a_person_reads_in_it(path: str, text: str, points: Points) -> None:
    assert file_points(path, text) == points


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("out.csv", "image,score,loss\na.jpg,0.9,0.1\nb.jpg,0.8,0.2\n"),
        ("out.csv", "name,iou\na.jpg,0.9\nb.jpg,0.8\n"),
        ("metrics.csv", "filename,psnr,ssim\n0001.png,30.1,0.9\n0002.png,29.2,0.8\n"),
        ("out.csv", "iou,dice\n0.9,0.1\n0.8,0.2\n"),
        ("out.json", '[{"image": "a.jpg", "loss": 0.1}, {"image": "b.jpg", "loss": 0.2}]'),
        ("out.json", '{"all": [{"file": "a.jpg", "loss": 0.1}, {"file": "b.jpg", "loss": 0.2}]}'),
    ],
)  # fmt: skip
def test_a_row_for_each_picture_is_no_result(path: str, text: str) -> None:
    assert file_points(path, text) == {}


def test_predictions_are_called_so() -> None:
    assert read("out.csv", [b"image,loss\na.jpg,0.1\nb.jpg,0.2\n"]).reason == reasons.PREDICTIONS()


def test_a_table_of_predictions_is_done_at_its_second_line() -> None:
    table = CsvTable("out.csv")
    assert list(table.feed(b"frame,iter,x,y,conf\n")) == []
    assert not table.is_done
    assert list(table.feed(b"1,1,3,2,0.9\n")) == []
    assert table.is_done
