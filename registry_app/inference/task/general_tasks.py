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
    # Spanish and Portuguese, with accents and as names are written.
    **dict.fromkeys(("clasificacion", "clasificador", "classificacao"), "classification"),
    **dict.fromkeys(("clasificación", "classificação", "classificador"), "classification"),
    **dict.fromkeys(("deteccion", "detección", "deteccao", "detecção"), "detection"),
    **dict.fromkeys(("segmentacion", "segmentación", "segmentacao"), "segmentation"),
    **dict.fromkeys(("segmentação", "语义分割"), "segmentation"),
}
# Further words, and pairs of words written together or not: `lane-detection`.
PAIRS: dict[str, str] = {
    word: task
    for task, words in (
        ("depth", "depthestimation monoculardepth depthprediction depthmap monodepth stereodepth"),
        ("super-resolution", "superresolution imageupscaling realesrgan srgan esrgan"),
        ("restoration", "imagerestoration imagedenoising imagedeblurring imagedehazing"),
        ("restoration", "imageinpainting imagecolorization"),
        ("generation", "dreambooth stablediffusion texttoimage imagegeneration imagesynthesis"),
        ("generation", "imagetranslation styletransfer"),
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
        ("agriculture", "plantdisease leafdisease cropdisease plantpathology weeddetection"),
        ("agriculture", "plantdiseases leafdiseases cropdiseases"),
        ("agriculture", "fruitdetection fruitripeness cropweed 작물병해 병해충 농작물"),
        ("restoration", "deblur deblurring derain deraining dehaze dehazing desnow desnowing"),
        ("restoration", "denoise denoiser inpainting colorization lowlightenhancement"),
        ("restoration", "imageenhancement rainremoval hazeremoval 去雨 去雾 去噪 去模糊"),
        ("generation", "denoisingdiffusion 图像生成"),
        ("super-resolution", "singleimagesr 超分辨率 초해상도 초해상화"),
        ("lane", "lanetracking lanefollowing linefollowing lanefollower 차선 车道线"),
        ("driving", "automateddriving autonomousvehicle autonomousvehicles autonomousdrive"),
        ("driving", "steeringprediction steeringcontrol 자율주행 自动驾驶 无人驾驶"),
        ("traffic-sign", "trafficsign trafficsigns roadsign roadsigns 교통표지 표지판 交通标志"),
        ("emotion", "emotion emotions emocoes emociones emoções 감정 표정 表情 情绪"),
        ("gesture", "gesture gestures 제스처 수어 수화 手势 手语"),
        ("grasp", "grasp grasping graspnet ggcnn graspdetection robotgrasping"),
        ("parking", "parkinglot parkingspace parkingspaces parkingspot parkingslot 주차 停车位"),
        ("counting", "crowdcounting crowddensity peoplecounting"),
        ("drowsiness", "driverfatigue fatiguedetection yawndetection"),
        ("face", "gazetracker gazeestimator eyetracking"),
        ("retrieval", "imageretrieval imagesearch similaritysearch visualsearch 图像检索"),
    )
    for word in words.split()
}
OPENING_LINES = 6
BODY_LINES = 60
LEAST_MENTIONS = 3
LEAST_NAMED = 2
# Tasks that say what is done, and of what only by more words.
_MEANS = frozenset(GENERAL.values()) | {"depth", "super-resolution", "restoration", "generation"}
# What pictures are often of that are sorted by kind.
_SUBJECTS = frozenset(
    "dog dogs cat cats flower flowers animal animals bird birds fruit fruits waste garbage trash"
    " recycling digit digits breed breeds mushroom butterfly insect pokemon zoo".split()
)
_LINK = re.compile(r"(?<!!)\[([^\[\]]*)\]\([^()]*\)")
_WORD = re.compile(r"[A-Za-z0-9]+")
_MARKUP = re.compile(
    r"<[^>]*>|\[!\[[^\]]*\]\]\[[^\]]*\]|!?\[[^\]]*\]\([^)]*\)|https?://\S+|`[^`]*`"
)

