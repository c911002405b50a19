"""The rule of how a script is started: a closed list, so that no command can be written there.

Registry file, form, sheet, the database and every run check it here. An empty value leaves the
choice to the portal. Nothing here imports Django.
"""

from __future__ import annotations

import re
from enum import StrEnum

from registry_app.messages import Message
from registry_app.texts import starts as texts
from registry_app.words import MAX_START, START_OF_FUNCTION

_NAME = re.compile(r"[^\W\d]\w*(?:\.[^\W\d]\w*)*", re.ASCII)


class Start(StrEnum):
    """The ways to start a Python script; `CALLABLE` is followed by the name of a function."""

    SCRIPT = "script"
    MODULE = "module"
    CALLABLE = "callable:NAME"
    TORCHRUN = "torchrun"
    ACCELERATE = "accelerate"


def start_problem(written: str) -> Message | None:
    """Return what is wrong with a way to start a script, None if it is one."""
    name = function_of(written)
    is_known = not written or (written in set(Start) - {Start.CALLABLE} or _NAME.fullmatch(name))
    if is_known and len(written) <= MAX_START:
        return None
    return texts.NO_START(start=written, ways=list(Start))


def function_of(start: str) -> str:
    """Return the function that `callable:NAME` names, '' for every other way."""
    return start.removeprefix(START_OF_FUNCTION) if start.startswith(START_OF_FUNCTION) else ""


def calling(function: str) -> str:
    """Return the way to start a script by calling a function of its own."""
    return START_OF_FUNCTION + function
