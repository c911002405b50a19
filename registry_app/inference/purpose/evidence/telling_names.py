"""Phrases of names that tell what a script makes, whatever model helps it."""

from __future__ import annotations

import itertools
import re
from pathlib import PurePosixPath

from registry_app.inference.purpose.script_names import (
    FORMATS,
    INPUT_WORDS,
    makes_labels,
    name_words,
    type_by_name,
)
from registry_app.kinds import EntryPointType

_LABELLING = frozenset("label labels labeling labelling annotate annotation annotator".split())
_AUTOMATIC = frozenset(
    "autolabel autolabels autolabeling autolabelling autolabeler autolabeller autoannotate"
    " autoannotation".split()
)
_CONVERTING = frozenset("convert converter converters conversion conversions".split())
_SETS = frozenset("dataset datasets data annotation annotations label labels".split())
# Looking for the best of several values, and what is looked for behind a trained model.
_SEARCHING = frozenset("search sweep tune tuning optimize optimise grid".split())
_CHOOSING = _SEARCHING | frozenset("choose find select best calibrate".split())
_THRESHOLDS = frozenset("thre thres thresh threshold thresholds".split())
_BEHIND = _THRESHOLDS | frozenset("postprocess postprocessing fusion ensemble nms".split())
# What is done with a camera before any image of it is read.
_SETTING_UP = frozenset("profile discover ping configure reset reboot list scan find".split())
# What a model's scores become by calibration, which is no work on its weights.
_LIKELIHOODS = frozenset(
    "probability probabilities confidence confidences score scores temperature platt isotonic"
    " uncertainty 확률".split()
)
_CALIBRATING = frozenset("calibrate calibrator calibration recalibrate calibrated scaling".split())
_TRUTH = frozenset("label labels gt groundtruth annotation annotations mask masks".split())
# Pictures without labels, and answers that are sent to those who have them.
_UNKNOWN = frozenset("unlabeled unlabelled nolabel nolabels upload".split())
_MEASURING_AT_LAST = (["eval"], ["evaluate"], ["evaluation"], ["benchmark"], ["metrics"])
_FOLDS = frozenset("crossval crossvalidation crossvalidate kfold kfolds".split())
# The first words of names for looking at something that does not work, and at what is learned from.
_LOOKING_INTO = frozenset(
    "debug diagnose check inspect verify validate explore analyze audit".split()
)
_LEARNED_FROM = _SETS | frozenset("datasets dataloader loader dataloaders loaders".split())
_DESCRIBING = frozenset("stats statistics statistic eda exploration exploratory 통계".split())
_DRAWING = (["generate"], ["make"], ["create"], ["render"], ["draw"])
_DRAWN = frozenset("image images picture pictures chart charts plot plots figure figures".split())
# Making people and plates in pictures unrecognisable, before others get these.
_HIDING = frozenset(
    "deid deidentify deidentification anonymize anonymizer anonymise anonymiser anonymization"
    " anonymisation blur blurring pixelate redact censor mosaic 비식별 비식별화 블러"
    " 모자이크".split()
)
_SEARCHED = frozenset("detect detection detector estimate estimation assess score".split())
_TRYING_VALUES = frozenset({"sweep", "tune", "tuner", "tuning"})
_TRAINING = frozenset(
    "train training trainer finetune finetuning fit retrain hpo 학습 훈련".split()
)
# Words of names for programs that pass pictures on as they are.
_PASSING_ON = INPUT_WORDS | frozenset(
    "hls rtmp webrtc srt udp mjpeg server sender restream restreamer push publish record recorder"
    " to and from gst gstreamer ffmpeg usb csi file node nodes publisher pub ros ros2"
    " driver".split()
)
_RECORDING = frozenset(
    "record recorder recording recordings capture capturing grab grabber snapshot snapshots"
    " 녹화 촬영".split()
)
# Moving weights between places where they are kept.
_KEPT_ELSEWHERE = frozenset("sync synchronize upload uploader push pull publish registry".split())
PREPARING = frozenset("preprocess preprocessing prepare preparing preproc".split())
# What follows these words is how something is made.
_BY_MEANS_OF = frozenset({"with", "using", "by", "via"})
_NO_THINGS = INPUT_WORDS | {"main", "run", "app", "script", "start", "test", "demo"}
_CURVES = frozenset("iou pr roc froc det f1 precision recall auc map accuracy".split())
_COMPUTING = frozenset("compute calculate calc generate".split())
_OF_MODELS_ANSWER = frozenset("anomaly anomalies risk image".split())
# What an export may consist of besides models and labels.
_ANSWERS = frozenset(
    "example examples sample samples detection detections prediction predictions visual visuals"
    " visualization visualizations overlay overlays figure figures picture pictures screenshot"
    " screenshots crops clip clips landmark landmarks 예시 그림".split()
)


