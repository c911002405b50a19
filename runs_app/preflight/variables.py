"""The environment variables of a run: those given for it, and those that its script lacks.

What a script reads without a default is found in its text and in the modules of its directory. It
is stored as long as the script and its folder are unchanged.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from pathlib import Path

from registry_app.inference.environment.variables import needed_variables
from registry_app.messages import Message
from runs_app.exceptions import RefusedError
from runs_app.preflight import kept_answers
from runs_app.preflight.sources import project_of
from runs_app.texts import requests
from runs_app.texts.refusals import VARIABLES_NOT_SET

MAX_NAMED = 10


def parse_variables(pairs: Iterable[str]) -> dict[str, str]:
    """Read `NAME=VALUE` pairs; a value may be empty, and loses spaces around it.

    Raises RefusedError for a pair without `=` or without a name, and for a name given twice. Which
    names a run may set is checked by `preflight.directory.check_variables`.
    """
    found: dict[str, str] = {}
    for pair in pairs:
        name, sign, value = pair.partition("=")
        name = name.strip()
        if not sign or not name:
            # Show its first word only: the rest may be a secret.
            raise RefusedError(requests.NO_VARIABLE(pair=(name.split() or ["="])[0]))
        if name in found:
            raise RefusedError(requests.VARIABLE_GIVEN_TWICE(name=name))
        found[name] = value.strip()
    return found


def check(directory: Path, script: str, *, given: Mapping[str, str]) -> list[Message]:
    """Return a warning that names the unset variables; `given` are the variables of the run."""
    if not script.endswith(".py"):
        return []
    missing = [
        name for name in _read(directory, script) if name not in given and name not in os.environ
    ]
    if not missing:
        return []
    return [VARIABLES_NOT_SET(script=script, names=missing[:MAX_NAMED])]


def _read(directory: Path, script: str) -> list[str]:
    """Return the names; read again only if the script or its folder was changed."""
    key = [kept_answers.identity(directory), kept_answers.identity(directory / script)]
    entry = kept_answers.entry_of("variables", f"{directory}\0{script}")
    kept = kept_answers.read(entry)
    if kept.get("key") == key:
        return list(kept["names"])
    project, path = project_of(directory, script)
    names = [variable.name for variable in needed_variables(project, path)]
    kept_answers.write(entry, {"key": key, "names": names})
    return names
