"""What a script has at hand, in its own imports and behind those of the directory."""

from __future__ import annotations

import pytest

from registry_app.inference.purpose.surroundings import (
    PLAIN_OR_IMAGES,
    imports_only,
    only_sends,
    wraps_model,
)
from tests.registry_app.inference.projects import make_project


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ({"a.py": "import cv2, json"}, True),
        ({"a.py": "import torch"}, False),
        ({"a.py": "import plant_vision"}, False),
        ({"a.py": "x = 1"}, False),
        ({"a.py": "from lib import b", "lib/b.py": "import numpy"}, True),
        ({"a.py": "from lib import b", "lib/b.py": "import torch"}, False),
        ({"a.py": "import b", "b.py": "import a, cv2"}, True),
        ({"a.py": "from . import b", "b.py": "import os"}, True),
        ({"a.py": "from .gone import c"}, False),
        # The demo of a library of pictures, in its directory.
        ({"a.py": "import imutils, cv2", "imutils/__init__.py": "import dlib"}, True),
    ],
)
def test_what_could_hold_a_model(files: dict[str, str], expected: bool) -> None:
    project = make_project(files)
    source = project.source("a.py")
    assert source is not None
    assert imports_only(PLAIN_OR_IMAGES, source, project) is expected


@pytest.mark.parametrize(
    ("libraries", "expected"),
    [
        ("numpy yolov5tensorrt", True),
        ("hailo_apps", True),
        ("rknn_executor", True),
        ("numpy cv2 plant_vision", False),
        # A file or a folder of the directory, whatever it is called.
        ("yolo_labels", False),
        ("yolo_tools", False),
        ("yolo_tools hailo_apps", True),
    ],
)
def test_a_package_may_be_named_after_the_runtime_that_it_wraps(
    libraries: str, expected: bool
) -> None:
    project = make_project({"yolo_labels.py": "x = 1", "src/yolo_tools/split.py": "x = 1"})
    assert wraps_model(libraries.split(), project) is expected


@pytest.mark.parametrize(
    ("text", "called", "expected"),
    [
        ("import cv2, socket", "VideoCapture imencode sendall", True),
        ("import cv2, paho.mqtt.client", "VideoCapture tobytes publish", True),
        ("import cv2, socket, torch", "VideoCapture imencode sendall", False),
        ("import cv2, yard_vision", "VideoCapture imencode sendall", False),
        ("import cv2, requests", "VideoCapture imencode post json", False),  # an answer is read
        ("import cv2, socket", "VideoCapture imencode imwrite", False),
    ],
)
def test_pictures_may_only_be_sent(text: str, called: str, expected: bool) -> None:
    project = make_project({"a.py": text})
    source = project.source("a.py")
    assert source is not None
    assert only_sends(frozenset(called.split()), source, project) is expected