def has_no_truth(path: str) -> bool:
    """Whether a name says that nothing is there to compare with: `test_no_label`, `test_upload`."""
    words = name_words(path)
    pairs = itertools.pairwise(words)
    is_without = any(first in {"no", "without"} and second in _TRUTH for first, second in pairs)
    return is_without or not _UNKNOWN.isdisjoint(words)


def boasts(path: str) -> bool:
    """Whether a name says how well something is learned: `Traffic Signs with 98% Accuracy`."""
    pairs = itertools.pairwise(name_words(path))
    return any(first.isdigit() and second in {"accuracy", "acc"} for first, second in pairs)


def ends_with_measuring(path: str) -> bool:
    """Whether the last word of a name measures what the first ones name: `detect_eval.py`."""
    return name_words(path)[-1:] in _MEASURING_AT_LAST


def makes_data_by_name(path: str) -> bool:
    """Whether a name says that data are made, also with a model's help."""
    return makes_labels(path) or _labels_by_itself(path) or _is_converter(path)


def _labels_by_itself(path: str) -> bool:
    """Whether a name says that labels are made without people: `autolabel`, `auto_annotate`."""
    words = name_words(path)
    return not _AUTOMATIC.isdisjoint(words) or any(
        first == "auto" and second in _LABELLING for first, second in itertools.pairwise(words)
    )


def _is_converter(path: str) -> bool:
    """Whether a script is in a folder of converters of data sets: `convert_datasets/drive.py`."""
    folder = PurePosixPath(path).parent.name.lower()
    words = frozenset(re.split(r"[\W_]+", folder))
    return not (_CONVERTING.isdisjoint(words) or _SETS.isdisjoint(words))


def searches_thresholds(path: str) -> bool:
    """Whether a name says that what follows a model is adjusted: `choose_threshold.py`."""
    words = frozenset(name_words(path))
    return bool(
        (words & _SEARCHING and words & _BEHIND) or (words & _CHOOSING and words & _THRESHOLDS)
    )


def calibrates_scores(path: str) -> bool:
    """Whether a name says that scores become probabilities: `calibrate_probabilities.py`."""
    words = frozenset(name_words(path))
    return bool(words & _CALIBRATING and words & _LIKELIHOODS)


def cross_validates(path: str) -> bool:
    """Whether a name speaks of folds, for each of which a model is trained and measured."""
    words = name_words(path)
    is_pair = any(first == "cross" and second.startswith("val")
                  for first, second in itertools.pairwise(words))  # fmt: skip
    is_pair = is_pair or ("fold" in words and "k" in words)
    return is_pair or not _FOLDS.isdisjoint(words)


def looks_into_data(path: str) -> bool:
    """Whether a name says that what is learned from is looked into: `debug_dataset.py`."""
    words = name_words(path)
    return bool(words) and words[0] in _LOOKING_INTO and not _LEARNED_FROM.isdisjoint(words[1:])


def looks_at_numbers(path: str) -> bool:
    """Whether a name says that data are described by numbers: `violence_stats.ipynb`, `EDA.py`."""
    return not _DESCRIBING.isdisjoint(name_words(path))


def makes_pictures(path: str) -> bool:
    """Whether a name says that pictures are drawn from something: `generate_chart_images.py`."""
    words = name_words(path)
    return words[:1] in _DRAWING and not _DRAWN.isdisjoint(words[-1:])


def is_plain_recorder(path: str) -> bool:
    """As `records`, but only by the first word or the last: `record_field_test.py`."""
    words = name_words(path)
    return words[:1] == ["record"] or words[-1:] == ["recorder"]


def diagnoses(path: str) -> bool:
    """Whether a name says that it is found out why a model fails: `diagnose_recall.py`."""
    return not {"diagnose", "diagnoses", "diagnostics"}.isdisjoint(name_words(path))


