"""JSON as writers leave it."""

from __future__ import annotations

import json
from math import inf, nan

from tests.registry_app.results.writers.labels import file

_STATE = {
    "best_metric": None,
    "epoch": 2.0,
    "global_step": 20,
    "max_steps": 20,
    "num_train_epochs": 2,
    "total_flos": 123456.0,
    "log_history": [
        {"loss": 1.0, "grad_norm": 1.5, "learning_rate": 5e-5, "epoch": 1.0, "step": 10},
        {"eval_loss": 1.1, "eval_accuracy": 0.5, "epoch": 1.0, "step": 10},
        {"loss": 0.5, "grad_norm": 1.4, "learning_rate": 1e-5, "epoch": 2.0, "step": 20},
        {"eval_loss": 0.6, "eval_accuracy": 0.7, "epoch": 2.0, "step": 20},
    ],
}

DOCUMENTS = [
    file(
        "trainer_state.json of Hugging Face",
        "output/checkpoint-20/trainer_state.json",
        json.dumps(_STATE, indent=2),
        {
            "loss": {10: 1.0, 20: 0.5},
            "grad_norm": {10: 1.5, 20: 1.4},
            "learning_rate": {10: 5e-5, 20: 1e-5},
            "eval_loss": {10: 1.1, 20: 0.6},
            "eval_accuracy": {10: 0.5, 20: 0.7},
        },
    ),
    file(
        "all_results.json of Hugging Face",
        "output/all_results.json",
        json.dumps({"epoch": 3.0, "eval_loss": 0.5, "eval_f1": 0.8, "total_flos": 123.0}),
        {"eval_loss": {3: 0.5}, "eval_f1": {3: 0.8}},
    ),
    file(
        "scalars.json of mmengine",
        "work_dirs/x/20240101/vis_data/scalars.json",
        '{"lr": 0.001, "data_time": 0.01, "loss": 0.9, "time": 0.2, "epoch": 1, "iter": 50, "memory": 1234, "step": 50}\n'
        '{"lr": 0.001, "data_time": 0.01, "loss": 0.8, "time": 0.2, "epoch": 1, "iter": 100, "memory": 1234, "step": 100}\n'
        '{"coco/bbox_mAP": 0.1, "data_time": 0.1, "time": 0.3, "step": 1}\n',
        {"lr": {50: 0.001, 100: 0.001}, "loss": {50: 0.9, 100: 0.8}, "coco/bbox_mAP": {1: 0.1}},
    ),
    file(
        "the log of mmcv",
        "work_dirs/x/20230101_120000.log.json",
        '{"env_info": "sys.platform: linux", "seed": 0, "exp_name": "x.py"}\n'
        '{"mode": "train", "epoch": 1, "iter": 50, "lr": 0.01, "memory": 3000, "data_time": 0.01, "loss": 1.3, "time": 0.3}\n'
        '{"mode": "train", "epoch": 1, "iter": 100, "lr": 0.01, "memory": 3000, "data_time": 0.01, "loss": 1.2, "time": 0.3}\n'
        '{"mode": "val", "epoch": 1, "iter": 20, "lr": 0.01, "bbox_mAP": 0.3, "loss": 1.5}\n'
        '{"mode": "train", "epoch": 2, "iter": 50, "lr": 0.01, "memory": 3000, "data_time": 0.01, "loss": 1.1, "time": 0.3}\n',
        {
            "lr": {50: 0.01, 100: 0.01, 150: 0.01},
            "loss": {50: 1.3, 100: 1.2, 150: 1.1},
            "val/lr": {1: 0.01},
            "bbox_mAP": {1: 0.3},
            "val/loss": {1: 1.5},
        },
    ),
    file(
        "metrics.json of Detectron2",
        "output/metrics.json",
        '{"data_time": 0.01, "eta_seconds": 600.1, "iteration": 19, "loss_cls": 1.1, "lr": 0.0002, "total_loss": 2.3, "time": 0.5}\n'
        '{"data_time": 0.01, "eta_seconds": 590.1, "iteration": 39, "loss_cls": 1.0, "lr": 0.0004, "total_loss": 2.1, "time": 0.5}\n'
        '{"bbox/AP": 30.1, "bbox/AP50": 50.2, "iteration": 39}\n',
        {
            "loss_cls": {19: 1.1, 39: 1.0},
            "lr": {19: 0.0002, 39: 0.0004},
            "total_loss": {19: 2.3, 39: 2.1},
            "bbox/AP": {39: 30.1},
            "bbox/AP50": {39: 50.2},
        },
    ),
    file(
        "the log of DETR",
        "outputs/log.txt",
        '{"train_lr": 0.0001, "train_loss": 30.5, "test_loss": 31.5, "test_coco_eval_bbox": [0.1, 0.2], "epoch": 0, "n_parameters": 41302368}\n'
        '{"train_lr": 0.0001, "train_loss": 25.5, "test_loss": 26.5, "test_coco_eval_bbox": [0.1, 0.2], "epoch": 1, "n_parameters": 41302368}\n',
        {
            "train_lr": {0: 1e-4, 1: 1e-4},
            "train_loss": {0: 30.5, 1: 25.5},
            "test_loss": {0: 31.5, 1: 26.5},
        },
    ),
    file(
        "the log of LLaMA-Factory",
        "saves/trainer_log.jsonl",
        '{"current_steps": 5, "total_steps": 100, "loss": 1.5, "lr": 1e-05, "epoch": 0.05, "percentage": 5.0, "elapsed_time": "0:00:05", "remaining_time": "0:01:35"}\n'
        '{"current_steps": 10, "total_steps": 100, "loss": 1.4, "lr": 2e-05, "epoch": 0.1, "percentage": 10.0, "elapsed_time": "0:00:10", "remaining_time": "0:01:30"}\n',
        {"loss": {5: 1.5, 10: 1.4}, "lr": {5: 1e-5, 10: 2e-5}},
    ),
    file(
        "the history of Keras",
        "history.json",
        '{"loss": [1.0, 0.5, 0.3], "val_loss": [1.1, 0.6, 0.4], "accuracy": [0.5, 0.6, 0.7]}',
        {
            "loss": {0: 1.0, 1: 0.5, 2: 0.3},
            "val_loss": {0: 1.1, 1: 0.6, 2: 0.4},
            "accuracy": {0: 0.5, 1: 0.6, 2: 0.7},
        },
    ),
    file(
        "a history with its epochs",
        "history.json",
        '{"epoch": [1, 2], "train": {"loss": [1.0, 0.5]}, "val": {"loss": [1.1, 0.6]}}',
        {"train.loss": [1.0, 0.5], "val.loss": [1.1, 0.6]},
    ),
    file(
        "a list of rows",
        "log.json",
        '[{"epoch": 1, "loss": 0.5, "time": 1.2}, {"epoch": 2, "loss": 0.4, "time": 1.2}]',
        {"loss": [0.5, 0.4]},
    ),
    file(
        "rows by their epochs",
        "history.json",
        '{"epoch_1": {"loss": 0.5, "acc": 0.6}, "epoch_2": {"loss": 0.4, "acc": 0.7}}',
        {"loss": [0.5, 0.4], "acc": [0.6, 0.7]},
    ),
    file(
        "a column of pandas",
        "history.json",
        '{"loss": {"0": 0.5, "1": 0.4}, "acc": {"0": 0.6, "1": 0.7}}',
        {"loss": {0: 0.5, 1: 0.4}, "acc": {0: 0.6, 1: 0.7}},
    ),
    file(
        "TensorBoard's export",
        "loss.json",
        "[[1700000000.5, 0, 1.0], [1700000010.5, 10, 0.5]]",
        {"loss": {0: 1.0, 10: 0.5}},
    ),
    file(
        "an evaluation with what it was given",
        "eval_metrics.json",
        json.dumps(
            {
                "mAP50": 0.91,
                "recall": 0.8,
                "imgsz": 640,
                "batch_size": 8,
                "config": {"lr": 0.01, "warmup": 3},
                "time": 12.3,
            }
        ),
        {"mAP50": {0: 0.91}, "recall": {0: 0.8}},
    ),
    file(
        "results per class",
        "eval.json",
        '{"overall": {"mAP50": 0.9}, "per_class": {"headgear": {"precision": 0.8, "recall": 0.7}, '
        '"harness": {"precision": 0.6, "recall": 0.5}}, "list": [1, 2]}',
        {
            "overall.mAP50": {0: 0.9},
            "per_class.headgear.precision": {0: 0.8},
            "per_class.headgear.recall": {0: 0.7},
            "per_class.harness.precision": {0: 0.6},
            "per_class.harness.recall": {0: 0.5},
        },
    ),
    file(
        "a list of classes",
        "per_class.json",
        '[{"class": "headgear", "AP": 0.8}, {"class": "harness", "AP": 0.6}]',
        {"headgear.AP": {0: 0.8}, "harness.AP": {0: 0.6}},
    ),
    file(
        "lists beside the classes",
        "class_results.json",
        '{"classes": ["headgear", "harness"], "AP50": [0.8, 0.6], "mAP50": 0.7}',
        {"headgear.AP50": {0: 0.8}, "harness.AP50": {0: 0.6}, "mAP50": {0: 0.7}},
    ),
    file(
        "a matrix of confusions",
        "confusion.json",
        '{"labels": ["ok", "crack"], "confusion_matrix": [[9, 1], [2, 8]], "accuracy": 0.85}',
        {
            "confusion/ok/ok": {0: 9},
            "confusion/ok/crack": {0: 1},
            "confusion/crack/ok": {0: 2},
            "confusion/crack/crack": {0: 8},
            "accuracy": {0: 0.85},
        },
    ),
    file(
        "numbers that JSON does not know",
        "metrics.json",
        '{"loss": NaN, "mAP": Infinity, "acc": 0.9, "big": 1' + "0" * 400 + ', "f1": "nan"}',
        {"loss": {0: nan}, "mAP": {0: inf}, "acc": {0: 0.9}, "f1": {0: nan}},
    ),
    file(
        "a cut end",
        "history.json",
        '{"loss": [1.0, 0.5], "acc": [0.5, 0.6], "val_loss": [1.1, 0.',
        {"loss": {0: 1.0, 1: 0.5}, "acc": {0: 0.5, 1: 0.6}, "val_loss": {0: 1.1}},
    ),
    file("Python's own spelling", "metrics.json", "{'acc': 0.9, 'best': None}", {"acc": {0: 0.9}}),
    file("settings", "out/config.json", '{"hidden_size": 768, "dropout": 0.1}', {}),
    file("arguments", "out/training_args.json", '{"lr": 0.0001, "seed": 42}', {}),
    file("a model's facts", "model_info.json", '{"num_classes": 3, "img_size": 640}', {}),
    file(
        "annotations",
        "instances.json",
        '{"images": [{"id": 1}], "annotations": [{"id": 1, "bbox": [1, 2, 3, 4]}]}',
        {},
    ),
    file(
        "predictions",
        "predictions.json",
        '[{"image_id": 1, "category_id": 2, "bbox": [1, 2, 3, 4], "score": 0.9}]',
        {},
    ),
]
