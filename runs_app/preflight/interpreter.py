"""Which interpreter starts the scripts of an entry point, and whether it is a Python at all.

The rule is the one of every door. The program itself is asked when a run is queued and again
before the start, never to show a page; what it answered counts as long as the program is the same.
"""

from __future__ import annotations

import os
from pathlib import Path

from django.conf import settings
from django.utils.translation import gettext as _

from registry_app.files.interpreter_check import checked_interpreter, in_words
from registry_app.files.interpreters import NOT_PYTHON, InterpreterRefusedError
from registry_app.models import EntryPoint
from runs_app.exceptions import InterpreterRuleError, NotPythonError
from runs_app.executors import fencing
from runs_app.preflight import kept_answers
from runs_app.preflight.directory import usable_interpreter
from runs_app.runner.interpreter.python_check import why_no_python
from runs_app.runner.process import resolve_interpreter


def chosen(directory: Path, entry: EntryPoint | None, *, forced: bool) -> Path:
    """Return the program that starts scripts of `directory`; nothing is started.

    Raises RefusedError or InterpreterError. An absolute path may be any here: who may set which
    was asked where it was set, and the command is confirmed. `forced`: its name does not matter.
    """
    written = entry.interpreter if entry else ""
    try:
        configured = checked_interpreter(written, directory, anywhere=True, any_name=forced)
    except InterpreterRefusedError as error:
        kind = NotPythonError if error.text == NOT_PYTHON else InterpreterRuleError
        raise kind(in_words(error)) from error
    interpreter = resolve_interpreter(
        directory, configured=configured, fallback=str(settings.GUARDIANFLOW_PYTHON)
    )
    usable_interpreter(interpreter)
    return interpreter


def check(interpreter: Path, *, forced: bool) -> list[str]:
    """Ask the program whether it is a Python, unless it said so before.

    Raises NotPythonError where it is none; `forced` makes that a warning.
    """
    key = _key(interpreter)
    entry = kept_answers.entry_of("python", str(interpreter))
    if kept_answers.read(entry).get("key") == key:
        return []
    why = why_no_python(interpreter, fence=fencing.fence_of_question())
    if not why:
        kept_answers.write(entry, {"key": key})
        return []
    text = _("The interpreter {path} does not answer as a Python: {why}.").format(
        path=interpreter, why=why
    )
    if forced:
        return [text]
    advice = _(
        "Name another interpreter in the entry point, or queue it all the same (--force) if it is "
        "a program that starts scripts as a Python does."
    )
    raise NotPythonError(f"{text} {advice}")


def is_known(interpreter: Path) -> bool:
    """Return whether the program answered as a Python before and is the same since."""
    entry = kept_answers.entry_of("python", str(interpreter))
    return kept_answers.read(entry).get("key") == _key(interpreter)


def _key(interpreter: Path) -> list[object]:
    return [os.path.realpath(interpreter), kept_answers.identity(interpreter)]
