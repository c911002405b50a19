"""Finds what users name: experiments by any of their names, runs by their number."""

from __future__ import annotations

import difflib
import os
from pathlib import PurePath

from registry_app.exceptions import PathRefusedError
from registry_app.files.paths import experiment_directory
from registry_app.messages import Message
from registry_app.models import Experiment
from registry_app.row_numbers import row_number
from registry_app.texts.changes import IS_ARCHIVED
from runs_app.exceptions import UnknownExperimentError, UnknownRunError
from runs_app.models import Run
from runs_app.texts import requests as texts


def experiment_named(name: str) -> Experiment:
    """Return the experiment with this name, directory or alias.

    Raises UnknownExperimentError, also if the name is ambiguous: asking again is better than
    running in the wrong directory.
    """
    exact = Experiment.objects.filter(name=name).first()
    if exact is not None:
        return exact
    if Experiment.everything.filter(name=name).exists():
        raise UnknownExperimentError(IS_ARCHIVED(name=name))
    rows = list(Experiment.objects.only("name", "path", "aliases").order_by("name"))
    meant = [row for row in rows if _is_meant(row, name)]
    if len(meant) == 1:
        return Experiment.objects.get(pk=meant[0].pk)
    if meant:
        names = [row.name for row in meant]
        raise UnknownExperimentError(texts.NAME_OF_SEVERAL(name=name, names=names))
    raise UnknownExperimentError(_unknown_experiment(name, [row.name for row in rows]))


def _is_meant(experiment: Experiment, name: str) -> bool:
    """Whether a word is an alias or the directory's name, or a path leads to the directory."""
    if "/" not in name:
        return name in experiment.aliases or name == PurePath(experiment.path).name
    if PurePath(name) == PurePath(experiment.path):
        return True
    try:
        directory = experiment_directory(experiment)
    except PathRefusedError:
        return False
    return os.path.realpath(os.path.expanduser(name)) == os.path.realpath(directory)


def run_numbered(number: str | int) -> Run:
    """Return the run with this number; raise UnknownRunError if there is none."""
    text = str(number).removeprefix("#")
    run = Run.objects.select_related("experiment", "queued_by").filter(pk=row_number(text)).first()
    if run is None:
        raise UnknownRunError(texts.NO_RUN(number=number))
    return run


def _unknown_experiment(name: str, names: list[str]) -> Message:
    near = difflib.get_close_matches(name, names, n=3)
    if near:
        return texts.NO_EXPERIMENT_NEAR(name=name, names=near)
    return texts.NO_EXPERIMENT(name=name) if names else texts.NO_EXPERIMENTS(name=name)
