"""Everyday names of calls that do the work in some libraries: `create`, `analyze`, `predict`."""

from __future__ import annotations

import ast

from registry_app.inference.purpose.script_names import INFER, TRAIN
from registry_app.inference.purpose.surroundings import Surroundings
from registry_app.kinds import EntryPointType

# Libraries that learn by a call of their own.
_MAKERS = frozenset({"tflite_model_maker", "mediapipe_model_maker", "turicreate"})
_NETWORKS_OF_OPENCV = frozenset({"FaceDetectorYN", "FaceRecognizerSF"})
# Libraries that unpickle what scikit-learn trained.
_UNPICKLING = frozenset({"joblib", "pickle", "dill", "cloudpickle"})
# Functions of DeepFace, each of which runs a model on the pictures that it gets.
DEEPFACE = ("analyze", "verify", "represent", "extract_faces", "find", "stream")
_Found = tuple[EntryPointType, int] | None


def created(call: ast.Call, around: Surroundings) -> _Found:
    """Return that a maker of models trains: `image_classifier.create(train_data)`.

    OpenCV makes a network from its file: `cv2.FaceDetectorYN.create(path)`.
    """
    match call.func:
        case ast.Attribute(value=ast.Attribute(attr=name)) if name in _NETWORKS_OF_OPENCV:
            return INFER, 3
    return (TRAIN, 3) if around.libraries & _MAKERS else None


def of_deepface(call: ast.Call, around: Surroundings) -> _Found:
    match call.func:
        case ast.Attribute(value=ast.Name(id="DeepFace")):
            return INFER, 3
    return None


def answers(call: ast.Call, around: Surroundings) -> bool:
    """Whether `predict` is that of a trained model: it was loaded, and nothing learns here."""
    is_loaded = "load_model" in around.called or (
        "load" in around.called and bool(around.libraries & _UNPICKLING)
    )
    is_asked = bool(call.args) and "fit" not in around.called  # a filter predicts without
    return around.has_model or (is_loaded and is_asked)
