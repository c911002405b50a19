"""The words before a command to run it inside a conda environment, as `conda run` does."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from registry_app.files.conda import prefix_of
from runs_app.runner.interpreter import conda_child


def words_before(interpreter: Path, *, own: Mapping[str, str]) -> tuple[str, ...]:
    """Return the words, () for an interpreter outside of conda environments.

    `own` are variables that take precedence over those of the environment. Nothing is started.
    """
    prefix = prefix_of(interpreter)
    if prefix is None:
        return ()
    given = (f"{name}={value}" for name, value in own.items())
    return (str(interpreter), "-I", "-S", conda_child.__file__, str(prefix), *given, "--")
