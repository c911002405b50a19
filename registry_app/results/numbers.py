"""Parse numbers as writers spell them: in table cells and after names in a log."""

from __future__ import annotations

import math
import re

_NOT_A_NUMBER = re.compile(r"(?i)[-+]?(?:nan(?:\(ind\))?|1\.#(?:qnan|ind)\d*)")
_INFINITE = re.compile(r"(?i)([-+]?)(?:inf(?:inity)?|1\.#inf\d*|∞)")
# What may follow the number in a cell; the column name says what it counts.
UNIT = r"(?:%|‰|ms|msec|us|µs|s|sec|secs|seconds?|min|h|fps|FPS|it/s|[KMG]i?[Bb]?|[Bb]ytes|px|dB)"
PLAIN_NUMBER = r"(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][-+]?\d+)?"
_CELL = re.compile(rf"([-+−]?{PLAIN_NUMBER})\s*{UNIT}?")
_THOUSANDS = re.compile(r"[-+]?[1-9]\d{0,2}(?:,\d{3})+(?:\.\d+)?")
_POINTS_AND_COMMA = re.compile(r"[-+]?[1-9]\d{0,2}(?:\.\d{3})+,\d+")
_DECIMAL_COMMA = re.compile(rf"([-+−]?\d*,\d+(?:[eE][-+]?\d+)?)\s*{UNIT}?")
# A tensor or NumPy scalar that was written without `.item()`.
_WRAPPED = re.compile(
    r"(?:tensor|np\.float\d*|np\.int\d*|array|numpy\.float\d*)"
    r"\(\s*+\[?\s*+([^,\])\s][^,\])]*+)\]?[^)]*+\)"
)
_DIGITS = re.compile(r"[-+−]?[\d,]+(?:\.\d*)?(?:[eE][-+]?\d+)?")
# How many digits of a number a log may keep, and how close equal numbers are.
_KEPT_DIGITS = 9
_RELATIVE = 1e-6
# Text with more digits than this is not a number.
MAX_CHARACTERS = 400


def number_of(cell: str, *, decimal_comma: bool = False) -> float | None:
    """Return the number in a cell, including NaN and infinities; None for any other text.

    Percent signs and units are dropped: `95.2 %` is 95.2. An integer too large for a float is None.
    `0,5` is a half; `1,234` is a thousand and more, unless it has a `decimal_comma`.
    """
    text = cell.strip().strip("'\"").strip()
    if not text or len(text) > MAX_CHARACTERS:
        return None
    if text[-1] == ")" and (wrapped := _WRAPPED.fullmatch(text)):
        text = wrapped[1].strip()
    if found := _CELL.fullmatch(text):
        return _float(found[1])
    if "," in text:
        if not decimal_comma and _THOUSANDS.fullmatch(text):
            return _float(text.replace(",", ""))
        if _POINTS_AND_COMMA.fullmatch(text):
            return _float(text.replace(".", "").replace(",", "."))
        found = _DECIMAL_COMMA.fullmatch(text)
        return _float(found[1].replace(",", ".")) if found else None
    return word_of_number(text)


def word_of_number(text: str) -> float | None:
    """Return the number that a word means: `nan`, `-inf`, `Infinity`, `1.#QNAN`."""
    if _NOT_A_NUMBER.fullmatch(text):
        return math.nan
    infinite = _INFINITE.fullmatch(text)
    if infinite:
        return -math.inf if infinite[1] == "-" else math.inf
    return None


def _float(text: str) -> float | None:
    value = float(text.replace("−", "-"))
    # A writer of `1e999` does not mean infinity.
    return value if math.isfinite(value) else None


def is_huge(text: str) -> bool:
    """Return whether a text is a number that no float can hold."""
    plain = text.strip()
    if not _DIGITS.fullmatch(plain):
        return False
    return len(plain) > MAX_CHARACTERS or number_of(plain) is None


def is_rounding(value: float, exact: float, *, least_digits: int = 1) -> bool:
    """Return whether a number may be another one with fewer digits."""
    if is_same(value, exact):
        return True
    if not (math.isfinite(value) and math.isfinite(exact)):
        return False
    return any(
        math.isclose(value, round(exact, digits), rel_tol=1e-9)
        or math.isclose(value, float(f"{exact:.{max(digits, 1)}g}"), rel_tol=1e-9)
        for digits in range(least_digits, _KEPT_DIGITS)
    )


def is_same(value: float, other: float) -> bool:
    """Return whether two numbers are equal as far as writers keep their digits; NaN equals NaN."""
    if math.isnan(value) or math.isnan(other):
        return math.isnan(value) and math.isnan(other)
    return math.isclose(value, other, rel_tol=_RELATIVE, abs_tol=0.0)


def is_same_share(value: float, other: float) -> bool:
    """Return whether a percentage and a fraction are the same but for rounding; not for zeros."""
    percent, fraction = (value, other) if abs(value) >= abs(other) else (other, value)
    if not percent or not (math.isfinite(percent) and math.isfinite(fraction)):
        return False
    return is_scaled(percent, fraction, 100) or is_scaled(fraction, percent, 0.01)


def is_scaled(value: float, exact: float, factor: float) -> bool:
    """Return whether a number is another one times a factor, perhaps with fewer digits."""
    return is_rounding(value, factor * exact, least_digits=0 if factor > 1 else 1)


def is_decimal_comma(cell: str) -> bool:
    """Return whether a cell is a number if the comma is a decimal separator."""
    return bool(_DECIMAL_COMMA.fullmatch(cell.strip().strip("'\"").strip()))


def has_only_decimal_comma(cell: str) -> bool:
    """Return whether the comma of a cell is a decimal separator, and cannot be of thousands."""
    return is_decimal_comma(cell) and not _THOUSANDS.fullmatch(cell.strip().strip("'\"").strip())


def as_step(value: float | None) -> int | None:
    """Return a counter's value as a step; None if it cannot be a step."""
    if value is None or not math.isfinite(value) or abs(value) >= 2**62:
        return None
    return int(value)


def as_float(value: object) -> float | None:
    """Return a JSON value as a float; None if it is not a number or too large for a float."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        return float(value)
    except OverflowError:
        return None
