"""Find classes in the names of two folders, one of which is without what the other has.

mkdir -p data/mask data/without_mask       cv2.imread("data/with_mask/1.jpg")

Readers of such folders number the classes in the order of the alphabet.
"""

from __future__ import annotations

import itertools
import re

from registry_app.inference.code.source import Source
from registry_app.inference.task.class_constants import ConstantNames

_WITHOUT = re.compile(
    r"(?<=[/\\])((?:without|no|non|not)[_-])([a-z]{3,30})(?![\w.-])", re.IGNORECASE
)
# Names of values, not of folders: `"model/params/non_trainable"` beside `"model/params/trainable"`.
_OF_VALUES = re.compile(
    r"trainable|params?|grad|loss|zero|null|none|empty|max|min|root", re.IGNORECASE
)
# Few scripts have any of these; searching for texts is faster than for a pattern.
_SIGNS = ("/no", "\\no", "/without", "\\without")
_WEIGHT = 2
_MOST = 20  # folders that are looked at


def named_folders(source: Source) -> tuple[ConstantNames, ...]:
    """Return the names of a folder with something and of one without, as a script names them."""
    text = source.text
    folded = text.lower()
    if not any(sign in folded for sign in _SIGNS):
        return ()
    for found in itertools.islice(_WITHOUT.finditer(text), _MOST):
        beside = re.search(
            rf"(?<=[/\\])(?:with{found[1][-1]})?{found[2]}(?![\w.-])", text, re.IGNORECASE
        )
        if beside and not _OF_VALUES.fullmatch(found[2]):
            names = tuple(sorted((beside[0], found[0])))
            line = text.count("\n", 0, found.start()) + 1
            return (ConstantNames(names=names, line=line, constant="", weight=_WEIGHT),)
    return ()
