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


TFLITE = """
import numpy as np
import tensorflow as tf
interpreter = tf.lite.Interpreter("a.tflite")
interpreter.allocate_tensors()
blank = np.zeros((1, 8, 8, 3)).astype("float32")
interpreter.set_tensor(0, {})
interpreter.invoke()
"""
STAGED = """
import mlflow, torch
{}
net.load_state_dict(torch.load("a.pt"))
net.eval()
with torch.no_grad():
    print((net(torch.rand(1, 3)) - other(torch.rand(1, 3))).abs())
"""
VALIDATES = """
import torch
def {}(net, loader):
    net.eval()
    with torch.no_grad():
        return sum(score(batch) for batch in {})
net.load_state_dict(torch.load("a.pt"))
{}(net, loader)
"""
SWITCHED = """
import torch
from kit import make_net
net = make_net()
net.eval()
with torch.no_grad():
    {}
"""


@pytest.mark.parametrize(
    ("text", "first"),
    [
        # An interpreter that gets made-up input alone is only tried.
        (TFLITE.format("blank"), None),
        (TFLITE.format("np.ones((1, 8, 8, 3))"), None),
        (TFLITE.format("frame"), "infer"),
        (TFLITE.format("blank") + "interpreter.set_tensor(1, frame)\n", "infer"),
        # A version of a model is moved to where it is served from.
        (STAGED.format("mlflow.tracking.MlflowClient().get_model_version('a', 1)"), None),
        (STAGED.format("print(1)"), "infer"),
        # A model that is only switched to evaluation, beside something named for that.
        (VALIDATES.format("validate", "loader", "validate"), "eval"),
        (VALIDATES.format("validate", "cv2.imread('a')", "validate"), "infer"),
        (VALIDATES.format("look", "loader", "look"), "infer"),
        # A model that is only switched to evaluation, where nothing is read or left.
        (SWITCHED.format("print(net)"), None),
        (SWITCHED.format("net.load_state_dict(weights)"), "infer"),
        (SWITCHED.format("scores.to_csv('a.csv')"), "infer"),
        (SWITCHED.format("torch.load('a')"), "infer"),
        (SWITCHED.format("net.predict(batch)"), "infer"),
    ],
)
def test_a_model_may_run_without_inference(text: str, first: str | None) -> None:
    project = make_project({"yard.py": text})
    source = project.source("yard.py")
    assert source is not None
    assert next(iter(guess_types(source, project).value), None) == first
