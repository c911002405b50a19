"""The classes that plain data states about a package, compared with those of the registry.

Only texts are read: `metadata.yaml` of an export, the metadata of an ONNX file, and the data file
of the evaluation. Weights of PyTorch are pickles, which can run code, and are never opened.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import BinaryIO

from registry_app.inference.task.class_files import names_in_yaml
from registry_app.inference.task.class_lists import names_in_json, names_in_list
from runs_app.promotion import onnx

MAX_TEXT_BYTES = 2**20
BACKGROUND = frozenset({"background", "__background__", "_background_", "bg", "배경"})


@dataclass(frozen=True, kw_only=True)
class Stated:
    """The classes that a file states, in its order."""

    source: str
    names: tuple[str, ...]


def stated_by(name: str, file: BinaryIO) -> Stated | None:
    """Return the classes that a file states; None if it is of another kind, or states none."""
    suffix = PurePosixPath(name).suffix.lower()
    if suffix == ".onnx":
        names = onnx.class_names(onnx.metadata_of(file))
    elif suffix in {".yaml", ".yml"}:
        found = names_in_yaml(_text(file))
        names = found[0] if found else ()
    elif suffix == ".json":
        names = names_in_json(_text(file))
    elif suffix == ".names":
        names = names_in_list(_text(file))
    else:
        return None
    return Stated(source=name, names=names) if names else None


def is_same(registered: Sequence[str], stated: Sequence[str]) -> bool:
    """Whether two lists name the same classes in the same order, without a background class."""
    return _compared(registered) == _compared(stated)


def _compared(names: Sequence[str]) -> list[str]:
    folded = [" ".join(str(name).split()).casefold() for name in names]
    return [name for name in folded if name not in BACKGROUND]


def _text(file: BinaryIO) -> str:
    return file.read(MAX_TEXT_BYTES).decode("utf-8", "replace")
