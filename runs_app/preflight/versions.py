"""Whether another script carries the version that a run is labelled with.

A version is a label of a run and never chooses the script; people who write `--version v3` next to
a `train_v3.py` may expect otherwise.
"""

from __future__ import annotations

import re
from pathlib import PurePosixPath

from registry_app.messages import Message
from registry_app.models import Experiment
from runs_app.preflight.script_choices import script_choices
from runs_app.texts import refusals as texts

_BETWEEN = re.compile(r"[^0-9a-z가-힣]+")


def carries(script: str, version: str) -> bool:
    """Whether the name of a script has the version as a word of its own."""
    wanted = _words(version)
    words = _words(PurePosixPath(script).stem)
    return bool(wanted) and any(
        words[place : place + len(wanted)] == wanted for place in range(len(words))
    )


def check(
    experiment: Experiment,
    type: str,  # noqa: A002
    version: str,
    *,
    started: str,
) -> tuple[Message, ...]:
    """Return the warning that a script of the type carries the version and is not started."""
    if not version or carries(started, version):
        return ()
    for choice in script_choices(experiment, type):
        if carries(choice.path, version):
            return (texts.VERSION_ELSEWHERE(script=choice.path, version=version, started=started),)
    return ()


def _words(text: str) -> list[str]:
    return [word for word in _BETWEEN.split(text.lower()) if word]
