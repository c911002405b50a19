"""Which interpreter starts the scripts of an entry point, and whether it is a Python.

The same rule applies to every entry point of the portal. The program itself is asked when a run is
queued and again before the start, never to show a page. Its answer is valid as long as the program
is unchanged.
"""

from __future__ import annotations

import os
from pathlib import Path

from django.conf import settings

from registry_app.files.conda import conda_python, environment_at_top
from registry_app.files.interpreter_check import checked_interpreter
from registry_app.files.interpreters import InterpreterRefusedError
from registry_app.messages import Message
from registry_app.models import EntryPoint
from registry_app.texts.interpreters import NOT_PYTHON
from runs_app.exceptions import InterpreterRuleError, NotPythonError
from runs_app.executors import fencing
from runs_app.preflight import kept_answers
from runs_app.preflight.directory import usable_interpreter
from runs_app.runner.interpreter.python_check import why_no_python
from runs_app.runner.interpreter.resolve import resolve_interpreter
from runs_app.runner.other_user import script_home
from runs_app.texts import interpreter as texts


def chosen(directory: Path, entry: EntryPoint | None, *, forced: bool) -> Path:
    """Return the program that starts scripts of `directory`; nothing is started.

    Raises RefusedError or InterpreterError. Any absolute path is accepted here: the permission to
    set it was checked when it was set, and the command is confirmed. `forced` ignores its name.
    """
    written = entry.interpreter if entry else ""
    try:
        configured = checked_interpreter(written, directory, anywhere=True, any_name=forced)
    except InterpreterRefusedError as error:
        is_named_otherwise = error.message.code == NOT_PYTHON.code
        kind = NotPythonError if is_named_otherwise else InterpreterRuleError
        raise kind(error.message) from error
    interpreter = resolve_interpreter(
        directory, configured=configured, fallback=str(settings.GUARDIANFLOW_PYTHON)
    )
    usable_interpreter(interpreter)
    return interpreter


def warnings(directory: Path, entry: EntryPoint | None, interpreter: Path) -> list[Message]:
    """Return a warning if the directory names a conda environment but another Python is used.

    No warning if the entry point sets the interpreter, or if the environment is in the directory:
    both are intended.
    """
    is_fallback = interpreter == Path(str(settings.GUARDIANFLOW_PYTHON))
    named = environment_at_top(directory) if is_fallback else None
    if named is None or (entry and entry.interpreter):
        return []
    if conda_python(named.name, script_home()) is not None:
        text = texts.CONDA_NOT_USED
    else:
        text = texts.CONDA_NOT_HERE
    return [text(file=named.source, name=named.name, interpreter=interpreter)]


def check(interpreter: Path, *, forced: bool) -> list[Message]:
    """Ask the program whether it is a Python, unless a valid answer is stored.

    Raises NotPythonError if it is not; `forced` makes that a warning.
    """
    key = _key(interpreter)
    entry = kept_answers.entry_of("python", str(interpreter))
    if kept_answers.read(entry).get("key") == key:
        return []
    why = why_no_python(interpreter, fence=fencing.fence_of_question())
    if why is None:
        kept_answers.write(entry, {"key": key})
        return []
    if forced:
        return [texts.NOT_A_PYTHON(path=interpreter, why=why)]
    raise NotPythonError(texts.NOT_A_PYTHON_REFUSED(path=interpreter, why=why))


def is_known(interpreter: Path) -> bool:
    """Return whether the program responded as a Python before and is unchanged since."""
    entry = kept_answers.entry_of("python", str(interpreter))
    return kept_answers.read(entry).get("key") == _key(interpreter)


def _key(interpreter: Path) -> list[object]:
    return [os.path.realpath(interpreter), kept_answers.identity(interpreter)]
