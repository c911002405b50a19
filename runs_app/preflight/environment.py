"""Asks the interpreter of an experiment which modules its scripts would not find.

An explicit step: a scan starts nothing. Only specs of top-level names are asked for, so nothing
of the experiment or its packages is imported.
"""

from __future__ import annotations

import logging

from django.contrib.auth.models import AbstractBaseUser
from django.utils.translation import gettext as _

from registry_app.choices import EntryPointType
from registry_app.inference.environment.frameworks import DISTRIBUTIONS
from registry_app.models import EnvironmentCheck, Experiment, FactSheet
from runs_app.exceptions import RefusedError
from runs_app.executors import fencing
from runs_app.preflight import directory as preflight
from runs_app.preflight import interpreter as preflight_interpreter
from runs_app.runner.exceptions import InterpreterError
from runs_app.runner.interpreter.module_specs import ask

logger = logging.getLogger(__name__)

TIMEOUT_S = 20.0
_ORDER = EntryPointType.values


def check_environment(
    experiment: Experiment, *, by: AbstractBaseUser | None = None
) -> EnvironmentCheck:
    """Ask once, and keep the answer beside the experiment; an interpreter that does not answer
    is kept as the answer's error. Raises RefusedError where there is nothing to ask.
    """
    facts = FactSheet.objects.filter(experiment=experiment).first()
    if facts is None:
        raise RefusedError(
            _("Nothing is known of the scripts of {name} yet. Scan first.").format(
                name=experiment.name
            )
        )
    directory = preflight.usable_directory(experiment)
    # Training's interpreter before the others': its environment is the one that matters most.
    rows = sorted(experiment.entry_points.all(), key=lambda row: _ORDER.index(row.type))
    configured = next((row for row in rows if row.interpreter), None)
    needed = {row["name"]: row for row in facts.needed}
    said: dict[str, object] = {"interpreter": "", "error": ""}
    try:
        interpreter = preflight_interpreter.chosen(directory, configured, forced=False)
        said["interpreter"] = str(interpreter)
        preflight_interpreter.check(interpreter, forced=False)
        answer = ask(
            interpreter,
            needed,
            fence=fencing.fence_of_question(),
            distributions=DISTRIBUTIONS,
            timeout_s=TIMEOUT_S,
        )
    except (InterpreterError, RefusedError) as error:
        said |= {"error": str(error), "python_version": "", "asked": 0}
        said |= {"missing": [], "unsure": [], "versions": {}}
    else:
        said |= {
            "python_version": answer.python_version,
            "asked": len(needed),
            "missing": [needed[name] for name in answer.missing],
            "unsure": [needed[name] for name in answer.unsure],
            "versions": {DISTRIBUTIONS[name]: one for name, one in answer.versions.items()},
        }
    said["by"] = by
    row, _created = EnvironmentCheck.objects.update_or_create(experiment=experiment, defaults=said)
    logger.info(
        "asked an environment experiment=%s missing=%s error=%s",
        *(experiment.name, len(row.missing), row.error or "none"),
    )
    return row
