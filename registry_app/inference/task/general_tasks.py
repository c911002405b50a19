"""Guess what is done with images (`detection`, `tracking`), where no specific task is named."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence

from registry_app.inference.guess import Guess
from registry_app.inference.task.architectures import architecture_task, names_backbone
from registry_app.inference.task.vocabulary import BUILT_IN, Vocabulary
from registry_app.messages import Message
from registry_app.texts import reasons
from registry_app.words import Confidence

# General image tasks, used when no target is named.
GENERAL: dict[str, str] = {
    **dict.fromkeys(
        ("segmentation", "segment", "seg", "unet", "maskrcnn", "분할", "分割"), "segmentation"
    ),
    **dict.fromkeys(("tracking", "tracker", "deepsort", "bytetrack", "추적", "跟踪"), "tracking"),
    **dict.fromkeys(("pose", "keypoint", "keypoints", "포즈", "자세추정", "姿态"), "pose"),
    **dict.fromkeys(("detection", "detect", "detector", "검출", "탐지"), "detection"),
    **dict.fromkeys(("检测", "檢測", "偵測"), "detection"),
    **dict.fromkeys(
        ("classification", "classify", "classifier", "cls", "분류", "分类"), "classification"
    ),
}
# The same, by two words, written together or not: `lane-detection`, `Super_Resolution`.
PAIRS: dict[str, str] = {
    word: task
    for task, words in (
        ("depth", "depthestimation monoculardepth depthprediction depthmap monodepth stereodepth"),
        ("super-resolution", "superresolution imageupscaling realesrgan srgan esrgan"),
        ("restoration", "imagerestoration imagedenoising imagedeblurring imagedehazing"),
        ("restoration", "imageinpainting imagecolorization"),
        ("generation", "dreambooth stablediffusion texttoimage imagegeneration imagesynthesis"),
        ("generation", "imagetranslation styletransfer dcgan stylegan cyclegan"),
        ("lane", "lanedetection lanelines lanefinding lanesegmentation lanekeeping"),
        ("driving", "selfdriving autonomousdriving drivingcar autonomouscar steeringangle"),
        ("driving", "donkeycar behavioralcloning"),
        ("tracking", "objectfollowing personfollowing humanfollowing objectfollower"),
        ("action", "actionrecognition activityrecognition actiondetection violencedetection"),
        ("action", "behaviorrecognition behaviourrecognition"),
        ("gesture", "gesturerecognition handgesture handgestures signlanguage"),
        ("emotion", "emotionrecognition facialexpression emotiondetection"),
        ("re-identification", "personreid reidentification vehiclereid"),
        ("captioning", "imagecaptioning imagecaption"),
    )
    for word in words.split()
}
OPENING_LINES = 6
BODY_LINES = 60
LEAST_MENTIONS = 3
_LINK = re.compile(r"(?<!!)\[([^\[\]]*)\]\([^()]*\)")
_WORD = re.compile(r"[A-Za-z0-9]+")
_MARKUP = re.compile(r"<[^>]*>|!?\[[^\]]*\]\([^)]*\)|https?://\S+|`[^`]*`")

_KOREAN = tuple(word for word in GENERAL if not word.isascii())


def general_task(name: str, vocabulary: Vocabulary = BUILT_IN) -> Guess[str] | None:
    """Return the general vision task that a name indicates."""
    task = _general(_words(name, vocabulary))
    return _unsure(task, name, reasons.WORD_OF_NAME()) if task else None


def task_of_architecture(name: str, vocabulary: Vocabulary = BUILT_IN) -> Guess[str] | None:
    """Return what the model that a name names does: `EfficientDet-Pytorch` detects."""
    words = [word for word in _WORD.findall(name) if not vocabulary.is_silenced(word.lower())]
    task = architecture_task(" ".join(words))
    return _unsure(task, name, reasons.WORD_OF_NAME()) if task else None


def task_of_backbone(name: str, vocabulary: Vocabulary = BUILT_IN) -> Guess[str] | None:
    """Return `classification` for a name with a network that is mostly part of others."""
    task = GENERAL["classification"]
    if not names_backbone(name) or vocabulary.is_silenced(task):
        return None
    return _unsure(task, name, reasons.WORD_OF_NAME())


def general_task_of_opening(
    notes: Sequence[tuple[str, str]], vocabulary: Vocabulary = BUILT_IN, *, lines: int
) -> Guess[str] | None:
    for path, text in notes:
        for number, line in lines_of(text, lines):
            task = _general(_words(line, vocabulary))
            if task:
                return _unsure(task, f"{path}:{number}", reasons.NOTE())
    return None


def general_task_of_notes(
    notes: Sequence[tuple[str, str]], vocabulary: Vocabulary = BUILT_IN
) -> Guess[str] | None:
    """Return the general task that a note repeats, more often than any other."""
    for path, text in notes:
        body = " ".join(line for _number, line in lines_of(text, BODY_LINES))
        words = _words(body, vocabulary)
        named = (GENERAL.get(word) or PAIRS.get(word) for word in words)
        tasks = Counter(task for task in named if task).most_common(2)
        (task, often), (_other, seldom) = [*tasks, ("", 0), ("", 0)][:2]
        if often >= LEAST_MENTIONS and often > seldom:
            return _unsure(task, path, reasons.NOTE())
    return None


def lines_of(text: str, count: int) -> list[tuple[int, str]]:
    """Return the first non-empty lines, with their numbers and without markup."""
    lines = [(number, _without_markup(line)) for number, line in enumerate(text.splitlines(), 1)]
    return [(number, line) for number, line in lines if line.strip()][:count]


def _without_markup(line: str) -> str:
    """Return a line as it is read; of links, only those of a heading keep their text."""
    if line.startswith("#"):
        line = _LINK.sub(r" \1 ", line)
    return _MARKUP.sub(" ", line)


def _words(text: str, vocabulary: Vocabulary) -> list[str]:
    """Return the words of a text for general tasks, with the Korean ones that name such a task.

    Those of which people decided that they say nothing are left out.
    """
    latin = [word for word in vocabulary.words_in(text) if word.isascii()]
    found = _joined(latin) + [word for word in _KOREAN if word in text]
    return [word for word in found if not vocabulary.is_silenced(word)]


def _joined(words: Sequence[str]) -> list[str]:
    """Return the words, two or three that are known together as one."""
    found: list[str] = []
    for word in words:
        joined = ("".join((*found[-count:], word)) for count in (1, 2))
        count, known = next(
            ((count, text) for count, text in enumerate(joined, 1) if text in PAIRS), (0, word)
        )
        found[len(found) - count :] = [known]
    return found


def _general(words: Iterable[str]) -> str | None:
    tasks = (GENERAL.get(word) or PAIRS.get(word) for word in words)
    general = list(dict.fromkeys(task for task in tasks if task))
    # "detection and tracking" is tracking; with two or more such tasks, the first word decides.
    beyond = [task for task in general if task != "detection"]
    return beyond[0] if len(beyond) == 1 else next(iter(general), None)


def _unsure(task: str, source: str, reason: Message) -> Guess[str]:
    return Guess(value=task, confidence=Confidence.UNSURE, source=source, reason=(reason,))