# Words of other scripts and with accents are found inside a text, not between blanks.
_INSIDE = tuple(word for word in (GENERAL | PAIRS) if not word.isascii())
# What is kept track of in a program, and not in pictures.
_KEPT_TRACK_OF = frozenset(
    "inventory asset attendance experiment expense time issue progress order package metric"
    " metrics training".split()
)


def general_task(name: str, vocabulary: Vocabulary = BUILT_IN) -> Guess[str] | None:
    """Return the general vision task that a name indicates."""
    task = _general(_words(name, vocabulary))
    return _unsure(task, name, reasons.WORD_OF_NAME()) if task else None


def subject_of_name(name: str, vocabulary: Vocabulary = BUILT_IN) -> Guess[str] | None:
    """Return the task that two words of a name indicate, if it says of what the pictures are.

    `Plant-Disease-Detection` is of plants, whatever a note names as their disease.
    """
    tasks = (PAIRS.get(word) for word in _words(name, vocabulary))
    task = next((task for task in tasks if task and task not in _MEANS), None)
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
    notes: Sequence[tuple[str, str]],
    vocabulary: Vocabulary = BUILT_IN,
    *,
    lines: int = BODY_LINES,
    least: int = LEAST_MENTIONS,
) -> Guess[str] | None:
    """Return the general task that a note repeats, more often than any other."""
    for path, text in notes:
        body = " ".join(line for _number, line in lines_of(text, lines))
        words = _words(body, vocabulary)
        named = (_task_of(word) for word in words)
        tasks = Counter(task for task in named if task).most_common(2)
        (task, often), (_other, seldom) = [*tasks, ("", 0), ("", 0)][:2]
        if often >= least and often > seldom:
            return _unsure(task, path, reasons.NOTE())
    return None


def general_task_of_paths(paths: Iterable[str], vocabulary: Vocabulary) -> Guess[str] | None:
    """Return the general task that several scripts and their folders are named after."""
    names = sorted({part.rpartition(".")[0] or part for path in paths for part in path.split("/")})
    named = Counter(task for name in names if (task := _general(_words(name, vocabulary))))
    (task, often), (_other, seldom) = [*named.most_common(2), ("", 0), ("", 0)][:2]
    if often < LEAST_NAMED or often == seldom:
        return None
    return _unsure(task, "code", reasons.WORDS_OF_CODE())


def task_of_subjects(
    name: str, notes: Sequence[tuple[str, str]], vocabulary: Vocabulary = BUILT_IN
) -> Guess[str] | None:
    """Return `classification` where a name or a title only says of what the pictures are."""
    first = [line for _path, text in notes for _number, line in lines_of(text, 1)]
    words = {word for text in (name, *first) for word in vocabulary.words_in(text)}
    if not (words & _SUBJECTS) or vocabulary.is_silenced("classification"):
        return None
    return _unsure("classification", name, reasons.WORD_OF_NAME())


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
    """Return the words of a text for general tasks, with those that are found inside others.

    Those of which people decided that they say nothing are left out.
    """
    lower = text.lower()
    latin = [word for word in vocabulary.words_in(text) if word.isascii()]
    found = _joined(latin) + [word for word in _INSIDE if word in lower]
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
        if GENERAL.get(known) == "tracking" and found[-2:-1] and found[-2] in _KEPT_TRACK_OF:
            found.pop()
    return found


def _task_of(word: str) -> str | None:
    return GENERAL.get(word) or PAIRS.get(word)


def _general(words: Iterable[str]) -> str | None:
    tasks = (_task_of(word) for word in words)
    general = list(dict.fromkeys(task for task in tasks if task))
    # "detection and tracking" is tracking; with two or more such tasks, the first word decides.
    beyond = [task for task in general if task != "detection"]
    return beyond[0] if len(beyond) == 1 else next(iter(general), None)


def _unsure(task: str, source: str, reason: Message) -> Guess[str]:
    return Guess(value=task, confidence=Confidence.UNSURE, source=source, reason=(reason,))
