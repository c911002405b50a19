"""Infer the purpose of a script from its name."""

from __future__ import annotations

import itertools
import re
import unicodedata
from collections.abc import Sequence
from pathlib import PurePosixPath

from registry_app.inference.code.remembered import remembered
from registry_app.kinds import FORMATS as FORMATS_OF_MODELS
from registry_app.kinds import KINDS, MEASURING, EntryPointType

TRAIN, INFER, QUANT = EntryPointType.TRAIN, EntryPointType.INFER, EntryPointType.QUANT
EVAL, DATA, DEMO = EntryPointType.EVAL, EntryPointType.DATA, EntryPointType.DEMO


def by_word(part: str) -> dict[str, EntryPointType]:
    """Return the type of each word in one part of the words of all types."""
    return {word: kind.type for kind in KINDS for word in getattr(kind.words, part).split()}


FORMATS = frozenset(FORMATS_OF_MODELS.split())
# With these words a conversion is of a model, not of data.
_MODEL_WORDS = FORMATS | frozenset(
    "model models weights checkpoint checkpoints ckpt caffe2".split()
)
# Frameworks and servers that models are converted to: `weights_to_keras`, `yolo2torchserve`.
_FRAMEWORKS = frozenset(
    "torch pytorch keras tf tensorflow caffe paddle mxnet jax savedmodel torchserve mar triton"
    " bentoml pt pth h5 pb".split()
)
# Files of weights.
_WEIGHTS = frozenset("weights checkpoint checkpoints ckpt statedict".split())
_DATA_FORMATS = frozenset(
    "coco voc yolo darknet xml json jsonl txt csv tfrecord tfrecords record labelme kitti dota mask"
    " masks polygon polygons png jpg jpeg bmp bbox bboxes video videos frame frames img imgs image"
    " images label labels dataset data lmdb parquet cvat vgg visdrone crowdhuman train val".split()
)
# Names of models, which convert nothing.
_NO_CONVERSIONS = frozenset({"seq2seq", "pix2pix", "img2img", "word2vec", "noise2noise"})
_CONVERTING = frozenset({"convert", "converter", "conversion", "to"})
_MEASURING = frozenset(MEASURING.split())
# A map of these is a picture, and no mean average precision: `view_anomaly_map`.
_MAPPED = frozenset("anomaly heat depth feature saliency attention activation density".split())
_TRYING = frozenset({"test", "testing"})
# Words in code that compares what a model found with the truth.
_SCORES = frozenset(
    "acc accuracy accuracies loss losses criterion corrects miou psnr ssim mae mse auc auroc rocauc"
    " gt gts groundtruth truth truths confusion recall recalls f1 dice cer wer evaluate evaluator"
    " evaluation metric metrics 정확도 정답".split()
)
# Names that begin with these check a model or its parts, if they name one.
_CHECKING = (["verify"], ["check"], ["inspect"], ["compare"], ["debug"])
_PARTS = frozenset("module modules layer layers logits output outputs export conversion".split())
_SINGLE = frozenset({"one", "single"})
# What labels consist of. A name that begins with making them is of data, also with a model's help.
_MAKING = frozenset("make create generate gen convert".split())
_LABELS = frozenset(
    "bbox bboxes box boxes label labels annotation annotations annots mask masks polygon polygons"
    " gt coco voc det seg cls obb dataset datasets tfrecord tfrecords 라벨".split()
)
# With these first words something is made for training: `make_train_npy.py`; a program is none, and
# a step of JAX, made as a function, is the training itself.
_MAKING_READY = _MAKING | frozenset({"build", "prepare", "split"}) - {"convert"}
_NO_SETS = frozenset(
    "script scripts step steps state fn function func op loop model net network benchmark job jobs"
    " config configs".split()
)
_STEP = re.compile(r"[a-z]?\d+|(?:step|stage)\d*")
# What tells how fast a model is, beside a word for its work.
_DURATIONS = frozenset("time times timing speed latency fps throughput".split())
# Numbers of classes, as Cityscapes calls them: `trainID2labelID` trains nothing.
_TRAIN_IDS = re.compile(r"([Tt]rain)(?:I[Dd]|id)s?(?![a-z])")
# What is extracted from pictures as an answer, and from files as weights; anything else is learned
# from: `extract_sift.py`.
_NOT_EXTRACTED = (
    _MODEL_WORDS
    | _FRAMEWORKS
    | frozenset(
        "state dict backbone encoder layer layers text texts number numbers ocr info"
        " information field fields table tables result results color colour colors fp fn".split()
    )
)
# What a collector gathers, where that is no work of a model.
_COLLECTED = frozenset("data dataset sample samples image images frame frames my new".split())
# Programs and formats of labels: an export of them is none of a model.
_OF_LABELS = _LABELS | frozenset(
    "labelbox labelme labelstudio cvat json csv xml txt excel data images frames results report"
    " augmentation augmentations"
    # What a server describes to its clients.
    " openapi swagger schema schemas".split()
)
# Whole words of a file's name; the first match decides.
NAME_WORDS: tuple[tuple[EntryPointType, frozenset[str]], ...] = tuple(
    (kind, frozenset(words.split()))
    for _place, words, kind in sorted(
        (place, words, kind.type) for kind in KINDS for place, words in kind.words.names
    )
)
_SAYS_INFERENCE = next(listed for kind, listed in NAME_WORDS if kind is INFER)
PLAIN_WORDS = frozenset(by_word("plain"))
VERBS = frozenset(by_word("verbs"))
_WORK = VERBS | frozenset(by_word("work"))
_FUNCTION_WORDS = by_word("functions")
# A name with this first word manages or shows something; a model is at most its subject.
ASIDE_VERBS = frozenset(
    "check selftest verify inspect probe summarize summarise report print list show view plot draw"
    " visualize visualise install setup upload clean delete remove rename copy get set load read"
    " save write parse format log simulate fake mock fix patch".split()
)
# A function with this first word only decides: `should_augment_track`.
_QUESTIONS = frozenset("should is has can needs resize".split())
# What no picture shows: `detect_device`, `track_progress`; and what takes files, and no model.
_NOT_SEEN = frozenset(
    "col cols column columns axis axes encoding delimiter separator language lang version device"
    " devices platform os environment env gpu gpus cuda hardware dtype schema header headers"
    " backend framework progress history metrics memory".split()
)
_SENT_TO = frozenset(
    "drive gdrive s3 gcs bucket excel xlsx sheet sheets db database sqlite pdf html geojson".split()
)
# Names that begin with these and end with a model's answers: `save_predictions.py`.
_ANSWERING = frozenset(
    "save write dump make generate create get ensemble average merge combine blend".split()
)
_PREDICTIONS = frozenset({"predictions", "preds"})
_KEPT_PICTURES = frozenset({"image", "images", "pictures", "results", "outputs", "samples"})
FIRST_WORDS = by_word("first")
DECIDING_WORDS = by_word("decides")
DECIDING_POINTS = 6
FIRST_WORD_POINTS = 3
_PREFIXES = by_word("prefixes")
# What follows a prefix inside a longer word: `detectron`, `trainable`, `inferior`.
_CONTINUED_WORD = re.compile(r"ron|or(?!der)|ion|ing|er|ed|ab(?:le|ility)|iv|ee|s(?![a-z])|ence")
_LABELLING = frozenset(
    "label labels labeling labelling autolabel autolabeling annotate annotation pseudo psuedo 라벨"
    " 라벨링 dataset datasets crop crops".split()
)
# Words that people add to a name without another meaning.
_ADDED_WORDS = frozenset(
    "v ver new old final last latest copy backup my the main run script model"
    " yolo yolov yolox keras torch pytorch tf gpu cpu".split()
)
_KNOWN_STEMS = by_word("stems")
# Words for applying a model, and where its pictures come from: `infer_stream` says no more than
# `infer`. `detect` is not among them: `detect_cameras` looks for cameras.
_APPLYING = frozenset("infer inference inferring inferencing predict prediction 추론 예측".split())
_TYPE_AND_SUBJECT = 2
INPUT_WORDS = frozenset(
    "stream streams streaming rtsp video videos camera cameras cam cctv webcam live realtime real"
    " time image images img imgs photo photos frame frames folder dir batch file files single"
    " async 영상 동영상 비디오 카메라 웹캠 스트림 실시간 이미지 사진 그림 폴더 파일".split()
)


