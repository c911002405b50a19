"""Part the name of a directory into words, without those that say nothing of site or task.

People add versions, dates, states and models to a name: `posco-gwangyang-helmet_yolov11-v2`,
`kcc-yeoju-smoke (복사본)`. These say nothing of where an experiment belongs.
"""

from __future__ import annotations

import re
import unicodedata

_EDGE = r"(?:^|(?<=[-_.\s(\[]))"
_END = r"(?=$|[-_.\s)\]])"
_YEAR, _MONTH, _DAY = r"(?:19|20)\d\d", r"(?:0[1-9]|1[0-2])", r"(?:0[1-9]|[12]\d|3[01])"
# Dates and versions that contain a separator, or are recognised by their digits.
_DATES = (
    rf"{_YEAR}[-_.]?{_MONTH}[-_.]?{_DAY}(?:[-_T]?\d{{4,6}})?",
    rf"\d\d[-_.]?{_MONTH}[-_.]?{_DAY}",
    rf"{_YEAR}[-_.]?{_MONTH}",
    rf"{_YEAR}(?:[hqs][1-4])?",
    r"\d{2,4}년(?:[-_.\s]?\d{1,2}월)?(?:[-_.\s]?\d{1,2}일)?|\d{1,2}월(?:[-_.\s]?\d{1,2}일)?",
    rf"(?:\d{{1,2}})?(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\d{{0,2}}(?:{_YEAR})",
)
_VERSIONS = (
    r"(?:v|ver|version|rev|rc|release|build|exp|run|trial|try|iter)[-_.]?\d+(?:[._]\d+)*[a-z]?",
    r"\d+(?:\.\d+)+",
    r"\d+차",
    r"\(\d+\)",
)
_PARTED = tuple(
    re.compile(rf"{_EDGE}(?:{pattern}){_END}", re.IGNORECASE) for pattern in (*_DATES, *_VERSIONS)
)
# Models, frameworks, formats and devices.
_MEANS = re.compile(
    r"(?:yolo|rtdetr|rf?detr|detectron|mmdet|mmseg|mmpose|mmcv|mmengine|paddle|resnet|mobilenet"
    r"|efficient(?:net|det)|retinanet|centernet|vgg|unet|dinov\d|nanodet|ppyoloe?"
    r"|damoyolo|openpose|hrnet|deeplab|segformer|deepsort|bytetrack|botsort|patchcore|padim)\w*"
    r"|(?:\w*rcnn|detr|sam\d?|clip|ssd\d*|vit\d*|swinv?\d*|ultralytics|anomalib|pytorch|torch|libtorch|tensorflow|tf\d?"
    r"|keras|jax|mxnet|caffe\d?|darknet|lightning|huggingface|hf|openvino|ovino|onnx|onnxruntime"
    r"|ort|tensorrt|trt|tflite|coreml|ncnn|rknn|tvm|triton|deepstream|opencv|cv2|int8|fp16|fp32"
    r"|bf16|cuda\d*|gpu|cpu|npu|jetson|orin|xavier|raspberrypi|rpi\d?|coral|hailo\d*|edge|ros\d?)",
    re.IGNORECASE,
)
# States of work and of copies, and what every experiment is.
_STATES = frozenset(
    "old new bak backup backups copy orig original final finals last latest newest current prev"
    " previous tmp temp test tests testing tested debug dev draft wip todo done fix fixed hotfix"
    " deprecated legacy archive archived unused alpha beta stable release prod production deploy"
    " deployed deployment experiment experiments exp trial poc pilot demo sample example my"
    " model models project projects repo code src work training train retrain retrained finetune"
    " finetuned weights ai ml dl cv vision main master ver version"
    " 구버전 신버전 신규 최신 최종 진짜최종 최종본 백업 복사본 사본 복사 임시 테스트 수정 수정본"
    " 수정중 완료 작업중 작업 개발 배포 실험 모델 학습 재학습 프로젝트 원본 보관".split()
)
_SEPARATORS = re.compile(r"[-_.\s()\[\]{},]+")
_SMALL_NUMBER = re.compile(r"\d{1,3}")


def composed(name: str) -> str:
    """Return a name in the one form in which Unicode composes it: file systems store either."""
    return unicodedata.normalize("NFC", name)


def words_of(name: str) -> list[str]:
    """Return all words of a name, as written: `Fire_v2` has Fire and v2."""
    return [word for word in _SEPARATORS.split(composed(name)) if word]


def telling_words(name: str) -> list[str]:
    """Return the words of a name that can say something of a site or a task, in lower case."""
    text = composed(name)
    for pattern in _PARTED:
        text = pattern.sub(" ", text)
    words = [word.lower() for word in words_of(text)]
    words = [word for word in words if not _says_nothing(word)]
    while words and _SMALL_NUMBER.fullmatch(words[-1]):  # the number of a copy
        words.pop()
    return words


def _says_nothing(word: str) -> bool:
    return word.rstrip("0123456789") in _STATES or _MEANS.fullmatch(word) is not None
