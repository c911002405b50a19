"""Whether a directory without a script to start is an experiment all the same."""

from __future__ import annotations

import re
from collections.abc import Sequence

from registry_app.inference.code.project import Project

MAX_TEXT = 100_000
_NATIVE = (
    *(".cpp", ".cc", ".cxx", ".cu", ".c", ".h", ".hpp", ".rs", ".go", ".cs", ".java", ".kt"),
    *(".swift", ".js", ".mjs", ".jl", ".m", "CMakeLists.txt", "Cargo.toml"),
)
_NOTES = (".md", ".rst", ".txt")
# Libraries that run a model, as other languages include them.
_RUNTIMES = re.compile(
    r"NvInfer|nvinfer|NvOnnxParser|onnxruntime|openvino|InferenceEngine|torch/(?:script|torch)\.h|libtorch"
    r"|opencv2/dnn|cv::dnn|tensorflow[/_]|tflite|tensorflow-lite|ncnn|rknn_api|paddle_inference"
    r"|darknet|hailort|\btch\b|\btract\b|candle_core|MNN/|TorchSharp|ML\.OnnxRuntime|CoreML"
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


def _says_model(path: str, text: str) -> bool:
    if path.endswith(_NATIVE):
        return _RUNTIMES.search(text[:MAX_TEXT]) is not None
    if "/" in path:
        return False
    return _OF_MODELS.search(text[:MAX_TEXT]) is not None
