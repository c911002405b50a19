"""Finds what people name: experiments by any of their names, runs by their number."""

from __future__ import annotations

import difflib
import os
from pathlib import PurePath

from django.utils.translation import gettext as _

from registry_app.exceptions import PathRefusedError
from registry_app.files.paths import experiment_directory
from registry_app.models import Experiment
from registry_app.row_numbers import row_number
from runs_app.exceptions import UnknownExperimentError, UnknownRunError
from runs_app.models import Run


def experiment_named(name: str) -> Experiment:
    """Return the experiment of this name, directory or alias.

    Raises UnknownExperimentError, also where one word means several: to run another directory than
    the one that was meant is worse than to ask.
    """
    exact = Experiment.objects.filter(name=name).first()
    if exact is not None:
        return exact
    rows = list(Experiment.objects.only("name", "path", "aliases").order_by("name"))
    meant = [row for row in rows if _is_meant(row, name)]
    if len(meant) == 1:
        return Experiment.objects.get(pk=meant[0].pk)
    if meant:
        raise UnknownExperimentError(
            _("{name} may mean {names}. Give one of these names.").format(
                name=name, names=", ".join(row.name for row in meant)
            )
        )
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
    """Return the run with this number; raises UnknownRunError."""
    text = str(number).removeprefix("#")
    run = Run.objects.select_related("experiment", "queued_by").filter(pk=row_number(text)).first()
    if run is None:
        raise UnknownRunError(
            _("There is no run {number}. `guardianflow runs` lists them.").format(number=number)
        )
    return run


def _unknown_experiment(name: str, names: list[str]) -> str:
    near = difflib.get_close_matches(name, names, n=3)
    if near:
        cure = _("Did you mean {names}?").format(names=", ".join(near))
    elif names:
        cure = _("`guardianflow list` shows them all.")
    else:
        cure = _("There are none yet: `guardianflow scan --import` finds them.")
    return _("There is no experiment {name}. {cure}").format(name=name, cure=cure)
