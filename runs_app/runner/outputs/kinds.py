"""Kinds of files that runs make, in the order in which they are saved, and sets of them.

A model is often a set of files that cannot be loaded without each other.
"""

from __future__ import annotations

import posixpath
import re
from collections import defaultdict
from collections.abc import Iterable
from enum import IntEnum
from fnmatch import translate

# By the tool that writes them; the names are `fnmatch` patterns in lower case.
WEIGHTS: dict[str, tuple[str, ...]] = {
    "PyTorch": ("*.pt", "*.pth", "*.ptl", "*.pte", "*.torchscript", "*.ckpt", "*.pkl", "*.pickle"),
    "Hugging Face": ("*.safetensors", "*.bin", "*.msgpack", "*.gguf", "*.ggml"),
    "TensorFlow and Keras": (
        *("*.pb", "*.pbtxt", "*.h5", "*.hdf5", "*.keras", "*.tflite", "*.data-0*-of-0*", "*.index"),
        "checkpoint",
    ),
    "PaddlePaddle": ("*.pdparams", "*.pdopt", "*.pdmodel", "*.pdiparams*", "*.pdstates"),
    "ONNX": ("*.onnx", "*.onnx.data", "*.onnx_data", "*.ort"),
    "OpenVINO": ("*.xml", "*.bin", "*.blob"),
    "TensorRT": ("*.engine", "*.trt", "*.plan", "*.calib"),
    "Darknet and Caffe": ("*.weights", "*.cfg", "*.names", "*.caffemodel", "*.prototxt"),
    "scikit-learn and trees": ("*.joblib", "*.model", "*.ubj", "*.cbm", "*.bst", "*.lgb"),
    "Core ML": ("*.mlmodel", "*.mlpackage/*", "*.mlmodelc/*"),
    "MXNet": ("*.params",),
    "chips": (
        *("*.param", "*.mnn", "*.rknn", "*.hef", "*.har", "*.om", "*.dlc", "*.nef", "*.kmodel"),
        *("*.axmodel", "*.xmodel", "*.cvimodel", "*.bmodel", "*.hbm", "*.tmfile"),
    ),
}
TABLES = ("*.csv", "*.tsv", "*.json", "*.jsonl", "*.ndjson", "*.xlsx", "*.csv.gz", "*.json.gz")
SETTINGS = ("*.yaml", "*.yml", "*.toml", "*.ini", "*.args")
TEXTS = ("*.txt", "*.md", "*.rst", "*.html", "*.pdf", "*.log", "*.log.[0-9]*", "*.ipynb")
CURVES = ("events.out.tfevents.*",)
# Also names of files without weights: they count as such only in a set.
_AMBIGUOUS = frozenset({"*.xml", "*.cfg", "*.names", "*.pbtxt", "*.prototxt", "*.index"})


class Rank(IntEnum):
    """What is saved first within the limit."""

    WEIGHTS = 0
    TABLES = 1
    TEXTS = 2
    OTHER = 3


# The suffix of the file that names a set; the suffixes that replace or follow it in the others.
_SETS: dict[str, tuple[str, ...]] = {
    ".onnx": (".onnx.data", ".onnx_data", ".data"),
    ".xml": (".bin", ".mapping"),
    ".pdmodel": (".pdiparams", ".pdiparams.info"),
    ".param": (".bin",),
    ".prototxt": (".caffemodel",),
    ".cfg": (".weights",),
    ".index": (".data-00000-of-00001", ".meta"),
    ".gguf": (),
}
# Next to a model in a folder of its own, with its classes and its image size.
_NOTES = ("metadata.yaml", "metadata.yml")


def sets_of(paths: Iterable[str]) -> list[frozenset[str]]:
    """Return the sets among `paths`, each of at least two files of one folder."""
    here = frozenset(paths)
    folders: dict[str, list[str]] = defaultdict(list)
    found: list[set[str]] = []
    for path in sorted(here):
        stem, suffix = posixpath.splitext(path)
        others = {stem + end for end in _SETS.get(suffix.lower(), ())} & here
        if others:
            found.append({path, *others})
            folders[posixpath.dirname(path)].append(path)
    for members in found:
        folder = posixpath.dirname(min(members))
        if len(folders[folder]) == 1:
            members.update({posixpath.join(folder, name) for name in _NOTES} & here)
    return [frozenset(members) for members in found]


def rank_of(path: str, *, in_set: bool = False) -> Rank:
    """Return in which place a file is saved; one of a set counts as weights."""
    name = path.rpartition("/")[2].lower()
    if in_set:
        return Rank.WEIGHTS
    return next((rank for rank, names in _RANKS if names.match(name)), Rank.OTHER)


def _one_of(patterns: Iterable[str]) -> re.Pattern[str]:
    return re.compile("|".join(map(translate, patterns)), re.DOTALL)


_RANKS = (
    (
        Rank.WEIGHTS,
        _one_of(
            pattern
            for patterns in WEIGHTS.values()
            for pattern in patterns
            if pattern not in _AMBIGUOUS
        ),
    ),
    (Rank.TABLES, _one_of((*TABLES, *CURVES))),
    (Rank.TEXTS, _one_of((*TEXTS, *SETTINGS))),
)
