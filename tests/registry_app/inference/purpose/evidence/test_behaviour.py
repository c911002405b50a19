"""What a script does besides its signs, and what its name says of that."""

from __future__ import annotations

import pytest

from registry_app.inference.purpose.purpose import guess_types
from registry_app.inference.purpose.script_names import checks_a_model
from tests.registry_app.inference.projects import make_project

RUNS = "import onnxruntime\nInferenceSession('a.onnx').run(None, {'x': cv2.imread(path)})\n"


@pytest.mark.parametrize(
    ("path", "is_check"),
    [
        ("verify_onnx.py", True),
        ("02_check_tflite_model.py", True),
        ("e5_sanity_check.py", True),
        ("inspect_model.py", True),
        ("check_helmet.py", False),  # it looks for helmets
        ("verify_face.py", False),
        ("inspect_defects.py", False),
        ("model_check.py", False),
        ("detect.py", False),
    ],
)
def test_a_name_says_that_a_model_is_checked(path: str, is_check: bool) -> None:
    assert checks_a_model(path) is is_check


@pytest.mark.parametrize(
    ("path", "text", "first"),
    [
        ("verify_onnx.py", RUNS, "eval"),
        ("check_helmet.py", RUNS, "infer"),
        # A window is for a person, who looks for helmets and not for faults of the model.
        ("check_model.py", RUNS + "cv2.imshow('a', image)\n", "infer"),
    ],
)
def test_who_checks_a_model_measures_it(path: str, text: str, first: str) -> None:
    project = make_project({path: "import cv2\n" + text})
    source = project.source(path)
    assert source is not None
    assert guess_types(source, project).value[:1] == (first,)


def test_a_node_that_gets_pictures_as_messages_tries_no_model() -> None:
    text = """
        import time
        import numpy
        import onnxruntime

        class Look(Node):
            def __init__(self):
                self.session = onnxruntime.InferenceSession("ppe.onnx")
                self.blank = numpy.zeros((640, 640, 3))
                self.create_subscription(Image, "/camera", self.look, 10)

            def look(self, message):
                began = time.perf_counter()
                self.session.run(None, {"x": bridge.imgmsg_to_cv2(message)})
                self.log(time.perf_counter() - began)

        if __name__ == "__main__":
            rclpy.spin(Look())
    """
    project = make_project({"look.py": text})
    source = project.source("look.py")
    assert source is not None
    assert guess_types(source, project).value == ("infer",)
