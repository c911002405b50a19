"""Holds interpreters that come in against the rule, and says in words what is wrong.

Every door asks here: form, registry file, spreadsheet, proposal, undo, and the start of a run.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser
from django.utils.translation import gettext as _

from registry_app.exceptions import PathRefusedError
from registry_app.files.interpreters import InterpreterRefusedError, InterpreterRule
from registry_app.files.paths import resolve_directory

# Asked for by its name: the registry knows nothing of runs.
QUEUE_PERMISSION = "runs_app.queue_run"


def may_queue(user: AbstractBaseUser | None) -> bool:
    """Return whether a user may run scripts, and so decide what is executed."""
    has_perm = getattr(user, "has_perm", None)
    return bool(has_perm and has_perm(QUEUE_PERMISSION))


def checked_interpreter(
    written: str, directory: Path | None, *, anywhere: bool, any_name: bool = False
) -> str:
    """Return an interpreter in the form that is stored; raises InterpreterRefusedError."""
    rule = InterpreterRule(
        directory=directory,
        listed=settings.GUARDIANFLOW_INTERPRETERS,
        home=Path.home(),
        anywhere=anywhere,
        any_name=any_name,
    )
    return rule.checked(written)


def interpreter_problem(written: str, path: str, *, anywhere: bool) -> str:
    """Return why an experiment at `path` must not name this interpreter, '' where it may."""
    try:
        checked_interpreter(written, directory_or_none(path), anywhere=anywhere)
    except InterpreterRefusedError as error:
        return in_words(error)
    return ""


def plan_problems(
    written: Mapping[str, Mapping[str, Any]], paths: Mapping[str, str], *, anywhere: bool
) -> Iterator[tuple[str, str, str]]:
    """Yield experiment, dotted field and message of each interpreter that breaks the rule.

    `written` holds by experiment the fields that are going to change; what was wrong before and is
    not touched is left alone. `paths` are the experiments' paths afterwards.
    """
    for name, values in written.items():
        for field, value in values.items():
            if field.rpartition(".")[2] != "interpreter" or not value:
                continue
            problem = interpreter_problem(value, paths.get(name, ""), anywhere=anywhere)
            if problem:
                yield name, field, problem


def in_words(error: InterpreterRefusedError) -> str:
    """Return a refusal in the reader's language."""
    return _(error.text).format(**error.values)


def directory_or_none(path: str) -> Path | None:
    """Return the directory that a path means, None where that path is refused itself."""
    try:
        return resolve_directory(path, settings.GUARDIANFLOW_ROOTS)
    except PathRefusedError:
        return None
