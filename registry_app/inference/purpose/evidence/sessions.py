"""Recognise inference by a session of TensorFlow 1, whose `run` also trains and measures."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from registry_app.inference.purpose.script_names import INFER
from registry_app.inference.purpose.sign_tables import STEPPING
from registry_app.inference.purpose.surroundings import Surroundings
from registry_app.kinds import EntryPointType

# Parts of names of what a session computes to learn, to measure or to load weights.
_LEARNT = ("train", "optim", "loss", "cost", "grad", "acc", "assign", "update", "summar")
_STEPS = frozenset({"opt", "step"})


def is_fed(call: ast.Call, around: Surroundings) -> bool:
    """Whether a call runs a session with an input: `session.run(boxes, feed_dict={...})`."""
    has_input = any(keyword.arg == "feed_dict" for keyword in call.keywords)
    return has_input and "tensorflow" in around.libraries


def of_session(call: ast.Call, around: Surroundings) -> tuple[EntryPointType, int] | None:
    """Return what such a call shows: inference, unless something there changes weights."""
    fetched = {name for node in call.args for name in _names_in(node)}
    is_learning = any(
        any(part in name for part in _LEARNT) or _STEPS.intersection(name.split("_"))
        for name in fetched
    )
    return None if is_learning or around.called & STEPPING else (INFER, 3)


def _names_in(node: ast.expr) -> Iterator[str]:
    for inner in ast.walk(node):
        if isinstance(inner, ast.Name | ast.Attribute):
            yield (inner.id if isinstance(inner, ast.Name) else inner.attr).lower()
