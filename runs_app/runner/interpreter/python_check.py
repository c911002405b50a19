"""Asks a program whether it is a Python, without letting it load anything of its environment.

A guard against mistakes (`find`, `sh`, `env` as interpreter), no protection: a program
that an attacker put into a directory of experiments can give any answer.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from runs_app.runner.interpreter.question import NotStartedError, Question, file_in_memory, lines_of
from runs_app.runner.isolation.helper_client import HelperError
from runs_app.runner.language import gettext as _

TIMEOUT_S = 30.0


def why_no_python(
    interpreter: Path, *, fence: Mapping[str, Any], timeout_s: float = TIMEOUT_S
) -> str:
    """Return why a program cannot be taken for a Python, '' where it answers as one.

    It is kept away from what `fence` names, as `isolation.fence.restrict` takes it. It is asked to
    turn a random word around, so that a program which only prints its arguments does not pass.
    """
    nonce = secrets.token_hex(8)
    code = f"import sys; sys.stdout.write('{nonce}'[::-1])"
    with ExitStack() as files:
        asked, output, complaint = (files.enter_context(file_in_memory()) for _number in range(3))
        question = Question(
            argv=(str(interpreter), "-I", "-S", "-c", code),
            fence=fence,
            streams=(asked, output, complaint),
            timeout_s=timeout_s,
        )
        try:
            status = question.ask()
        except TimeoutError:
            return _("no answer within {seconds} s").format(seconds=round(timeout_s))
        except (NotStartedError, HelperError) as error:
            return error.strerror or str(error)
        if lines_of(output) == [nonce[::-1]]:
            return ""
    return _("another answer than a Python gives (exit status {code})").format(code=status)
