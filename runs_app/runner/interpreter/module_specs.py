"""Asks an interpreter which modules it would find, without importing any of them.

    answer = ask(interpreter, ["torch", "cv2"], distributions=["torch"])
    answer.missing, answer.unsure, answer.python_version, answer.versions

Only top-level names are checked: to find `a.b`, Python imports `a`. The answer covers only the
interpreter and its packages; the caller knows which modules a directory itself provides. It costs
one start of that Python (about 50 ms; seconds from a cold disk), so callers cache answers by
environment. Starting a Python runs the code that its environment runs at every start (`.pth`
files, `sitecustomize`), and a program in a directory may not be a Python at all. Therefore only a
user who may also start scripts with it can ask, and it runs behind the fence of scripts.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from registry_app.messages import Message
from runs_app.runner.exceptions import InterpreterError
from runs_app.runner.interpreter import specs_child
from runs_app.runner.interpreter.question import NotStartedError, Question, file_in_memory, lines_of
from runs_app.runner.isolation.helper_client import HelperError
from runs_app.runner.other_user import current, reason_of
from runs_app.texts import interpreter as texts

TIMEOUT_S = 30.0
MAX_COMPLAINT_LENGTH = 300


@dataclass(frozen=True, kw_only=True)
class Answer:
    """The answer of an interpreter, each tuple in the order of the request.

    `unsure` are modules whose finder failed. `versions` holds the requested distributions that are
    installed; it is empty before Python 3.8.
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
    """Return which modules `interpreter` finds; of a dotted name, only the first part is checked.

    It runs behind `fence`, as `isolation.fence.restrict` takes it. Of the portal's environment it
    gets only the language and the search path, the current directory is `/`, and no bytecode is
    written. Raises InterpreterError if it cannot be started, does not respond in time, or gives
    anything but an answer.
    """
    names = list(dict.fromkeys(name.partition(".")[0] for name in modules))
    wanted = [name for name in names if name.isidentifier()]
    request = {"modules": wanted, "distributions": list(distributions)}
    answered = ask_child(
        interpreter, specs_child.__file__, request, fence=fence, timeout_s=timeout_s
    )
    try:
        by_name = {name: answered["modules"][name] for name in wanted}
        return Answer(
            python_version=str(answered["python"]),
            found=tuple(name for name, is_found in by_name.items() if is_found is True),
            missing=tuple(name for name, is_found in by_name.items() if is_found is False),
            unsure=tuple(name for name, is_found in by_name.items() if is_found is None),
            versions={str(name): str(version) for name, version in answered["versions"].items()},
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
    """Let `interpreter` run a file of ours that reads `request` and answers after the mark.

    Raises InterpreterError as `ask` does.
    """
    with ExitStack() as files:
        stdin, output, complaint = (files.enter_context(file_in_memory()) for _number in range(3))
        os.pwrite(stdin, json.dumps(request).encode(), 0)
        question = Question(
            argv=(str(interpreter), "-B", child),
            fence=fence,
            streams=(stdin, output, complaint),
            timeout_s=timeout_s,
        )
        try:
            code = question.ask()
        except NotStartedError as error:
            raise _not_started(interpreter, reason_of(error)) from error
        except HelperError as error:
            raise _unreachable(interpreter, error) from error
        except TimeoutError as error:
            raise InterpreterError(
                texts.TOO_SLOW(path=interpreter, seconds=round(timeout_s))
            ) from error
        lines, complaints = lines_of(output), lines_of(complaint)
    for line in reversed(lines):
        if line.startswith(specs_child.MARK):
            return _parsed(interpreter, line.removeprefix(specs_child.MARK))
    raise _no_answer(interpreter, code, complaints[-1] if complaints else "")


def _no_answer(interpreter: Path, code: int, complaint: str) -> InterpreterError:
    if not complaint:
        return InterpreterError(texts.SILENT(path=interpreter, code=code))
    return InterpreterError(
        texts.NO_ANSWER(path=interpreter, code=code, said=complaint[:MAX_COMPLAINT_LENGTH])
    )


def _unreachable(interpreter: Path, error: HelperError) -> InterpreterError:
    user = current()
    return InterpreterError(
        texts.NOT_ASKED(path=interpreter, user=user.name if user else "", error=reason_of(error))
    )


def _not_started(interpreter: Path, error: str | Message) -> InterpreterError:
    return InterpreterError(texts.NOT_STARTED(path=interpreter, error=error))


def _parsed(interpreter: Path, text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError as error:
        raise senseless_answer(interpreter) from error


def senseless_answer(interpreter: Path) -> InterpreterError:
    """Return the error for output of an interpreter that is not a valid answer."""
    return InterpreterError(texts.SENSELESS(path=interpreter))
