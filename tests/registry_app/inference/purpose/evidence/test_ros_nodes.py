"""Nodes of ROS, which infer also where they build an engine first."""

from __future__ import annotations

import pytest

from registry_app.inference.purpose.evidence.ros_nodes import is_ros_node
from registry_app.inference.purpose.purpose import guess_types
from tests.registry_app.inference.projects import make_project, make_source

BUILDS = """
import tensorrt as trt

class Net:
    def __init__(self):
        parser = trt.OnnxParser(network, logger)
        engine = builder.build_serialized_network(network, config)
        self.context = engine.create_execution_context()

    def look(self, image):
        self.context.execute_async_v2(bindings=[1], stream_handle=2)
"""
NODE = """
import rospy
from eyes.net import Net

if __name__ == "__main__":
    rospy.init_node("eyes")
    net = Net()
    while not rospy.is_shutdown():
        net.look(1)
"""


@pytest.mark.parametrize(
    ("library", "types"),
    [
        # The package of the node is installed from `src`, perhaps by another package's `setup.py`.
        ("yard", ("infer",)),
        ("box", ("infer",)),
        ("", ("infer",)),  # a folder `src` beside it is searched, too
    ],
)
def test_a_node_infers(library: str, types: tuple[str, ...]) -> None:
    files = {"yard/scripts/run.py": NODE, f"{library or 'yard'}/src/eyes/net.py": BUILDS}
    if library:
        files[f"{library}/setup.py"] = ""
    project = make_project(files)
    source = project.source("yard/scripts/run.py")
    assert source is not None
    assert guess_types(source, project).value == types


FITS = "import torch\ndef retarget(hand):\n    loss.backward()\n    optimizer.step()\n"
ANSWERS = "import rclpy, hands\nrclpy.init()\nrclpy.spin(Node(hands.retarget))\n"


@pytest.mark.parametrize(
    ("path", "text", "types"),
    [
        # Behind a node an optimizer fits joints to what it gets.
        ("retarget_node.py", ANSWERS, ()),
        ("train_node.py", ANSWERS, ("train",)),
        ("retarget.py", ANSWERS.replace("rclpy", "clock"), ("train",)),
    ],
)
def test_a_node_that_fits_does_not_train(path: str, text: str, types: tuple[str, ...]) -> None:
    project = make_project({path: text, "hands.py": FITS})
    source = project.source(path)
    assert source is not None
    assert guess_types(source, project).value == types


def test_a_node_has_a_library_of_ros() -> None:
    assert is_ros_node(make_source(NODE))
    assert not is_ros_node(make_source(NODE.replace("rospy", "clock")))
    assert not is_ros_node(make_source("import rospy\nprint(rospy.get_param('a'))"))
