"""The migration stage of an experiment in words, and what is missing for the next one."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from registry_app.choices import Stage
from registry_app.fields.completeness import lacking


def stage_text(experiment: Any) -> str:
    """Return the stage of an experiment fetched `with_run_facts`, and who holds it there."""
    stage, held = Stage(experiment.stage), experiment.stage_held
    text = _("Stage {number}, {label}.").format(number=stage.value, label=stage.label)
    if held is None or held == experiment.proved_stage:
        return text
    if held < experiment.proved_stage:
        more = _("Held by hand; {number} is proved.").format(number=experiment.proved_stage)
    else:
        more = _("Held at {number} by hand, which counts once it is proved.").format(number=held)
    return f"{text} {more}"


def next_stage_text(experiment: Any) -> str:
    """Return what is missing for the stage after the proved one; '' after stage 3."""
    if experiment.proved_stage == Stage.SCANNED:
        missing, guessed = lacking(experiment)
        parts = []
        if missing:
            parts.append(_("{count} missing").format(count=missing))
        if guessed:
            parts.append(_("{count} to confirm").format(count=guessed))
        return _("For stage 2: {parts}.").format(parts=", ".join(parts))
    if experiment.proved_stage == Stage.METADATA:
        return _("For stage 3: a run that succeeds.")
    return ""
