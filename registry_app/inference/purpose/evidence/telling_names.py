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
)

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
# What is done with a camera before any picture of it is looked at.
_SETTING_UP = frozenset("profile discover ping configure reset reboot list scan find".split())
_TRYING_VALUES = frozenset({"sweep", "tune", "tuner", "tuning"})
_TRAINING = frozenset(
    "train training trainer finetune finetuning fit retrain hpo 학습 훈련".split()
)
# What an export may consist of besides models and labels.
_ANSWERS = frozenset(
    "example examples sample samples detection detections prediction predictions visual visuals"
    " visualization visualizations overlay overlays figure figures picture pictures screenshot"
    " screenshots crops clip clips landmark landmarks 예시 그림".split()
)


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
