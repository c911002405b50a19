"""Find the folders of a directory that hold a third-party framework."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable

# Folders named after a framework, or marked as third-party code.
_FRAMEWORK = re.compile(
    r"^(?:ultralytics\w*|mm(?:det|seg|pose|cv|action|pretrain|rotate)\w*"
    r"|detectron2|paddle(?:ocr|detection|seg|clas)?|darknet|tensorflow|deep_?sort\w*|bytetrack\w*"
    r"|strong_?sort\w*|.*-(?:master|main)|third_?party|vendor(?:ed)?|external|submodules)$",
    re.IGNORECASE,
)
# People also name the folder of their own scripts after the model that these use.
_MODEL = re.compile(r"^yolo(?:[vxr]-?\d*|-?\d+)(?:-\w+)?$", re.IGNORECASE)
# What lies in the repositories of these models.
_PARTS_OF_MODEL = frozenset(
    "models model utils ultralytics cfg nets yolo yolox yolov6 exps hubconf.py setup.py"
    " pyproject.toml".split()
)


def vendored_folders(paths: Iterable[str]) -> frozenset[str]:
    """Return the folders that hold a third-party framework, not the author's work."""
    named: set[str] = set()
    parts_of: dict[str, set[str]] = {}
    for path in paths:
        parts = path.split("/")
        for number, part in enumerate(parts):
            folder = "/".join(parts[:number])
            parts_of.setdefault(folder, set()).add(part.lower())
            if number + 1 < len(parts) and (_FRAMEWORK.match(part) or _MODEL.match(part)):
                named.add("/".join(parts[: number + 1]))
    return frozenset(
        folder
        for folder, within in parts_of.items()
        if folder and (_is_packaged(within) or (folder in named and _is_framework(folder, within)))
    )


def _is_framework(folder: str, within: set[str]) -> bool:
    is_model = _MODEL.match(posixpath.basename(folder)) is not None
    return not is_model or bool(within & _PARTS_OF_MODEL)


def _is_packaged(names: set[str]) -> bool:
    return "hubconf.py" in names or ("setup.py" in names and "readme.md" in names)
