"""Find the frameworks that a directory uses, their versions, and the evidence."""

from __future__ import annotations

import ast
import posixpath
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from registry_app.inference.code.project import Project, Rule
from registry_app.inference.code.source import Source
from registry_app.inference.environment.requirements import RequirementFile

# Name, top-level modules, distributions.
FRAMEWORKS: tuple[tuple[str, tuple[str, ...], tuple[str, ...]], ...] = (
    ("Ultralytics", ("ultralytics",), ("ultralytics",)),
    ("YOLOv5", ("yolov5",), ("yolov5",)),
    ("YOLOX", ("yolox",), ("yolox",)),
    ("Detectron2", ("detectron2",), ("detectron2",)),
    ("MMDetection", ("mmdet",), ("mmdet",)),
    ("MMSegmentation", ("mmseg",), ("mmsegmentation",)),
    ("PaddleDetection", ("ppdet",), ("paddledet",)),
    ("PaddleOCR", ("paddleocr",), ("paddleocr",)),
    ("PyTorch", ("torch",), ("torch", "pytorch")),
    ("PyTorch Lightning", ("pytorch_lightning", "lightning"), ("pytorch-lightning", "lightning")),
    ("timm", ("timm",), ("timm",)),
    ("TensorFlow", ("tensorflow",), ("tensorflow", "tensorflow-gpu", "tf-nightly")),
    ("Keras", ("keras",), ("keras",)),
    ("TensorFlow Lite", ("tflite_runtime", "ai_edge_litert"), ("tflite-runtime", "ai-edge-litert")),
    ("PaddlePaddle", ("paddle",), ("paddlepaddle", "paddlepaddle-gpu")),
    ("OpenVINO", ("openvino",), ("openvino", "openvino-dev")),
    ("NNCF", ("nncf",), ("nncf",)),
    ("ONNX Runtime", ("onnxruntime",), ("onnxruntime", "onnxruntime-gpu")),
    ("ONNX", ("onnx",), ("onnx",)),
    ("TensorRT", ("tensorrt",), ("tensorrt", "nvidia-tensorrt")),
    ("MediaPipe", ("mediapipe",), ("mediapipe",)),
)
MODULES = {module: name for name, modules, _ in FRAMEWORKS for module in modules}
DISTRIBUTIONS = {
    distribution: name for name, _, distributions in FRAMEWORKS for distribution in distributions
}
# Without a `\b` before it, which would keep the search from looking for its first letters alone.
_MODEL = re.compile(
    r"yolo[-_]?v?(\d{1,2})[nsmlxtbce]?6?u?(?:-(?:seg|pose|cls|obb))?\.(?:pt|ya?ml|onnx)"
)
_BEHIND_WORD = re.compile(r"\w")
_VERSION = re.compile(r"^__version__\s*=\s*['\"]([\w.+-]{1,40})['\"]", re.MULTILINE)
# Ultralytics wrote the generations up to the tenth with a v.
_LAST_WITH_V = 10


@dataclass(frozen=True, kw_only=True)
class Framework:
    """`version` is a number, a condition such as `>=8.0`, or empty; `source` is the evidence.

    `is_inside`: the directory contains a copy of it.
    """

    name: str
    version: str = ""
    source: str
    is_inside: bool = False


def find_frameworks(
    project: Project, requirements: Sequence[RequirementFile], scripts: Sequence[str]
) -> tuple[Framework, ...]:
    """Return the frameworks that the directory contains, its scripts import or its files require.

    `scripts` are paths.
    A contained copy wins over a requirement, and a requirement over an import; the version is
    taken from any of them that gives one.
    """
    found: dict[str, Framework] = {}
    for framework in (
        *_inside(project),
        *_required(requirements),
        *_of_scripts(imported_frameworks, project, scripts),
        *_of_scripts(named_models, project, scripts),
    ):
        known = found.setdefault(framework.name, framework)
        if framework.version and not known.version:
            found[framework.name] = replace(known, version=framework.version)
    order = [name for name, _modules, _distributions in FRAMEWORKS]
    return tuple(
        sorted(
            found.values(),
            key=lambda framework: (framework.name not in order, _place(order, framework.name)),
        )
    )


def _place(order: list[str], name: str) -> tuple[int, str]:
    return (order.index(name) if name in order else len(order), name)


def _inside(project: Project) -> Iterator[Framework]:
    packages = [path for path in project.paths if path.endswith("/__init__.py")]
    for path in packages:
        folder = posixpath.dirname(path)
        name = MODULES.get(posixpath.basename(folder))
        if name and folder.count("/") < 3:
            version = _VERSION.search(project.text(path) or "")
            yield Framework(
                name=name, version=version[1] if version else "", source=path, is_inside=True
            )
    for path in project.paths:
        if posixpath.basename(path) == "yolo.py" and posixpath.dirname(path).endswith("models"):
            yield from _yolo_of_files(project, path)


def _yolo_of_files(project: Project, path: str) -> Iterator[Framework]:
    """Recognise the generation of a copied YOLO, which has no version, by files unique to it."""
    top = posixpath.dirname(posixpath.dirname(path))
    marks = {
        "YOLOv7": ("train_aux.py", "cfg/training/yolov7.yaml", "cfg/deploy/yolov7.yaml"),
        "YOLOv5": ("models/yolov5s.yaml", "models/yolov5l.yaml", "utils/autobatch.py"),
        "YOLOv9": ("train_dual.py", "models/detect/yolov9.yaml"),
    }
    for name, files in marks.items():
        mark = next(
            (inside for file in files if (inside := posixpath.join(top, file)) in project), None
        )
        if mark:
            yield Framework(name=name, source=mark, is_inside=True)
            return


def _required(files: Sequence[RequirementFile]) -> Iterator[Framework]:
    for file in files:
        for package, version in file.packages:
            if package in DISTRIBUTIONS:
                yield Framework(name=DISTRIBUTIONS[package], version=version, source=file.path)


def _of_scripts(
    rule: Rule[tuple[Framework, ...]], project: Project, scripts: Sequence[str]
) -> Iterator[Framework]:
    for path in scripts:
        yield from project.found(rule, path) or ()


def imported_frameworks(source: Source) -> tuple[Framework, ...]:
    """Return the frameworks that one script imports."""
    found: list[Framework] = []
    for node in source.nodes(ast.Import):
        for alias in node.names:
            found += _named(alias.name, source.path, node.lineno)
    for origin in source.nodes(ast.ImportFrom):
        if not origin.level:
            found += _named(origin.module or "", source.path, origin.lineno)
    return tuple(found)


def _named(module: str, path: str, line: int) -> Iterator[Framework]:
    name = MODULES.get(module.partition(".")[0])
    if name:
        yield Framework(name=name, source=f"{path}:{line}")


def named_models(source: Source) -> tuple[Framework, ...]:
    """Return the generations of YOLO whose weights a script names: `yolov8n.pt`, `yolo11s.yaml`."""
    found: list[Framework] = []
    for match in _MODEL.finditer(source.text):
        if _BEHIND_WORD.match(source.text, max(match.start() - 1, 0), match.start()):
            continue
        number = int(match[1])
        line = source.text.count("\n", 0, match.start()) + 1
        name = f"YOLOv{number}" if number <= _LAST_WITH_V else f"YOLO{number}"
        found.append(Framework(name=name, source=f"{source.path}:{line}"))
    return tuple(found)
