"""Asks the interpreter of an experiment which modules its scripts would not find.

An explicit step: a scan starts nothing. Only the specs of top-level names are looked up, so nothing
of the experiment or its packages is imported.
"""

from __future__ import annotations

import logging

from django.contrib.auth.models import AbstractBaseUser

from registry_app.choices import EntryPointType
from registry_app.inference.environment.frameworks import DISTRIBUTIONS
from registry_app.models import EnvironmentCheck, Experiment, FactSheet
from runs_app.exceptions import RefusedError
from runs_app.executors import fencing
from runs_app.preflight import directory as preflight
from runs_app.preflight import interpreter as preflight_interpreter
from runs_app.runner.exceptions import InterpreterError
from runs_app.runner.interpreter.module_specs import ask
from runs_app.texts.refusals import NOT_SCANNED

logger = logging.getLogger(__name__)

TIMEOUT_S = 20.0
_ORDER = EntryPointType.values


def check_environment(
    experiment: Experiment, *, by: AbstractBaseUser | None = None
) -> EnvironmentCheck:
    """Ask once, and store the answer with the experiment.

    If an interpreter does not respond, that is stored as the answer's error. Raises RefusedError if
    there is nothing to ask.
    """
    facts = FactSheet.objects.filter(experiment=experiment).first()
    if facts is None:
        raise RefusedError(NOT_SCANNED(name=experiment.name))
    directory = preflight.usable_directory(experiment)
    # The interpreter of training first: its environment matters most.
    rows = sorted(experiment.entry_points.all(), key=lambda row: _ORDER.index(row.type))
    configured = rows[0] if rows else None
    needed = {row["name"]: row for row in facts.needed}
    values: dict[str, object] = {"interpreter": "", "error": None}
    try:
        interpreter = preflight_interpreter.chosen(directory, configured, forced=False)
        values["interpreter"] = str(interpreter)
        preflight_interpreter.check(interpreter, forced=False)
        answer = ask(
            interpreter,
            needed,
            fence=fencing.fence_of_question(),
            distributions=DISTRIBUTIONS,
            timeout_s=TIMEOUT_S,
        )
    except (InterpreterError, RefusedError) as error:
        values |= {"error": error.message, "python_version": "", "asked": 0}
        values |= {"missing": [], "unsure": [], "versions": {}}
    else:
        values |= {
            "python_version": answer.python_version,
            "asked": len(needed),
            "missing": [needed[name] for name in answer.missing],
            "unsure": [needed[name] for name in answer.unsure],
            "versions": {DISTRIBUTIONS[name]: version for name, version in answer.versions.items()},
        }
    values["by"] = by
    row, _created = EnvironmentCheck.objects.update_or_create(
        experiment=experiment, defaults=values
    )
    logger.info(
        "asked an environment experiment=%s missing=%s error=%s",
        *(experiment.name, len(row.missing), row.error or "none"),
    )
    return row
