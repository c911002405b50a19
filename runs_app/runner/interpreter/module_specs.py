"""Asks an interpreter which modules it would find, without importing any of them.

    answer = ask(interpreter, ["torch", "cv2"], distributions=["torch"])
    answer.missing, answer.unsure, answer.python_version, answer.versions

Only top-level names are asked for: to find `a.b`, Python imports `a`. The answer is about the
interpreter and its packages alone; what a directory provides itself, its caller knows. Costs one
start of that Python (some 50 ms; seconds from a cold disk), so callers keep answers by
environment. Starting a Python runs what its environment runs at every start (`.pth` files,
`sitecustomize`), and what lies in a directory need not be a Python at all. Therefore this is asked
only for somebody who may also start scripts with it, and behind the fence of scripts.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from runs_app.runner.exceptions import InterpreterError
from runs_app.runner.interpreter import specs_child
from runs_app.runner.interpreter.question import NotStartedError, Question, file_in_memory, lines_of
from runs_app.runner.isolation.helper_client import HelperError
from runs_app.runner.language import gettext as _
from runs_app.runner.other_user import current

TIMEOUT_S = 30.0
LONGEST_COMPLAINT = 300


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What an interpreter said, each tuple in the order of the question.

    `unsure` are modules whose finder failed. `versions` holds the distributions that were asked
    for and are installed; it is empty before Python 3.8.
    """

    python_version: str
    found: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    unsure: tuple[str, ...] = ()
    versions: Mapping[str, str] = field(default_factory=dict)


def ask(
    interpreter: Path,
    modules: Iterable[str],
    *,
    fence: Mapping[str, Any],
    distributions: Iterable[str] = (),
    timeout_s: float = TIMEOUT_S,
) -> Answer:
    """Return which modules `interpreter` finds; of a dotted name, its first part is asked for.

    It is kept away from what `fence` names, as `isolation.fence.restrict` takes it. Nothing of the
    portal's environment but its language and search path is handed on, the current folder is `/`,
    and no bytecode is written. Raises InterpreterError where it cannot be
    started, does not answer in time, or answers with anything else.
    """
    names = list(dict.fromkeys(name.partition(".")[0] for name in modules))
    asked = {"modules": [name for name in names if name.isidentifier()]}
    request = asked | {"distributions": list(distributions)}
    answered = ask_child(
        interpreter, specs_child.__file__, request, fence=fence, timeout_s=timeout_s
    )
    try:
        told = {name: answered["modules"][name] for name in asked["modules"]}
        return Answer(
            python_version=str(answered["python"]),
            found=tuple(name for name, is_found in told.items() if is_found is True),
            missing=tuple(name for name, is_found in told.items() if is_found is False),
            unsure=tuple(name for name, is_found in told.items() if is_found is None),
            versions={str(name): str(one) for name, one in answered["versions"].items()},
        )
    except (KeyError, TypeError, AttributeError) as error:
        raise senseless_answer(interpreter) from error


def ask_child(
    interpreter: Path,
    child: str,
    request: Any,
    *,
    fence: Mapping[str, Any],
    timeout_s: float = TIMEOUT_S,
) -> Any:
    """Let `interpreter` run a file of ours that reads `request` and answers behind the mark.

    Raises InterpreterError as `ask` does.
    """
    with ExitStack() as files:
        asked, output, complaint = (files.enter_context(file_in_memory()) for _number in range(3))
        os.pwrite(asked, json.dumps(request).encode(), 0)
        question = Question(
            argv=(str(interpreter), "-B", child),
            fence=fence,
            streams=(asked, output, complaint),
            timeout_s=timeout_s,
        )
        try:
            code = question.ask()
        except NotStartedError as error:
            raise _not_started(interpreter, error.strerror or str(error)) from error
        except HelperError as error:
            raise _not_asked(interpreter, error) from error
        except TimeoutError as error:
            raise InterpreterError(
                _("The interpreter {path} did not answer within {seconds} s.").format(
                    path=interpreter, seconds=round(timeout_s)
                )
            ) from error
        lines, said = lines_of(output), lines_of(complaint)
    for line in reversed(lines):
        if line.startswith(specs_child.MARK):
            return _parsed(interpreter, line.removeprefix(specs_child.MARK))
    raise _no_answer(interpreter, code, said[-1] if said else "")


def _no_answer(interpreter: Path, code: int, said: str) -> InterpreterError:
    return InterpreterError(
        _("The interpreter {path} did not answer (exit status {code}): {said}").format(
            path=interpreter, code=code, said=said[:LONGEST_COMPLAINT] or _("it said nothing")
        )
    )


def _not_asked(interpreter: Path, error: HelperError) -> InterpreterError:
    user = current()
    return InterpreterError(
        _("The interpreter {path} cannot be asked as user {user}: {error}").format(
            path=interpreter, user=user.name if user else "", error=error.strerror
        )
    )


def _not_started(interpreter: Path, error: str) -> InterpreterError:
    return InterpreterError(
        _(
            "The interpreter {path} cannot be started: {error}. Repair the environment, or set "
            "another interpreter for the entry point."
        ).format(path=interpreter, error=error)
    )


def _parsed(interpreter: Path, text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError as error:
        raise senseless_answer(interpreter) from error


def senseless_answer(interpreter: Path) -> InterpreterError:
    """Return the refusal of what an interpreter said that is no answer of ours."""
    return InterpreterError(
        _("{path} gave an answer that makes no sense.").format(path=interpreter)
    )
