"""What a script is for, from what its code does and what its name says.

Every rule gives points to a type. Code weighs more than names: a name may be left over from a
copy, a call of `backward` is not.
"""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Iterable
from pathlib import PurePosixPath

from registry_app.choices import Confidence, EntryPointType
from registry_app.inference import reasons
from registry_app.inference.guess import Guess
from registry_app.inference.source import Source

TRAIN, INFER, QUANT = EntryPointType.TRAIN, EntryPointType.INFER, EntryPointType.QUANT
EVAL, DATA, DEMO = EntryPointType.EVAL, EntryPointType.DATA, EntryPointType.DEMO

CODE_POINTS = 3
NAME_POINTS = 2
ENOUGH = 2

FORMATS = frozenset("onnx openvino tensorrt trt tflite int8 fp16 torchscript 변환".split())
# Whole words of a file's name, the first that fits decides. Verbs come before things, and the
# formats of models last: `onnx_benchmark` measures, it does not export.
NAME_WORDS: tuple[tuple[EntryPointType, frozenset[str]], ...] = (
    (
        QUANT,
        frozenset("export exporter quant quantize quantization quantise ptq qat 양자화".split()),
    ),
    (
        TRAIN,
        frozenset(
            "train training trainer finetune finetuning fit retrain tune tuning 학습".split()
        ),
    ),
    (
        INFER,
        frozenset(
            "infer inference predict prediction detect detector detection track tracking webcam"
            " camera stream live count counting 추론 검출".split()
        ),
    ),
    (
        EVAL,
        frozenset(
            "eval evaluate evaluation val validate test benchmark benchmarks bench compare metrics"
            " 평가".split()
        ),
    ),
    (DEMO, frozenset("demo app gui web server client api gradio streamlit ui tutorial".split())),
    (
        DATA,
        frozenset(
            "data dataset datasets split download prepare preprocess augment augmentation label"
            " labels annotation convert converter crop resize extract frames 데이터 분할".split()
        ),
    ),
    (INFER, frozenset({"video"})),
    (QUANT, FORMATS),
)
# A name that begins with one of these says what is done, whatever else the code does on the way:
# who measures a model also runs it.
FIRST_WORDS: dict[str, EntryPointType] = {
    **dict.fromkeys(
        ("benchmark", "benchmarks", "bench", "compare", "evaluate", "eval", "validate"), EVAL
    ),
    **dict.fromkeys(("download", "convert", "split", "prepare", "preprocess", "augment"), DATA),
    **dict.fromkeys(("tutorial", "demo"), DEMO),
}

# The last name of a call, with what it needs beside it.
CALLS: dict[str, EntryPointType] = {
    "backward": TRAIN,
    "fit": TRAIN,
    "partial_fit": TRAIN,
    "fit_generator": TRAIN,
    "train_one_epoch": TRAIN,
    "tune": TRAIN,
    "VideoCapture": INFER,
    "predict": INFER,
    "predict_proba": INFER,
    "InferenceSession": INFER,
    "non_max_suppression": INFER,
    "track": INFER,
    "infer_new_request": INFER,
    "quantize_dynamic": QUANT,
    "quantize_static": QUANT,
    "quantize": QUANT,
    "prepare_qat": QUANT,
    "convert_model": QUANT,
    "from_keras_model": QUANT,
    "from_saved_model": QUANT,
    "build_serialized_network": QUANT,
    "jit.trace": QUANT,
    "confusion_matrix": EVAL,
    "classification_report": EVAL,
    "precision_recall_curve": EVAL,
    "accuracy_score": EVAL,
    "val": EVAL,
    "train_test_split": DATA,
    "copyfile": DATA,
    "copy2": DATA,
    "urlretrieve": DATA,
}
# Weak signs: common beside the work proper of other types.
WEAK = frozenset(
    {"confusion_matrix", "classification_report", "precision_recall_curve", "accuracy_score", "val"}
    | {"train_test_split", "copyfile", "copy2", "urlretrieve", "predict", "predict_proba"}
    | {"non_max_suppression"}
)
IMPORTS: dict[str, EntryPointType] = {
    "gradio": DEMO,
    "streamlit": DEMO,
    "flask": DEMO,
    "fastapi": DEMO,
    "tkinter": DEMO,
    "PyQt5": DEMO,
    "PySide6": DEMO,
    "nncf": QUANT,
    "tensorrt": QUANT,
    "tf2onnx": QUANT,
}
_PYTHON_CALL = re.compile(r"python[0-9.]*\s+(?:-[a-zA-Z]\s+)*(?:-m\s+(\S+)|(\S+\.py))")
_YOLO_CALL = re.compile(r"\byolo\s+(?:\w+\s+)?(?:mode=)?(train|predict|val|export|track|tune)\b")
_YOLO_TYPES = {
    "train": TRAIN, "tune": TRAIN, "predict": INFER, "track": INFER, "val": EVAL, "export": QUANT
}  # fmt: skip


def name_words(path: str) -> list[str]:
    """Return the words of a file's name: `train_yolov11_v2.py` has train, yolov11 and v2."""
    stem = PurePosixPath(path).stem
    if stem == "__main__":
        stem = PurePosixPath(path).parent.name
    parted = re.sub(r"([a-z])([A-Z])", r"\1 \2", stem)
    return [word.lower() for word in re.split(r"[\W_]+", parted) if word]


def type_by_name(path: str) -> EntryPointType | None:
    """Return the type that a file's name speaks of."""
    words = set(name_words(path))
    if words & FORMATS and words & {"convert", "converter", "to"}:
        return QUANT
    for kind, known in NAME_WORDS:
        if words & known:
            return kind
    stem = "".join(name_words(path))
    for kind in (TRAIN, INFER):
        if stem.startswith((kind.value, "detect" if kind is INFER else kind.value)):
            return kind
    return None


