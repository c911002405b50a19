"""What a script that Python cannot parse is for: its name, and calls in its text.

Python 2, a missing bracket, newer syntax: the file is still what its author starts. Text says less
than a tree, so nothing here is more than unsure.
"""

from __future__ import annotations

import re
from collections import Counter

from registry_app.inference.code.source import Source
from registry_app.inference.purpose.script_names import (
    DATA,
    EVAL,
    INFER,
    QUANT,
    TRAIN,
    makes_labels,
    names_vaguely,
    type_by_name,
)
from registry_app.inference.purpose.sign_tables import CALLS, OF_LIBRARIES
from registry_app.kinds import EntryPointType

_CALLED = re.compile(r"(?<![\w])(?:def\s+)?(?:\w+\.)*(\w+)\s*\(")
_DEFINED = re.compile(r"^[ \t]*(?:def|class)\s+(\w+)", re.MULTILINE)
_TELLING: dict[str, tuple[EntryPointType, int]] = {
    "backward": (TRAIN, 4),
    "fit": (TRAIN, 3),
    "train": (TRAIN, 2),
    "predict": (INFER, 2),
    "track": (INFER, 2),
    "VideoCapture": (INFER, 2),
    "export": (QUANT, 2),
    "quantize": (QUANT, 3),
    "val": (EVAL, 2),
    "train_test_split": (DATA, 1),
}
# A line at the left margin that does something: Python 2 needs no guard either.
_WORKS = re.compile(
    r"^(?:(?:print|for|while|with)\b|[\w.\[\]\"']+\s*=\s*[\w.]+\(|[A-Za-z_][\w.]*\()",
    re.MULTILINE,
)
NAME_POINTS = 2
ENOUGH = 2


def starts_work(source: Source) -> bool:
    """Whether a text that cannot be parsed does something when it is started."""
    return "__main__" in source.text or _WORKS.search(source.text) is not None


def types_of_text(source: Source) -> tuple[str, ...]:
    """Return the type that name and text suggest, empty if neither does."""
    points: Counter[EntryPointType] = Counter()
    defined = set(_DEFINED.findall(source.text))
    for name in set(_CALLED.findall(source.text)) - defined:
        kind, count = _TELLING.get(name) or CALLS.get(name) or (None, 0)
        libraries = OF_LIBRARIES.get(name, frozenset())
        if kind is not None and (not libraries or any(word in source.text for word in libraries)):
            points[kind] += count
    named = type_by_name(source.path)
    if named in {None, INFER} and makes_labels(source.path):
        named = DATA
    if named is not None:
        # `model_comparison.py` fits each of what it compares.
        measures = named is EVAL and not names_vaguely(source.path)
        points[named] += NAME_POINTS + measures
    order = list(EntryPointType)
    ranked = sorted(points, key=lambda k: (-points[k], k is not named, order.index(k)))
    best = next(iter(ranked), None)
    return (str(best),) if best is not None and points[best] >= ENOUGH else ()
