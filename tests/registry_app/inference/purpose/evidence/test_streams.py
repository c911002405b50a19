"""Programs that pass pictures on, and those that look at them on the way."""

from __future__ import annotations

import pytest

from registry_app.inference.purpose.purpose import guess_types
from tests.registry_app.inference.projects import make_project

NODE = """import rclpy, cv2, grabber
from cv_bridge import CvBridge
class Node:
    def publish(self): self.publisher.publish(CvBridge().cv2_to_imgmsg(self.camera.frame()))
Node().publish()
"""
GETS = NODE + "node.create_subscription(Image, 'a', call, 1)\nmodel = grabber.load('a')\n"
SERVER = "import gi\nfrom gi.repository import Gst\nGst.parse_launch('{}')\nloop.run()\n"
FFMPEG = "import subprocess, redis\nsubprocess.Popen(['{}', '-i', url, '-f', 'hls', folder])\n"


@pytest.mark.parametrize(
    ("path", "text", "types"),
    [
        ("rtsp_stream.py", SERVER.format("filesrc ! rtph264pay name=pay0"), ()),
        ("stream-to-rtmp-server.py", SERVER.format("v4l2src ! rtmpsink"), ()),
        ("hls_stream.py", FFMPEG.format("ffmpeg"), ()),
        # The node of a camera publishes its pictures; others look at them.
        ("camera_node.py", NODE, ()),
        ("camera_node.py", GETS, ("infer",)),
        ("camera_node.py", NODE + "import torch\n", ("infer",)),
        ("detect_node.py", NODE, ("infer",)),
        # Where an element or a library finds things, or another word says so, it is inference.
        ("rtsp_stream.py", SERVER.format("v4l2src ! nvinfer ! udpsink"), ("infer",)),
        ("rtsp_stream.py", SERVER.format("v4l2src") + "import pyds, kit\n", ("infer",)),
        ("rtsp_stream.py", FFMPEG.format("vision"), ("infer",)),
        ("rtsp_detect.py", FFMPEG.format("ffmpeg"), ("infer",)),
    ],
)
def test_a_program_for_streams_alone_has_no_type(
    path: str, text: str, types: tuple[str, ...]
) -> None:
    project = make_project({path: text})
    source = project.source(path)
    assert source is not None
    assert guess_types(source, project).value == types