def points_by_code(source: Source) -> Counter[EntryPointType]:
    """Return how much the code of a script speaks for each type."""
    points: Counter[EntryPointType] = Counter()
    if source.tree is not None:
        for node in ast.walk(source.tree):
            if isinstance(node, ast.Call):
                points.update(_points_of_call(node))
            elif isinstance(node, ast.Import | ast.ImportFrom):
                points.update(_points_of_import(node))
    for command in source.commands:
        points.update(points_of_command(command))
    return points


def points_of_command(command: str) -> Counter[EntryPointType]:
    """Return what a shell line speaks for: `yolo train ...`, `python detect.py ...`."""
    points: Counter[EntryPointType] = Counter()
    for mode in _YOLO_CALL.findall(command):
        points[_YOLO_TYPES[mode]] += CODE_POINTS
    for module, script in _PYTHON_CALL.findall(command):
        kind = type_by_name(script or module.replace(".", "/") + ".py")
        if kind is not None:
            points[kind] += CODE_POINTS
    return points


def wrapped_scripts(text: str) -> list[str]:
    """Return the Python files that a shell script starts, as it writes them."""
    live = "\n".join(line for line in text.splitlines() if not line.lstrip().startswith("#"))
    found = (
        script or module.replace(".", "/") + ".py" for module, script in _PYTHON_CALL.findall(live)
    )
    return list(dict.fromkeys(found))


def guess_types(source: Source) -> Guess[tuple[str, ...]]:
    """Return the types of a script, the most likely first; empty where nothing speaks for any."""
    code = points_by_code(source)
    if source.path.endswith((".sh", ".bash", ".bat", ".cmd", ".ps1")):
        code.update(points_of_command(_live(source.text)))
    named = type_by_name(source.path)
    points = code.copy()
    if named is not None:
        points[named] += NAME_POINTS
    first_word = FIRST_WORDS.get((name_words(source.path) or [""])[0])
    if first_word is DATA and named is QUANT:
        first_word = None  # `convert_to_onnx` converts a model
    if first_word is not None:
        points[first_word] += NAME_POINTS if first_word is DATA else CODE_POINTS
    ranked = [kind for kind, count in _ranked(points) if count >= ENOUGH]
    if not ranked:
        return Guess(value=(), confidence=Confidence.UNSURE, source=source.path, reason="")
    first = ranked[0]
    if first is first_word and first in {DEMO, EVAL}:
        ranked = [first]
    kept = [first, *(kind for kind in ranked[1:] if points[kind] > CODE_POINTS and code[kind])]
    return Guess(
        value=tuple(str(kind) for kind in kept),
        confidence=_confidence(first, named, code),
        source=source.path,
        reason=_reason(first, named, code),
    )


def _live(text: str) -> str:
    return "\n".join(line for line in text.splitlines() if not line.lstrip().startswith("#"))


def _ranked(points: Counter[EntryPointType]) -> list[tuple[EntryPointType, int]]:
    order = list(EntryPointType)
    return sorted(points.items(), key=lambda pair: (-pair[1], order.index(pair[0])))


def _confidence(
    first: EntryPointType, named: EntryPointType | None, code: Counter[EntryPointType]
) -> Confidence:
    if code[first] and named is first:
        return Confidence.SURE
    return Confidence.LIKELY if code[first] >= CODE_POINTS else Confidence.UNSURE


def _reason(
    first: EntryPointType, named: EntryPointType | None, code: Counter[EntryPointType]
) -> str:
    return reasons.joined(
        reasons.CODE_LOOKS_LIKE.format(kind=first) if code[first] else "",
        reasons.NAME_SPEAKS_OF.format(kind=first) if named is first else "",
    )


def _points_of_call(node: ast.Call) -> dict[EntryPointType, int]:
    name = _last_name(node.func)
    keywords = {one.arg for one in node.keywords}
    if name == "train" and (
        keywords & {"epochs", "data", "imgsz", "resume", "cfg"} or "**" in name
    ):
        return {TRAIN: CODE_POINTS + 1}
    if name == "train" and not node.args and not keywords and isinstance(node.func, ast.Attribute):
        return {TRAIN: 1}  # `model.train()` also only switches the mode
    if name == "export" and _dotted(node.func).endswith("onnx.export"):
        return {QUANT: CODE_POINTS + 1}
    if name == "export" and keywords & {"format", "imgsz", "half", "int8", "dynamic"}:
        return {QUANT: CODE_POINTS + 1}
    if name == "trace" and _dotted(node.func).endswith("jit.trace"):
        return {QUANT: CODE_POINTS}
    kind = CALLS.get(name)
    if kind is None:
        return {}
    return {kind: 1 if name in WEAK else CODE_POINTS}


def _points_of_import(node: ast.Import | ast.ImportFrom) -> dict[EntryPointType, int]:
    modules: Iterable[str] = (
        [alias.name for alias in node.names]
        if isinstance(node, ast.Import)
        else [node.module or ""]
    )
    tops = {module.partition(".")[0] for module in modules}
    return {IMPORTS[top]: NAME_POINTS for top in tops if top in IMPORTS}


def _last_name(node: ast.expr) -> str:
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""


def _dotted(node: ast.expr) -> str:
    if isinstance(node, ast.Attribute):
        return f"{_dotted(node.value)}.{node.attr}"
    return node.id if isinstance(node, ast.Name) else ""
