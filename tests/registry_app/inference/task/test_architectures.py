"""Models that are named after their architecture, and what they do."""

from __future__ import annotations

import pytest

from registry_app.inference.task.architectures import (
    architecture_task,
    is_architecture,
    variants_of_weights,
)


@pytest.mark.parametrize(
    ("text", "task"),
    [
        ("Yet-Another-EfficientDet-Pytorch", "detection"),
        ("fasterrcnn-training", "detection"),
        ("Faster R-CNN on site pictures", "detection"),
        ("yolov8n_edge", "detection"),
        ("rt-detr-v2", "detection"),
        ("U-2-Net", "segmentation"),
        ("deeplabv3plus", "segmentation"),
        ("people with DeepSORT", "tracking"),
        ("detroit", None),
        ("net-u", None),
        ("pose", None),
        ("", None),
    ],
)
def test_the_task_of_an_architecture(text: str, task: str | None) -> None:
    assert architecture_task(text) == task


@pytest.mark.parametrize(
    ("name", "expected"),
    [("Faster R-CNN", True), ("RT-DETR", True), ("yolo mark", True), ("helmet", False)],
)
def test_a_name_that_is_nothing_else(name: str, expected: bool) -> None:
    assert is_architecture(name) is expected


@pytest.mark.parametrize(
    ("text", "tasks"),
    [
        ("YOLO('yolo11n-pose.pt')", ["pose"]),
        ("yolov7-w6-pose.wts and yolov8s_seg.onnx", ["pose", "segmentation"]),
        ("yolov5s-cls.pt, yolov8n.pt, yolov8n-helmet.pt", ["classification"] + 2 * ["detection"]),
        ("yolo-pose without weights, myyolo-seg.pt", []),
        ("yolo" + "-a" * 10_000, []),
    ],
)
def test_what_weights_are_for(text: str, tasks: list[str]) -> None:
    assert list(variants_of_weights(text)) == tasks
