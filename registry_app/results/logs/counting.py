"""Whether a named number of a line is a value of a result."""

from __future__ import annotations

import re

from registry_app.messages import Message
from registry_app.results import reasons
from registry_app.results.logs.axes import Axis
from registry_app.results.logs.limits import is_condition, is_count, is_earlier, is_list_or_formula
from registry_app.results.logs.names import Name, is_value_name
from registry_app.results.logs.tokens import Tokens
from registry_app.results.spelling import key_of, words_of
from registry_app.results.words import CURVE_SETTINGS, is_metric, is_never, is_setting

# No unit but the next name is the `fps` of `reward=1.5 fps=30`.
_UNIT = re.compile(
    r"\s?(%|[a-zA-Zµ]+(?:/[a-zA-Z]+)?(?!\w|\s?=|\s?:\s?$)|/(?:s|sec|step|it|batch)\b)"
)
_TIMES = frozenset("s ms us µs ns sec secs second seconds min mins minute minutes h hr hrs".split())
_BYTES = frozenset("b k kb kib m mb mib g gb gib t tb tib bytes byte kbytes mbytes gbytes".split())
_RATES = re.compile(
    r"(?i)^(?:it|samples?|images?|imgs?|tokens?|mb|kb|gb|steps?|examples?)/s(?:ec)?$|^/"
)
_SEGMENT_END = re.compile(
    r"\s*(?:%|[a-zA-Zµ]{1,4}(?![\w]))?\s*(?:$|[,|;()\[\]│┃/<>≤≥→]|\s{2,}|\sper\s|-\s|->)"
)
_SIZE_OF = re.compile(
    r"(?i)\b(?:model|engine|weights?|onnx|openvino|tensorrt|trt|checkpoint|quantized|int8|fp16"
    r"|fp32|compressed|pruned|original|best|export(?:ed)?)\b"
)
_DATA_SIZE = re.compile(
    r"(?i)\b(?:batch|image|img|input|file|disk|download|installed|total|cache)\b"
)
# Before a metric's name: the number is not a result.
_QUALIFIED = frozenset("camera video packet source input stream display download".split())
# Numbers without a point that are settings of the same name: 16 bits.
_WHOLE_IS_NONE = frozenset({"precision"})


def is_set(name: Name, axis: Axis | None) -> bool:
    if name.is_option:
        return True
    if not is_setting(name.text):
        return False
    return axis is None or key_of(name.text) not in CURVE_SETTINGS


def is_of_settings(
    settings: int, metrics: int, axis: Axis | None, *, is_sure: bool = False
) -> bool:
    """Return whether a line is of settings: with an axis if two names are, else if most are.

    `is_sure`: it has a word that occurs only in settings.
    """
    if axis is None:
        return settings > metrics or (is_sure and settings >= metrics)
    return settings >= 2 or (settings == 1 and not metrics)


def counts(tokens: Tokens, axis: Axis | None, name: Name, place: int) -> bool:
    """Return whether a named number is a value of a result."""
    if is_set(name, axis) or is_never(name.text) or _is_location(tokens, name, place):
        return False
    if is_count(tokens, name, place) or is_earlier(tokens, place):
        return False
    if is_condition(tokens, name, place) or is_list_or_formula(tokens, place):
        return False
    unit = unit_of(tokens, place)
    if not is_metric(name.text):
        is_bad_unit = unit in _TIMES or unit in _BYTES or bool(_RATES.match(unit))
        is_named = name.has_sign or is_value_name(name.text)
        return axis is not None and is_named and not is_bad_unit
    if "size" in words_of(name.text).split():
        return _is_size(name.text, unit)
    return axis is not None or _counts_alone(tokens, name, place, unit)


def why_not(tokens: Tokens, name: Name, place: int, limits: frozenset[int]) -> Message | None:
    """Return why a number under the name of a metric is not taken; None if it is no such number."""
    if not is_metric(name.text) or is_never(name.text):
        return None
    if place in limits or is_earlier(tokens, place) or is_condition(tokens, name, place):
        return reasons.LIMIT()
    if is_count(tokens, name, place):
        return reasons.NEVER()
    return reasons.SEVERAL() if is_list_or_formula(tokens, place) else None


def _counts_alone(tokens: Tokens, name: Name, place: int, unit: str) -> bool:
    """Return whether a number under the name of a metric counts without an axis."""
    is_whole = tokens.numbers[place].isdigit() and unit != "%"
    if is_whole and key_of(name.text).split("_")[-1] in _WHOLE_IS_NONE:
        return False
    if _QUALIFIED & {word.lower() for word in name.more}:
        return False
    if name.is_in_cell:
        return len(tokens.numbers) == 1
    return name.has_sign or (name.begins and _ends_segment(tokens, place))


def _ends_segment(tokens: Tokens, place: int) -> bool:
    """Return whether nothing belongs to a number but its unit: punctuation follows, or a name."""
    behind = tokens.texts[place + 1]
    if _SEGMENT_END.match(behind):
        return True
    return place + 1 < len(tokens.numbers) and is_metric(behind.strip(" :="))


def _is_location(tokens: Tokens, name: Name, place: int) -> bool:
    """Return whether a number is a line number: `train.py:42`, `main:train:42`."""
    before = tokens.texts[place]
    is_glued = before.endswith(":") and tokens.numbers[place].isdigit()
    return is_glued and ("." in name.text or before.count(":", -len(name.text) - 2) > 1)


def _is_size(name: str, unit: str) -> bool:
    """Return whether a size is that of a model: in bytes, and not of loaded or given data."""
    has_unit = unit in _BYTES or bool(re.search(r"(?i)[\W_](?:[kmg]i?b|bytes)\b", name))
    words = words_of(name)
    if not has_unit or _DATA_SIZE.search(words):
        return False
    return bool(_SIZE_OF.search(words)) or words.startswith("size")


def unit_of(tokens: Tokens, place: int) -> str:
    match = _UNIT.match(tokens.texts[place + 1])
    return match[1].lower() if match else ""


def is_believed(tokens: Tokens, axis: Axis, items: list[tuple[Name, int]], metrics: int) -> bool:
    """Return whether the values on a line with an axis count.

    With an epoch or a metric they do; with a named step, also if all have a decimal point.
    """
    if axis.epoch >= 0 or metrics:
        return True
    if axis.is_weak:
        return False
    return bool(items) and not any(tokens.numbers[place].isdigit() for _name, place in items)
