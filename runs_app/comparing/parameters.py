"""Parameters of runs as rows, and which differ from those of the previous run."""

from __future__ import annotations

import math
import shlex
from collections.abc import Collection, Mapping
from typing import Any

from runs_app.comparing.standing import previous_run
from runs_app.comparing.storable import storable
from runs_app.models import Run, RunParameter
from runs_app.models.measured import NAME_LENGTH, TEXT_LENGTH

MAX_PARAMETERS = 300
MAX_CHANGED = 50

Changes = dict[str, dict[str, str | None]]


def parameter_text(value: Any) -> str:
    """Return a value in short; several values as typed on a command line."""
    text = shlex.join(map(str, value)) if isinstance(value, list) else str(value)
    return storable(text, TEXT_LENGTH)


def parameter_rows(run: Run) -> list[RunParameter]:
    """Return the rows of a run's parameters, without secret ones; stores nothing."""
    rows: dict[str, RunParameter] = {}
    for name, value in run.params.items():
        key = storable(name, NAME_LENGTH)
        if name not in run.secrets and key not in rows and len(rows) < MAX_PARAMETERS:
            rows[key] = RunParameter(
                run=run, name=key, text=parameter_text(value), number=_number(value)
            )
    return list(rows.values())


def changes(
    before: Mapping[str, Any], now: Mapping[str, Any], *, secrets: Collection[str] = ()
) -> Changes:
    """Return the parameters that differ: name to `{before, now}`, None where there was none."""
    changed: Changes = {}
    for name in dict.fromkeys([*now, *before]):
        texts = [parameter_text(some[name]) if name in some else None for some in (before, now)]
        if texts[0] != texts[1] and name not in secrets and len(changed) < MAX_CHANGED:
            changed[storable(name, NAME_LENGTH)] = {"before": texts[0], "now": texts[1]}
    return changed


def changed_from_previous(run: Run) -> Changes:
    """Return what differs from the previous run of the entry point; {} if there is none."""
    previous = previous_run(run)
    if previous is None:
        return {}
    return changes(previous.params, run.params, secrets={*run.secrets, *previous.secrets})


def store_changes(run: Run) -> None:
    """Store the parameters of a run that was just queued, and what it changes."""
    RunParameter.objects.bulk_create(parameter_rows(run))
    run.changed_params = changed_from_previous(run)
    if run.changed_params:
        Run.objects.filter(pk=run.pk).update(changed_params=run.changed_params)


def _number(value: Any) -> float | None:
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        return None
    try:
        number = float(value)
    except (ValueError, OverflowError):
        return None
    return number if math.isfinite(number) else None