def name_words(path: str) -> list[str]:
    """Return the words of a file's name: `train_yolov11_v2.py` has train, yolov11 and v2."""
    return list(_name_words(path))


@remembered(texts=4096, longest=500)
def _name_words(path: str) -> tuple[str, ...]:
    stem = PurePosixPath(path).stem
    if stem == "__main__":
        stem = PurePosixPath(path).parent.name
    stem = unicodedata.normalize("NFC", stem)  # macOS writes 추론 in its parts
    stem = _TRAIN_IDS.sub(r"\1id", stem)
    parted = re.sub(r"([a-z])([A-Z])|(?<=[A-Z]\d)(?=[a-z]{4})", r"\1 \2", stem)
    return tuple(word.lower() for word in re.split(r"[\W_]+", parted) if word)


@remembered(texts=4096, longest=500)
def type_by_name(path: str) -> EntryPointType | None:
    """Return the type that a file's name suggests."""
    known = _KNOWN_STEMS.get(PurePosixPath(path).stem.lower())
    if known is not None:
        return known
    if makes_predictions(path):
        return INFER
    words = set(name_words(path))
    if words & _CONVERTING and words & (_MODEL_WORDS if "to" not in words else FORMATS):
        return QUANT
    if "to" in words and name_words(path)[-1] in _FRAMEWORKS | FORMATS:
        return QUANT
    if "to" in words and _turned_into(name_words(path)) in _WEIGHTS:
        return QUANT
    if any(_is_conversion(word) for word in words):
        return QUANT
    if words & _MAPPED:
        words.discard("map")
    phrase = _type_of_phrase(path)
    for kind, listed in NAME_WORDS if phrase is None else ():
        if words & listed:
            return kind
    if phrase is not None or turns_data(path):
        return phrase or DATA
    stem = "".join(word for word in name_words(path) if not word.startswith("trainid"))
    for prefix, kind in _PREFIXES.items():
        if stem.startswith(prefix) and not _CONTINUED_WORD.match(stem[len(prefix) :]):
            return kind
    return None


