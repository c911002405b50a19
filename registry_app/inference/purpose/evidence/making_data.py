"""Recognise code that makes what is learned from, although a model helps: labels, crops, collages.

Such a script runs a model as inference does, and what it leaves behind is a set, not an answer.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Sequence

from registry_app.inference.code.source import NOTEBOOK, Source
from registry_app.inference.code.tree_index import called
from registry_app.inference.purpose.evidence.behaviour import MAX_PATH, WRITING
from registry_app.inference.purpose.evidence.telling_names import hides_people, records
from registry_app.inference.purpose.sign_tables import SEEING
from registry_app.inference.purpose.signs import dotted
from registry_app.inference.purpose.surroundings import (
    MODEL_LIBRARIES,
    PLAIN_OR_IMAGES,
    Surroundings,
)

# A box of an XML file of labels.
_BOX = frozenset({"bndbox", "xmin"})
_MAKING_ELEMENTS = frozenset({"SubElement", "createElement"})
# Records of TensorFlow that are read again, or looked at, are only a step.
_AFTER_RECORDS = frozenset({"TFRecordDataset", "predict", "fit"})
_SHAPES = frozenset({"segmentation", "bbox"})
# Calls that find faces, and the libraries that do no more.
_FINDING_FACES = frozenset({"face_locations", "face_landmarks", "get_frontal_face_detector"})
_OF_FACES = frozenset({"face_recognition", "dlib"})
_SAVING = frozenset({"imwrite", "save", "imsave"})
_LISTING = frozenset("glob rglob iglob listdir scandir walk iterdir list_images".split())
# What keeps the pictures of a camera, and what marks or sends what was found in them.
_KEEPING = frozenset({"imwrite", "VideoWriter"})
_FINDING = frozenset("rectangle polylines drawContours post predict detect infer".split())
_LABEL_COLUMNS = frozenset({"label", "labels", "class", "target"})
# So many columns are what something is learned from, and no box with its class.
_MANY_COLUMNS = 16
_OF_POINTS = ("_x", "_y", "_z", "_s", "_c", "_conf", "_score", "_v")
# Numbers of a model, kept as they are.
_KEEPING_NUMBERS = frozenset({"dump", "save", "savez", "savez_compressed"})
_NUMBERS = (".pkl", ".pickle", ".npy", ".npz", ".pt", ".h5")
_SEEN = frozenset({"VideoCapture", "imshow", "imwrite", "fit", "backward"})
# What looks at a picture, also without a library that is known.
_LOOKED_AT = (
    SEEING
    | _FINDING
    | frozenset(
        "forward setInput run track predict_proba evaluate absdiff inRange threshold Canny".split()
    )
)
# What shows, reads or counts what was found: then the crops are only a part of the answer.
_ANSWERING = frozenset(
    "VideoCapture imshow show waitKey rectangle putText text polylines circle drawContours plot"
    " annotate predict predict_proba classify readtext ocr image_to_string to_csv writerow dump"
    " dumps write add_patch post render".split()
)


def makes_data(source: Source, names: frozenset[str], around: Surroundings) -> bool:
    """Whether a script leaves behind what is learned from, whatever model helps it."""
    return (
        makes_a_set(source, names)
        or _writes_boxes(source, names)
        or ("TFRecordWriter" in names and names.isdisjoint(_AFTER_RECORDS))
        or _keeps_frames(source, names, around)
        or _rewrites_labels(source)
        or _pastes_on_faces(source, around)
        or _only_cuts_out(source, names, around)
        or _hides_people(source, names, around)
        or _only_records(source, around)
        or _ends_with_loader(source)
        or _writes_labelled_points(source, names)
        or _keeps_both_parts(source, names)
    )


def _hides_people(source: Source, names: frozenset[str], around: Surroundings) -> bool:
    """Whether a folder of pictures is anonymised, by name; a camera or a window shows answers."""
    is_live = around.called & {"VideoCapture", "imshow"}
    return hides_people(source.path) and bool(names & _LISTING) and not is_live


def _only_records(source: Source, around: Surroundings) -> bool:
    """Whether the pictures of a camera are kept, by name, and nothing looks at them."""
    looks = around.has_model or around.called & (SEEING | _FINDING)
    return records(source.path) and bool(around.called & _KEEPING) and not looks


def _keeps_frames(source: Source, names: frozenset[str], around: Surroundings) -> bool:
    """Whether pictures of a camera or a video are kept, and what could look at them is never used.

    A model's library may be left from another script: `import mediapipe as mp`.
    """
    if not {"VideoCapture", "imwrite"} <= names or around.called & _LOOKED_AT:
        return False
    brought = {
        (alias.asname or alias.name).partition(".")[0]: alias.name.partition(".")[0]
        for node in source.nodes(ast.Import)
        for alias in node.names
    }
    for node in source.nodes(ast.ImportFrom):
        top = "" if node.level else (node.module or "").partition(".")[0]
        brought |= {alias.asname or alias.name: top for alias in node.names}
    used = {node.id for node in source.nodes(ast.Name)} | {"*"}
    return all(top in PLAIN_OR_IMAGES for name, top in brought.items() if name in used)


def _ends_with_loader(source: Source) -> bool:
    """Whether a notebook ends where what is learned from can be loaded; nothing goes over it."""
    if source.tree is None or not source.path.lower().endswith(NOTEBOOK):
        return False
    match source.tree.body[-1:]:
        case [ast.Assign(value=ast.Call() as call)]:
            return called(call) == "DataLoader"
    return False


def _writes_labelled_points(source: Source, names: frozenset[str]) -> bool:
    """Whether a table of many numbers with their label is written: `Nose_x, Nose_y, ..., label`."""
    if "to_csv" not in names:
        return False
    columns = (
        [item.value for item in node.elts if isinstance(item, ast.Constant)]
        for node in source.nodes(ast.List)
        if len(node.elts) >= _MANY_COLUMNS
    )
    return any(_is_label(row) and _has_points(row) for row in columns)


def _is_label(columns: Sequence[object]) -> bool:
    return not _LABEL_COLUMNS.isdisjoint(str(name).lower() for name in columns[-1:])


def _has_points(columns: Sequence[object]) -> bool:
    """Whether most columns are coordinates: `LWrist_x`, `LWrist_y`."""
    ends = [str(name).lower().endswith(_OF_POINTS) for name in columns]
    return sum(ends) * 2 > len(ends)


def _keeps_both_parts(source: Source, names: frozenset[str]) -> bool:
    """Whether what a model says of the training set and of another is kept: `train_embs.pkl`."""
    if names & _SEEN or not names & _KEEPING_NUMBERS:
        return False
    written = [
        word.value.lower()
        for call in source.calls("open", *_KEEPING_NUMBERS)
        for word in call.args[:1]
        if isinstance(word, ast.Constant) and isinstance(word.value, str)
        and word.value.endswith(_NUMBERS) and _is_written(call)
    ]  # fmt: skip
    stems = [path.replace("\\", "/").rpartition("/")[2] for path in written]
    return any("train" in stem for stem in stems) and any(
        "test" in stem or "val" in stem for stem in stems
    )


def _is_written(call: ast.Call) -> bool:
    """Whether a call writes its file; what is opened for reading has another second argument."""
    if called(call) != "open":
        return True
    modes = [word.value for word in call.args[1:2] if isinstance(word, ast.Constant)]
    return any(str(mode).startswith("w") for mode in modes)


def makes_a_set(source: Source, names: frozenset[str]) -> bool:
    """Whether a script writes images and labels into the folders of a training set."""
    if not names & WRITING:
        return False
    paths = "/".join(text for text in _texts(source) if len(text) < MAX_PATH)
    parts = set(re.split(r"[/\\]+", paths.lower()))
    return {"images", "labels"} <= parts and bool(parts & {"train", "val"})


def _writes_boxes(source: Source, names: frozenset[str]) -> bool:
    """Whether labels are written as XML: `SubElement(box, "xmin")`."""
    if not names & _MAKING_ELEMENTS:
        return False
    elements = {
        word.value
        for call in source.calls(*_MAKING_ELEMENTS)
        for word in call.args
        if isinstance(word, ast.Constant)
    }
    return elements >= _BOX


def _rewrites_labels(source: Source) -> bool:
    """Whether COCO annotations are read, changed and written again, as with masks for boxes."""
    written = {dotted(call.args[0]) for call in source.calls("dump") if call.args} - {""}
    if not written:
        return False
    read = {
        dotted(target)
        for node in source.nodes(ast.Assign)
        if isinstance(node.value, ast.Call) and called(node.value) == "load"
        for target in node.targets
        if isinstance(target, ast.Name | ast.Attribute)
    }
    texts = set(_texts(source)) if written & read else set()
    return "annotations" in texts and bool(texts & _SHAPES)


def _pastes_on_faces(source: Source, around: Surroundings) -> bool:
    """Whether a picture is pasted where a face is, as masks are on faces; a camera shows a game."""
    return (
        bool(around.called & _FINDING_FACES)
        and "VideoCapture" not in around.called
        and around.libraries & MODEL_LIBRARIES <= _OF_FACES
        and any(len(call.args) > 1 for call in source.calls("paste"))
    )


def _only_cuts_out(source: Source, names: frozenset[str], around: Surroundings) -> bool:
    """Whether all that is left of a folder of pictures are parts cut out of them."""
    if not (names & _SAVING and names & _LISTING) or around.called & _ANSWERING:
        return False
    cut = {
        dotted(target)
        for node in source.nodes(ast.Assign)
        if _is_cut(node.value)
        for target in node.targets
    }
    return any(_is_cut(given) or dotted(given) in cut for given in _saved(source))


def _saved(source: Source) -> Iterator[ast.expr]:
    for call in source.calls(*_SAVING):
        if called(call) == "save" and isinstance(call.func, ast.Attribute):
            yield call.func.value
        yield from call.args[1:2]


def _is_cut(node: ast.expr) -> bool:
    """Whether an expression is a part of a picture: `image[top:bottom, left:right]`."""
    match node:
        case ast.Subscript(slice=ast.Tuple(elts=[ast.Slice() as rows, ast.Slice() as columns, *_])):
            bounds = (rows.lower, rows.upper, columns.lower, columns.upper)
            return any(bounds)  # `image[:, :, ::-1]` only turns the colours around
        case ast.Call(func=ast.Attribute(attr="crop")):
            return True
    return False


def _texts(source: Source) -> Iterator[str]:
    return (node.value for node in source.nodes(ast.Constant) if isinstance(node.value, str))
