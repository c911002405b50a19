"""Recognise programs that pass pictures on as they are: servers of streams, and recorders."""

from __future__ import annotations

import ast

from registry_app.inference.code.source import Source
from registry_app.inference.purpose.surroundings import MODEL_LIBRARIES, imported_tops

# With these a node of a robot gets what others publish.
_GETTING = ("imgmsg_to_cv2", "create_subscription", "Subscriber")
# With these a pipeline of GStreamer reads what a model found.
_READING_ANSWERS = frozenset({"pyds", "hailo", "gstgva"})


def passes_pictures_on(source: Source) -> bool:
    """Whether GStreamer or ffmpeg does the work, and the file imports nothing that finds things."""
    tops = imported_tops(source).keys()
    if tops & (MODEL_LIBRARIES | _READING_ANSWERS):
        return False
    if source.calls("cv2_to_imgmsg") and not source.calls(*_GETTING):
        return True  # the node of a camera: others get its pictures
    return "gi" in tops or any(
        isinstance(node.value, str) and node.value.partition(" ")[0] == "ffmpeg"
        for node in source.nodes(ast.Constant)
    )