def _without_step(words: list[str]) -> list[str]:
    """Return the words behind the number of a step: `s4_train.py`, `step1_convert.py`."""
    return list(itertools.dropwhile(_STEP.fullmatch, words)) or words


def _makes_for_training(words: Sequence[str]) -> bool:
    """Whether a verb for making has what it makes behind it, for training: `create_train_list`."""
    is_made = bool(words) and words[0] in _MAKING_READY and "train" in words[1:]
    return is_made and _NO_SETS.isdisjoint(words)


def _type_of_phrase(path: str) -> EntryPointType | None:
    """Return the type of words that mean something else together than each of them."""
    if _makes_for_training(name_words(path)):
        return DATA
    return EVAL if times_inference(path) else None


def times_inference(path: str) -> bool:
    """Whether a name says that it is measured how fast a model is: `inference_time_with_nms`.

    `real_time_inference.py` measures nothing.
    """
    return any(
        first in _APPLYING and second in _DURATIONS
        for first, second in itertools.pairwise(name_words(path))
    )


def names_vaguely(path: str) -> bool:
    """Whether a name suggests evaluation by a word that may also mean inference.

    `test.py` and `crack_analysis.py` may try a model; `evaluate.py` measures it.
    """
    words = set(name_words(path))
    return bool(words & _TRYING) or not (
        times_inference(path) or words & (_MEASURING | {"error", "errors", "failure", "failures"})
    )


def names_only_a_trial(path: str) -> bool:
    """Whether the word for evaluation in a name is `test`, which may as well try a model."""
    words = _MEASURING.intersection(name_words(path))
    return bool(words) and words <= _TRYING


def names_a_score(name: str) -> bool:
    """Whether a name in code is that of a score or of the truth: `accuracy`, `gt_boxes`."""
    words = name_words(f"{name}.py")
    if _SINGLE.intersection(words) or words == ["f1"]:
        return False  # `evaluate_one_image` has nothing to compare with, `f1` may be a file
    return bool(_SCORES.intersection(words)) or words[-1:] == ["correct"]


