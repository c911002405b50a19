"""Checks whether a program is a Python, without letting it load anything of its environment.

A guard against mistakes (`find`, `sh`, `env` as interpreter), not a protection: a program
that an attacker put into a directory of experiments can give any answer.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from registry_app.messages import Message
from runs_app.runner.interpreter.question import NotStartedError, Question, file_in_memory, lines_of
from runs_app.runner.isolation.helper_client import HelperError
from runs_app.runner.other_user import reason_of
from runs_app.texts import interpreter as texts

TIMEOUT_S = 30.0


def why_no_python(
    interpreter: Path, *, fence: Mapping[str, Any], timeout_s: float = TIMEOUT_S
) -> Message | None:
    """Return why a program is not accepted as a Python, None if it answers like one.

    It runs behind `fence`, as `isolation.fence.restrict` takes it. It must reverse a random word,
    so that a program that only prints its arguments does not pass.
    """
    nonce = secrets.token_hex(8)
    code = f"import sys; sys.stdout.write('{nonce}'[::-1])"
    with ExitStack() as files:
        stdin, output, complaint = (files.enter_context(file_in_memory()) for _number in range(3))
        question = Question(
            argv=(str(interpreter), "-I", "-S", "-c", code),
            fence=fence,
            streams=(stdin, output, complaint),
            timeout_s=timeout_s,
        )
        try:
            status = question.ask()
        except TimeoutError:
            return texts.NO_ANSWER_IN_TIME(seconds=round(timeout_s))
        except (NotStartedError, HelperError) as error:
            return reason_of(error)
        if lines_of(output) == [nonce[::-1]]:
            return None
    return texts.OTHER_ANSWER(code=status)