def hides_people(path: str) -> bool:
    """Whether a name says that pictures are anonymised; `blur_detection.py` looks for blur."""
    words = frozenset(name_words(path))
    return not words.isdisjoint(_HIDING) and words.isdisjoint(_SEARCHED)


def audits(path: str) -> bool:
    """Whether a name says that data or answers are gone through: `audit_neardup.py`."""
    return not {"audit", "audits", "auditing"}.isdisjoint(name_words(path))


def looks_for_anchors(path: str) -> bool:
    """Whether a name speaks of the sizes of boxes that a detector begins with: `gen_anchors.py`."""
    words = frozenset(name_words(path))
    return not words.isdisjoint({"anchor", "anchors"}) and words.isdisjoint(_TRAINING)


def only_varies(path: str) -> bool:
    """Whether a name speaks of trying values, and of no training: `score_gate_sweep.py`."""
    words = frozenset(name_words(path))
    return bool(words & _TRYING_VALUES) and not words & _TRAINING


def exports_answers(path: str) -> bool:
    """Whether a name says that a model's answers are exported: `export_demo_examples.py`."""
    words = frozenset(name_words(path))
    is_of_model = words & (FORMATS | {"model", "models", "weights", "checkpoint"})
    return bool(words & {"export", "exporter"} and words & _ANSWERS) and not is_of_model


def sets_up_cameras(path: str) -> bool:
    """Whether a name says that cameras are looked after: `profile_camera.py`, `list_cameras.py`."""
    words = name_words(path)
    return (
        words[:1] != words
        and bool(words)
        and words[0] in _SETTING_UP
        and ({word.removesuffix("s") for word in words[1:]} <= INPUT_WORDS)
    )


def only_passes_on(path: str) -> bool:
    """Whether a name speaks of streams alone: `rtsp_stream.py`, `stream-to-rtmp-server.py`."""
    words = frozenset(name_words(path))
    return bool(words) and words <= _PASSING_ON


def records(path: str) -> bool:
    """Whether a name says that what a camera sees is kept: `RECORD.py`, `camera_recorder.py`."""
    return not _RECORDING.isdisjoint(name_words(path))


def keeps_elsewhere(path: str) -> bool:
    """Whether a name says that models are moved to where they are kept: `drive_model_sync.py`."""
    return not _KEPT_ELSEWHERE.isdisjoint(name_words(path))


def prepares(path: str) -> bool:
    """Whether a name begins with preparing what is learned from: `preprocess_resize.py`."""
    return not PREPARING.isdisjoint(name_words(path)[:1])


def analyses_sensitivity(path: str) -> bool:
    """Whether a name says that it is measured which layers a model needs: `sensitivity.py`."""
    words = frozenset(name_words(path))
    return "sensitivity" in words and words.isdisjoint(_TRAINING)


def processes_pictures(path: str) -> bool:
    """Whether a name says no more than that pictures are processed: `process_video.py`."""
    words = name_words(path)
    return words[:1] == ["process"] and len(words) > 1 and INPUT_WORDS.issuperset(words[1:])


def distills(path: str) -> bool:
    """Whether a name says that a small network learns from a large one: `distill.py`."""
    return not {"distill", "distillation", "distilling"}.isdisjoint(name_words(path))


def makes_scores(path: str) -> bool:
    """Whether a name speaks of a curve of scores, or of computing them: `iou_curve.py`."""
    words = name_words(path)
    is_curve = any(
        first in _CURVES and second in {"curve", "curves"}
        for first, second in itertools.pairwise(words)
    )
    is_computed = words[:1] != words and words[-1:] == ["scores"] and words[0] in _COMPUTING
    return is_curve or (is_computed and _OF_MODELS_ANSWER.isdisjoint(words))


def teaches_on(path: str) -> bool:
    """Whether a name is that of a tutorial of something: `VGG16_Tutorial.ipynb`."""
    words = name_words(path)
    return "tutorial" in words and len(words) > 1


def tells_how(path: str) -> bool:
    """Whether inference is only how a thing is made, by name: `volumes_with_tracking_of_boxes`.

    `video_with_tracking.py` shows a video, and `main_with_detection.py` names nothing else.
    """
    words = name_words(path)
    number = next((number for number, word in enumerate(words) if word in _BY_MEANS_OF), 0)
    before = words[:number]
    is_thing = not _NO_THINGS.issuperset(before) and type_by_name(f"{'_'.join(before)}.py") is None
    return is_thing and type_by_name(path) is EntryPointType.INFER