def names_only_a_format(path: str) -> bool:
    """Whether a model format is the only evidence: `trt_yolo.py` may create or use a model."""
    words = set(name_words(path))
    others = {word for _kind, listed in NAME_WORDS if listed != FORMATS for word in listed}
    is_made = words & _CONVERTING or any(map(_is_conversion, words))
    return bool(words & FORMATS) and not is_made and not words & others


def names_only_a_subject(path: str) -> bool:
    """Whether only a noun names inference: `defect-detection.ipynb` may as well train."""
    return type_by_name(path) is INFER and not set(name_words(path)) & _SAYS_INFERENCE


def names_inference(path: str) -> bool:
    """Whether a word of a name says that a model is applied: `custom_inference.py`."""
    return type_by_name(path) is INFER and not _APPLYING.isdisjoint(name_words(path))


def _turned_into(words: list[str]) -> str:
    """Return the word for what a conversion makes: `ckpt` of `convert_weights_to_ckpt_known`."""
    after = words[words.index("to") + 1 :]
    return next(iter(after), "") if _CONVERTING.intersection(words[: words.index("to")]) else ""


def _is_conversion(word: str) -> bool:
    """Whether a word names a conversion between model formats: `pytorch2onnx`, `onnx2trt`."""
    before, two, after = word.partition("2")
    return bool(two) and (after in FORMATS | _FRAMEWORKS or (before in FORMATS and bool(after)))


def turns_data(path: str) -> bool:
    """Whether a word of a name is a conversion of data: `video2images.py`."""
    return any(map(_turns_data, name_words(path)))


def _turns_data(word: str) -> bool:
    """Whether a word names a conversion of data: `train2coco`; no model's, nor its number."""
    before, _two, after = word.partition("2")
    is_of_data = bool({before, after} & _DATA_FORMATS)
    return is_of_data and before.isalpha() and after.isalpha() and word not in _NO_CONVERSIONS


def deciding_type(path: str) -> tuple[EntryPointType | None, int]:
    """Return the type decided by a word of a name, preferably the first, and its points."""
    words = _without_step(name_words(path))
    # The first verb counts first: `inference_with_pseudo_labels` infers.
    for word in words if not words or words[0] not in _WORK else ():
        if word in DECIDING_WORDS:
            return DECIDING_WORDS[word], DECIDING_POINTS
    if words and words[0] == "auto":
        words = words[1:]
    first = FIRST_WORDS.get(words[0]) if words else None
    if first is DATA and type_by_name(path) is QUANT:
        return None, 0  # `convert_to_onnx` converts a model
    return first, FIRST_WORD_POINTS


def decides_anywhere(path: str) -> bool:
    """Whether a word of a name decides wherever it is: `unet_pseudo.py`."""
    return not DECIDING_WORDS.keys().isdisjoint(name_words(path))


def plainly_named(path: str) -> EntryPointType | None:
    """Return the type of a name that names only the type, or names it as an action.

    `inference.py`, `train_fire.py` and `stream_infer.py` do; `detection_report` and
    `export_dataset` do not.
    """
    words = name_words(path)
    is_plain = len(words) == 1 and words[0] in _WORK
    if words and (words[0] in VERBS or is_plain or _only_applies(words)):
        return type_by_name(path)
    return None


def names_more(path: str) -> bool:
    """Whether a name has more words that tell something than a type and what it is for."""
    return len(_telling(name_words(path))) > _TYPE_AND_SUBJECT


def _only_applies(words: list[str]) -> bool:
    """Whether a name says no more than that a model is applied: `stream_infer`, `추론_영상`."""
    left = _telling(words)
    return bool(left) and _APPLYING.issuperset(left)


def _telling(words: list[str]) -> list[str]:
    """Return the words of a name without those that add nothing to the plain word."""
    numberless = [word.rstrip("0123456789") for word in words]
    left = [word for word in numberless if word and word not in _ADDED_WORDS]
    if _APPLYING.intersection(left):
        left = [word for word in left if word not in INPUT_WORDS]
    return left


def labels_data(path: str) -> bool:
    """Whether a name says that labels are made, also with a model's help: `auto_labeling.py`."""
    return bool(set(name_words(path)) & _LABELLING) or makes_labels(path) or collects(path)


