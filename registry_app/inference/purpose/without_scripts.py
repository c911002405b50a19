"""Whether a directory without a script to start is an experiment all the same."""

from __future__ import annotations

import re
from collections.abc import Sequence

from registry_app.inference.code.project import Project
from registry_app.inference.code.source import NOTEBOOK, PYTHON

MAX_TEXT = 100_000
_REMEMBERED = "is of another language"
_NATIVE = (
    *(".cpp", ".cc", ".cxx", ".cu", ".c", ".h", ".hpp", ".rs", ".go", ".cs", ".java", ".kt"),
    *(".swift", ".js", ".mjs", ".jl", ".m", "CMakeLists.txt", "Cargo.toml"),
)
# Folders of libraries that a program is built with, and their modules for Python.
_OF_OTHERS = frozenset("3rdparty third_party thirdparty dist-packages site-packages vendor".split())
_NOTES = (".md", ".rst", ".txt")
# Libraries that run a model, as other languages include them.
_RUNTIMES = re.compile(
    r"NvInfer|nvinfer|NvOnnxParser|onnxruntime|openvino|InferenceEngine|torch/(?:script|torch)\.h|libtorch"
    r"|opencv2/dnn|cv::dnn|tensorflow[/_]|tflite|tensorflow-lite|ncnn|rknn_api|paddle_inference"
    r"|darknet|hailort|bmruntime|\btch\b|\btract\b|candle_core|MNN/|TorchSharp|ML\.OnnxRuntime|CoreML"
    r"|jetson-inference|gstnvdsmeta|nvdsinfer|dlib/dnn|armnn"
)
_OF_MODELS = re.compile(
    r"\b(?:yolo\w*|tensorrt|openvino|onnx|tflite|pytorch|tensorflow|keras|deepstream|weights"
    r"|checkpoint|(?:trained|detection|segmentation|classification|deep[- ]learning) model"
    r"|neural net\w*|inference)\b|가중치|모델|학습|추론|검출",
    re.IGNORECASE,
)


def shows_model(project: Project, models: Sequence[str]) -> bool:
    """Whether there are weights, code that runs a model, or a note about one."""
    return bool(models) or any(
        _says_model(path, project.text(path) or "")
        for path in project.paths
        if path.endswith((*_NATIVE, *_NOTES))
    )


def is_of_other_language(project: Project) -> bool:
    """Whether launchers are the only scripts, and what they start may run a model."""
    known = project.remembered.get(_REMEMBERED)
    if not isinstance(known, bool):
        known = _is_of_other_language(project)
        project.remembered[_REMEMBERED] = known
    return known


def _is_of_other_language(project: Project) -> bool:
    works = any(
        path.lower().endswith(PYTHON + NOTEBOOK) and _OF_OTHERS.isdisjoint(path.split("/"))
        for path in project.paths
    )
    return not works and shows_model(project, ())


def _says_model(path: str, text: str) -> bool:
    if path.endswith(_NATIVE):
        return _RUNTIMES.search(text[:MAX_TEXT]) is not None
    if "/" in path:
        return False
    return _OF_MODELS.search(text[:MAX_TEXT]) is not None
