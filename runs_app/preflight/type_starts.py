"""Whether it is known how to start a script for one of its types."""

from __future__ import annotations

from registry_app.choices import FieldSource
from registry_app.models import EntryPoint, FieldProvenance
from runs_app.exceptions import UnknownStartError
from runs_app.preflight.script_choices import ScriptChoice
from runs_app.texts.refusals import START_UNKNOWN


def check(choice: ScriptChoice, kind: str, entry: EntryPoint | None) -> None:
    """Raise UnknownStartError: no scan found how to start this one of the script's types.

    A default script that a user chose always starts.
    """
    if choice.is_default and entry is not None and _is_chosen_by_person(entry):
        return
    raise UnknownStartError(
        START_UNKNOWN(script=choice.path, kind=kind, other_kind=choice.starts_another)
    )


def _is_chosen_by_person(entry: EntryPoint) -> bool:
    rows = FieldProvenance.objects.filter(
        experiment=entry.experiment_id, field=f"entry_points.{entry.type}.default"
    )
    return not rows.filter(source=FieldSource.SCANNED).exists()