def collects(path: str) -> bool:
    """Whether a name says that data are collected; `trash_collector.py` may be a robot."""
    words = name_words(path)
    return words[:1] == ["collect"] or (words[-1:] == ["collector"] and {*words[:-1]} <= _COLLECTED)


def makes_labels(path: str) -> bool:
    """Whether a name begins with making labels: `make_smaller_bboxes`, `convert_det_to_seg`."""
    words = _without_step(name_words(path))
    if words[:1] in (["extract"], ["extracting"]):
        return len(words) > 1 and _NOT_EXTRACTED.isdisjoint(words[1:])
    return bool(words) and words[0] in _MAKING and not _LABELS.isdisjoint(words[1:])


def exports_labels(path: str) -> bool:
    """Whether a name says that labels are exported, not a model: `export_coco_labels.py`."""
    words = name_words(path)
    is_of_model = bool((FORMATS | _MODEL_WORDS).intersection(words))
    return "export" in words and not _OF_LABELS.isdisjoint(words) and not is_of_model


def is_plain_word(path: str) -> bool:
    """Whether a name is only the plain word of a type: `infer.py`, `train2.py`, `infer_video`."""
    left = _telling(name_words(path))
    return len(left) == 1 and left[0] in _WORK | PLAIN_WORDS


def looks_after(path: str) -> bool:
    """Whether a name begins with an action on results, not with a model's: `plot_predictions`."""
    words = name_words(path)
    return bool(words) and words[0] in ASIDE_VERBS and not makes_predictions(path)


def makes_predictions(path: str) -> bool:
    """Whether a name says that a model's answers are made, kept or joined: `save_preds_slow.py`.

    `plot_predictions.py` only shows them.
    """
    words = name_words(path)
    if words and words[0].rstrip("0123456789") in _ADDED_WORDS:
        words = words[1:]  # `yolo_generate_predictions.py`
    return bool(words) and words[0] in _ANSWERING and not _PREDICTIONS.isdisjoint(words[1:3])


def saves_images(path: str) -> bool:
    """Whether a name says that pictures are kept: those of a model that runs elsewhere, if any."""
    words = name_words(path)
    return words[:1] == ["save"] and words[-1] in _KEPT_PICTURES


def checks_a_model(path: str) -> bool:
    """Whether a name says that a model is only checked: `verify_onnx`, `e5_sanity_check`.

    `check_helmet.py` looks for helmets.
    """
    words = _without_step(name_words(path))
    if "sanity" in words or "parity" in words:
        return True
    return words[:1] in _CHECKING and not (_MODEL_WORDS | _PARTS).isdisjoint(words[1:])


def type_of_function(name: str) -> EntryPointType | None:
    """Return the type that the name of a function suggests: `run_inference`, `do_train`."""
    words = name_words(f"{name}.py")
    if not words or words[0] in ASIDE_VERBS | _QUESTIONS:
        return None
    kind = next((_FUNCTION_WORDS[word] for word in words if word in _FUNCTION_WORDS), None)
    if kind is INFER and words[0] in {"detect", "track"} and words[-1] in _NOT_SEEN:
        return None
    if kind is TRAIN and _makes_for_training(words):
        return None
    if kind is QUANT and words[0] == "export" and not _SENT_TO.isdisjoint(words[1:]):
        return None
    return kind


def distance_of_name(kind: EntryPointType, path: str) -> int:
    """Return the distance of a name from a type: 0 for `train.py`, 1 for `main.py`, `tracking.py`.

    2 if it suggests no type or another one.
    """
    words = set(name_words(path))
    if type_by_name(path) is not kind or (kind is QUANT and _turns_weights(words)):
        return 1 if words & {"main", "run"} else 2
    return 0 if PLAIN_WORDS & words else 1


def _turns_weights(words: set[str]) -> bool:
    """Whether a name only speaks of weights turned from one framework's form into another's."""
    formats = {part for word in words for part in re.split("2", word)} & FORMATS
    exporting = next(listed for kind, listed in NAME_WORDS if kind is QUANT)
    return not formats and not words & exporting
