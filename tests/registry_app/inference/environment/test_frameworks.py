"""Which frameworks a directory works with."""

from __future__ import annotations

import pytest

from registry_app.inference.environment.frameworks import Framework, find_frameworks
from registry_app.inference.environment.requirements import find_requirements
from tests.registry_app.inference.projects import make_project


def found(files: dict[str, str]) -> tuple[Framework, ...]:
    project = make_project(files)
    return find_frameworks(
        project, find_requirements(project), [source.path for source in project.scripts()]
    )


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("import torch.nn as nn", ["PyTorch"]),
        ("from openvino.runtime import Core", ["OpenVINO"]),
        ("def f():\n    import tensorrt as trt", ["TensorRT"]),
        ("from .torch import x", []),
        ("import torchvision", []),
        ("model = YOLO('yolov8n-seg.pt')", ["YOLOv8"]),
        ("model = YOLO('models/yolo11s.yaml')", ["YOLO11"]),
        ("weights = 'yolov5x6.pt'", ["YOLOv5"]),
        ("weights = 'myyolov5x.pt'", []),
    ],
)
def test_imports_and_weights_name_a_framework(text: str, names: list[str]) -> None:
    assert [item.name for item in found({"a.py": text})] == names


def test_the_version_comes_from_whatever_tells_it_and_the_source_from_what_is_nearest() -> None:
    files = {
        "requirements.txt": "torch==2.1.0\nultralytics>=8.0",
        "train.py": "import torch",
        "ultralytics/__init__.py": '__version__ = "8.1.9"\n',
    }
    assert found(files) == (
        Framework(
            name="Ultralytics", version="8.1.9", source="ultralytics/__init__.py", is_inside=True
        ),
        Framework(name="PyTorch", version="2.1.0", source="requirements.txt"),
    )


@pytest.mark.parametrize(
    ("files", "name"),
    [
        (["yolov5/models/yolo.py", "yolov5/models/yolov5s.yaml"], "YOLOv5"),
        (["models/yolo.py", "train_aux.py", "models/yolov5s.yaml"], "YOLOv7"),
        (["models/yolo.py", "models/detect/yolov9.yaml"], "YOLOv9"),
        (["mmdetection/mmdet/__init__.py"], "MMDetection"),
    ],
)
def test_a_copied_framework_is_known_by_files_that_only_it_has(files: list[str], name: str) -> None:
    [item] = found(dict.fromkeys(files, "x = 1"))
    assert (item.name, item.is_inside) == (name, True)


def test_a_folder_of_models_alone_says_nothing() -> None:
    assert found({"models/yolo.py": "", "train.py": ""}) == ()
