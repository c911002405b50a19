"""What a script needs that its directory does not hold."""

from __future__ import annotations

import pytest

from registry_app.inference.environment.imports import needed_modules
from tests.registry_app.inference.projects import make_project


@pytest.mark.parametrize(
    ("text", "certain", "possible"),
    [
        ("import torch, cv2", ["cv2", "torch"], []),
        ("import torch.nn.functional as F", ["torch"], []),
        ("from PIL import Image", ["PIL"], []),
        ("from __future__ import annotations", [], []),
        ("from . import helpers", [], []),
        ("try:\n    import wandb\nexcept ImportError:\n    wandb = None", [], ["wandb"]),
        ("try:\n    import a\nexcept (OSError, ImportError):\n    import b", [], ["a", "b"]),
        ("try:\n    import thop\nexcept:\n    pass", [], ["thop"]),
        ("try:\n    import torch\nfinally:\n    print()", ["torch"], []),
        ("try:\n    import torch\nexcept OSError:\n    pass", ["torch"], []),
        ("def export():\n    import onnx", [], ["onnx"]),
        ("if __name__ == '__main__':\n    import fire", ["fire"], []),
        ("if WIN:\n    import winsound\nelse:\n    import pty", [], ["pty", "winsound"]),
        ("from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import torch", ["typing"], []),
        ("def a():\n    import torch\nimport torch", ["torch"], []),
        ("with open('x') as f:\n    import torch", ["torch"], []),
        ("import (", [], []),
    ],
)
def test_what_every_start_imports_is_certain(
    text: str, certain: list[str], possible: list[str]
) -> None:
    needed = needed_modules(make_project({"train.py": text}), "train.py")
    assert [item.name for item in needed if item.is_certain] == certain
    assert [item.name for item in needed if not item.is_certain] == possible


def test_modules_of_the_directory_are_followed() -> None:
    project = make_project(
        {
            "train.py": """
            import json
            from lib.data import load
            try:
                import plot
            except ImportError:
                pass
            """,
            "lib/data.py": "from lib import paths\nimport albumentations\n",
            "lib/paths.py": "import natsort\n",
            "plot.py": "import seaborn",
            "other.py": "import paddle",
        }
    )
    needed = {
        module.name: (module.source, module.is_certain)
        for module in needed_modules(project, "train.py")
    }
    assert needed == {
        "json": ("train.py:2", True),
        "albumentations": ("lib/data.py:2", True),
        "natsort": ("lib/paths.py:1", True),
        "seaborn": ("plot.py:1", False),
    }


def test_modules_that_import_each_other_end() -> None:
    project = make_project({"a.py": "import b\nimport torch", "b.py": "import a"})
    assert [module.name for module in needed_modules(project, "a.py")] == ["torch"]


def test_what_the_directory_holds_somewhere_is_its_own() -> None:
    project = make_project(
        {
            "run.py": """
            import sys
            sys.path.append("third/yolov5")
            import models, hubconf, ultralytics, onnx
            """,
            "third/yolov5/hubconf.py": "",
            "third/yolov5/models/common.py": "",
            "vendored/ultralytics/__init__.py": "",
            "convert/onnx.py": "",  # a script of that name is not the library
        }
    )
    outside = [
        module.name for module in needed_modules(project, "run.py") if not module.is_standard
    ]
    assert outside == ["onnx"]


def test_a_module_is_reported_by_the_name_that_pip_knows() -> None:
    needed = needed_modules(make_project({"a.py": "import cv2, torch"}), "a.py")
    assert [item.distribution for item in needed] == ["opencv-python", "torch"]
