"""Which files only check, package or document the work."""

from __future__ import annotations

import pytest

from registry_app.inference.purpose.helper_scripts import is_helper, is_test
from tests.registry_app.inference.projects import make_project, make_source

STARTED = """import argparse
def test_image(args): print(look(args.image))
if __name__ == "__main__":
    test_image(parser.parse_args())
"""
LOOK = "from ultralytics import YOLO\nYOLO('a')('b.jpg')\n"


@pytest.mark.parametrize(
    ("path", "beside", "expected"),
    [
        # In a folder of tests that checks nothing, people try models.
        ("test/fall.py", {"test/angles.py": "x()"}, False),
        ("work/Tests/webcam.py", {}, False),
        ("tests/webcam.py", {"tests/test_net.py": "import unittest"}, True),
        ("tests/webcam.py", {"tests/unit/net.py": "def test_net(): ..."}, True),
        ("tests/webcam.py", {"tests/conftest.py": ""}, True),
        ("tests/webcam.py", {"other/test_net.py": "import pytest"}, False),
        # Its user starts `test_image`, with arguments: that tries a model.
        ("tests/webcam.py", {"tests/evaluate.py": STARTED}, False),
        ("tests/webcam.py", {"tests/evaluate.py": STARTED + "assert faces\n"}, True),
        ("tests/webcam.py", {"tests/evaluate.py": STARTED + "import unittest\n"}, True),
        ("tests/webcam.sh", {"tests/smoke/train.sh": "python train.py"}, True),
        ("tests/smoke/train.sh", {}, True),
        ("tests/gpu_tests.sh", {}, True),
        ("tests/gpu_test.sh", {}, False),
        ("gpu_tests.sh", {}, False),
        ("smoke/train.sh", {}, False),
        ("utils/aws/webcam.py", {}, True),
        ("mrcnn/parallel_model.py", {"mrcnn/__init__.py": ""}, True),
        ("mrcnn/train.py", {}, False),
        ("apex/examples/fused.py", {"apex/__init__.py": ""}, True),
        ("test_tipc/train.sh", {}, True),
        ("setup.py", {}, True),
        ("webcam-checkpoint.ipynb", {}, True),
        ("webcam.py", {}, False),
    ],
)
def test_a_folder_of_tests_is_aside_where_it_checks(
    path: str, beside: dict[str, str], expected: bool
) -> None:
    assert is_helper(path, make_project({path: LOOK, **beside})) is expected


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("assert YOLO('a')", True),
        ("YOLO('a')", True),
        # Someone watches it: the model is tried, and nothing is checked.
        ("cap = cv2.VideoCapture(0); cv2.imshow('a', YOLO('a')(cap.read()))", False),
        ("cap = cv2.VideoCapture(0); assert cap.isOpened()", True),
        ("cv2.imwrite('b.png', draw(YOLO('a')(cv2.imread(p))))", False),
        ("found = YOLO('a')(cv2.imread(p)); assert found", True),
    ],
)
def test_a_function_named_test_checks_unless_it_only_shows(body: str, expected: bool) -> None:
    assert is_test(make_source(f"def test_helmets():\n    {body}\n", "helmet_test.py")) is expected
