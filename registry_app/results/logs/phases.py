"""Which phase of a training the values of a line belong to: training, validation, a test."""

from __future__ import annotations

import re
from dataclasses import replace

from registry_app.results.logs.axes import Axis
from registry_app.results.logs.names import Name, distinct, phase_in, phase_of_name
from registry_app.results.logs.tokens import Tokens
from registry_app.results.spelling import key_of
from registry_app.results.words import CURVE_SETTINGS, phase_of


def head_phase(tokens: Tokens, axis: Axis | None) -> str:
    """Return the word of the phase that a line is about as a whole, '' for training."""
    if axis is None:
        word, is_lone = phase_in(tokens.texts[0])
        return word if is_lone else ""
    word, _is_lone = phase_in(_words_around(tokens, axis.first))
    return "" if phase_of(word) == "train" else word


def _words_around(tokens: Tokens, place: int) -> str:
    """Return the text before a counter, with the brackets of `Epoch(val)` as spaces."""
    before = " ".join(tokens.texts[: place + 1])
    return re.sub(r"[()\[\]:]", " ", before)


def phased(
    tokens: Tokens, axis: Axis | None, items: list[tuple[Name, int]], head: str
) -> list[tuple[str, int]]:
    """Return the names with the phase that precedes them, all unique.

    A separate phase (`Train: loss 0.5 acc 0.9`) applies to all names that follow. A phase that is
    part of a name (`train loss 0.5, acc 0.9`) applies to the next names only if they would not be
    unique without it, or if the line begins with it and has no other.
    """
    texts = [name.text for name, _place in items]
    in_names = [phase_of_name(text) for text in texts]
    is_for_all = axis is None and bool(items) and _begins_with_phase(tokens, in_names)
    names: list[Name] = []
    begin = last = axis.first + 1 if axis else 0
    lone, joined = head, ""
    for (name, place), own in zip(items, in_names, strict=True):
        for at in range(last, place + 1):
            word, is_lone = phase_in(tokens.texts[at]) if at >= begin else ("", False)
            lone = word if is_lone and word != name.text else lone
        last = place + 1
        joined = own or joined
        is_needed = is_for_all or texts.count(name.text) > 1
        phase = lone or (joined if is_needed else "")
        is_plain = not phase or own or (phase == head and key_of(name.text) in CURVE_SETTINGS)
        names.append(name if is_plain else replace(name, text=f"{phase} {name.text}"))
    return list(zip(distinct(names), [place for _name, place in items], strict=True))


def _begins_with_phase(tokens: Tokens, in_names: list[str]) -> bool:
    """Return whether a line begins with the phase of its first name, and names no other."""
    begins = tokens.texts[0].lstrip().lower().startswith(in_names[0].lower()) and in_names[0]
    return bool(begins) and len({name for name in in_names if name}) == 1
