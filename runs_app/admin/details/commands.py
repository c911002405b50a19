"""What can be run of an experiment: the buttons, and the exact command of each entry point."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from registry_app.kinds import KINDS
from registry_app.models import EntryPoint, Experiment
from registry_app.reading import error_text, message_text
from runs_app.exceptions import RunnerError
from runs_app.lifecycle.prepare import RunRequest, outline
from runs_app.preflight.script_choices import types_of
from runs_app.texts.refusals import MODULES_UNCHECKED
from runs_app.views.wording import command_text


@dataclass(frozen=True, kw_only=True)
class RunButton:
    label: str
    address: str


@dataclass(frozen=True, kw_only=True)
class Start:
    """The command of an entry point with its usual values, or why there is none."""

    script: str
    command: str = ""
    problem: str = ""
    warnings: Sequence[str] = ()


def run_buttons(experiment: Experiment) -> list[RunButton]:
    """Return a button for each type that the experiment has; fetch entry points and scripts."""
    there = types_of(experiment)
    return [
        RunButton(label=_(kind.action), address=form_address(kind.type, [experiment.pk]))
        for kind in KINDS
        if kind.type in there
    ]


def form_address(kind: str, numbers: Sequence[int]) -> str:
    """Return the URL of the form that requests runs of these experiments."""
    query = urlencode([("type", kind), *(("experiment", str(number)) for number in numbers)])
    return f"{reverse('admin:runs_app_run_new')}?{query}"


def start_of(experiment: Experiment, entry: EntryPoint) -> Start:
    """Return what a run with the usual values would start; nothing is started to find out."""
    try:
        prepared = outline(RunRequest(experiment=experiment, type=entry.type))
    except RunnerError as error:
        return Start(script=entry.default_script, problem=error_text(error))
    return Start(
        script=prepared.script,
        command=command_text(prepared.argv),
        warnings=[
            message_text(warning)
            for warning in prepared.warnings
            # That nothing was started to find out goes for the whole page.
            if warning.code != MODULES_UNCHECKED.code
        ],
    )
