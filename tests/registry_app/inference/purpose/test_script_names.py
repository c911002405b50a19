"""What the name of a script says."""

from __future__ import annotations

import pytest

from registry_app.choices import EntryPointType
from registry_app.inference.purpose.script_names import (
    deciding_type,
    distance_of_name,
    names_only_a_format,
    type_by_name,
)


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("train_yolov11_v2.py", "train"),
        ("src/finetune.py", "train"),
        ("TrainModel.py", "train"),
        ("학습.py", "train"),
        ("model_main_tf2.py", "train"),
        ("infer_benchmark.py", "infer"),
        ("detect.py", "infer"),
        ("추론.py", "infer"),
        ("webcam_demo.py", "infer"),
        ("make_submission.py", "infer"),
        ("export_openvino.py", "quant"),
        ("quantize_int8.py", "quant"),
        ("train_qat.py", "quant"),
        ("pytorch2onnx.py", "quant"),
        ("inference_onnx.py", "infer"),
        ("onnx_benchmark.py", "eval"),
        ("convert_to_onnx.py", "quant"),
        ("convert_weights.py", "quant"),
        ("convert_labels.py", "data"),
        ("coco_to_model_input.py", "data"),
        ("coco2yolo.py", "data"),
        ("detection_dataset.py", "data"),
        ("video_scraping.ipynb", "data"),
        ("count_cells_in_dataset.py", "data"),
        ("vehicle_counting.py", "infer"),
        ("plate_detector.py", "infer"),
        ("detection_metrics.py", "eval"),
        ("dataset_analysis.ipynb", "data"),
        ("failure_analysis.py", "eval"),
        ("yolo_tflite.py", "quant"),
        ("eval_confusion.py", "eval"),
        ("val.py", "eval"),
        ("split_dataset.py", "data"),
        ("app.py", "demo"),
        ("smoke_train/__main__.py", "train"),
        ("model.py", None),
        ("restrain.py", None),
        ("contest.py", None),
        ("road2onward.py", None),
    ],
)
def test_a_name_speaks_of_a_type(path: str, kind: str | None) -> None:
    assert type_by_name(path) == kind


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("benchmark_gpu.py", "eval"),
        ("download_weights.py", "data"),
        ("convert_to_onnx.py", None),
        ("yolo_tutorial.ipynb", "demo"),
        ("make_pseudo_labels.py", "data"),
        ("auto_labeling.ipynb", "data"),
        ("vit_priority-labeling_k400.sh", None),
        ("export_pack.py", "quant"),
        ("train_net.py", "train"),
        ("gpu_benchmark.py", None),
    ],
)
def test_some_words_decide(path: str, kind: str | None) -> None:
    assert deciding_type(path)[0] == kind


@pytest.mark.parametrize(
    ("path", "distance"),
    [("infer.py", 0), ("inference_v2.py", 0), ("tracking.py", 1), ("main.py", 1), ("net.py", 2)],
)
def test_plain_names_come_first(path: str, distance: int) -> None:
    assert distance_of_name(EntryPointType.INFER, path) == distance


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("trt_yolo.py", True),
        ("export_trt.py", False),
        ("pytorch2onnx.py", False),
        ("onnx_to_tensorrt.py", False),
        ("infer_onnx.py", False),
        ("main.py", False),
    ],
)
def test_names_that_tell_only_a_format(path: str, expected: bool) -> None:
    assert names_only_a_format(path) is expected
