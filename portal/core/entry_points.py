"""The entry points that an MLproject should have: one for each that the registry has."""

from __future__ import annotations

from typing import Any

from portal.core import run_command
from portal.core.run_command import RunCommand
from registry_app.arguments.parameters import Parameter
from registry_app.kinds import KINDS
from registry_app.models import Experiment
from runs_app.preflight.script_choices import choice_of, entry_point
from runs_app.trainers import core

# MLflow's `path` would replace a value by an absolute path, and refuse one that is not here.
_TYPE = "string"


def entry_points() -> dict[str, Any]:
    """Return the entry points by name, as an MLproject writes them; three queries, and
    one for trainers of the core repository.

    Only required parameters are listed. One without a default script cannot be started, and a name
    that begins with a dash cannot be given to a command; both are left out.
    """
    found: dict[str, Any] = {}
    rows = Experiment.objects.prefetch_related("entry_points", "scripts").order_by("name")
    trainers = core.scripts_of(entry for row in rows for entry in row.entry_points.all())
    for experiment in rows:
        scripts = {row.path: row for row in experiment.scripts.all()} | trainers
        for kind in KINDS:
            entry = entry_point(experiment, kind.type)
            if entry is None or not entry.default_script or experiment.name.startswith("-"):
                continue
            script = entry.default_script
            choice = choice_of(script, scripts.get(script), entry, kind.type)
            required = [
                parameter
                for parameter in choice.parameters
                if parameter.required and parameter.name not in choice.fixed
            ]
            runs = RunCommand(experiment=experiment.name, type=kind.type)
            found[runs.entry_point] = _written(runs, required)
    return found


def _written(runs: RunCommand, required: list[Parameter]) -> dict[str, Any]:
    secrets = [parameter.name for parameter in required if parameter.is_secret]
    names = [parameter.name for parameter in required if not parameter.is_secret]
    placeholders = run_command.placeholders_of(names)
    listed = dict.fromkeys(placeholders.values(), _TYPE)
    command = run_command.written(runs, placeholders, secrets)
    return {**({"parameters": listed} if listed else {}), "command": command}
