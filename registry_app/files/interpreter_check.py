"""Check interpreters that are written against the rule, and report what is wrong.

Every entry point asks here: form, registry file, spreadsheet, proposal, undo, start of a run.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser

from registry_app.exceptions import PathRefusedError
from registry_app.files.interpreters import InterpreterRefusedError, InterpreterRule
from registry_app.files.paths import resolve_directory
from registry_app.messages import Message

# By name, because the registry must not import the code of runs.
QUEUE_PERMISSION = "runs_app.queue_run"


def may_queue(user: AbstractBaseUser | None) -> bool:
    """Return whether a user may run scripts, and so may decide what is executed."""
    has_perm = getattr(user, "has_perm", None)
    return bool(has_perm and has_perm(QUEUE_PERMISSION))


def checked_interpreter(
    written: str, directory: Path | None, *, anywhere: bool, any_name: bool = False
) -> str:
    """Return an interpreter in its stored form; raises InterpreterRefusedError."""
    rule = InterpreterRule(
        directory=directory,
        listed=settings.GUARDIANFLOW_INTERPRETERS,
        home=Path.home(),
        anywhere=anywhere,
        any_name=any_name,
    )
    return rule.checked(written)


def interpreter_problem(written: str, path: str, *, anywhere: bool) -> Message | None:
    """Return why an experiment at `path` must not name this interpreter, None if it may."""
    try:
        checked_interpreter(written, directory_or_none(path), anywhere=anywhere)
    except InterpreterRefusedError as error:
        return error.message
    return None


def plan_problems(
    written: Mapping[str, Mapping[str, Any]], paths: Mapping[str, str], *, anywhere: bool
) -> Iterator[tuple[str, str, Message]]:
    """Yield experiment, dotted field and message of each interpreter that breaks the rule.

    `written` has the fields to be changed by experiment; existing problems in untouched fields are
    not reported. `paths` are the experiments' new paths.
    """
    for name, values in written.items():
        for field, value in values.items():
            if field.rpartition(".")[2] != "interpreter" or not value:
                continue
            problem = interpreter_problem(value, paths.get(name, ""), anywhere=anywhere)
            if problem:
                yield name, field, problem


def directory_or_none(path: str) -> Path | None:
    """Return the directory of a path, None if the path itself is refused."""
    try:
        return resolve_directory(path, settings.GUARDIANFLOW_ROOTS)
    except PathRefusedError:
        return None
