"""Finds what people name: experiments by any of their names, runs by their number."""

from __future__ import annotations

import difflib
from pathlib import PurePath

from django.utils.translation import gettext as _

from registry_app.models import Experiment
from runs_app.exceptions import UnknownExperimentError, UnknownRunError
from runs_app.models import Run


def experiment_named(name: str) -> Experiment:
    """Return the experiment of this name, directory or alias; raises UnknownExperimentError."""
    exact = Experiment.objects.filter(name=name).first()
    if exact is not None:
        return exact
    directory = PurePath(name).name
    names = []
    for experiment in Experiment.objects.only("name", "path", "aliases"):
        if name in experiment.aliases or directory in {
            experiment.name,
            PurePath(experiment.path).name,
        }:
            return Experiment.objects.get(pk=experiment.pk)
        names.append(experiment.name)
    raise UnknownExperimentError(_unknown_experiment(name, names))


def run_numbered(number: str | int) -> Run:
    """Return the run with this number; raises UnknownRunError."""
    text = str(number).removeprefix("#")
    run = None
    if text.isdecimal() and len(text) < 19:
        run = Run.objects.select_related("experiment", "queued_by").filter(pk=int(text)).first()
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
