"""Remember whether people kept the guesses that they decided by themselves.

A value that is accepted together with others tells nothing: nobody need have looked at it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

from django.contrib.auth.models import AbstractBaseUser

from registry_app.changes import change_sets
from registry_app.fields.names import is_empty, split_field
from registry_app.models import ChangeSet, DecidedGuess, EntryPoint, FieldProvenance, Script

Key = tuple[int, str]
DEFAULT = "default"
# The field of rows about the type of a script; no field of the registry file has its name.
SCRIPT_TYPE = "type"


def remember(
    guesses: Sequence[FieldProvenance], *, kept: Collection[Key], by: AbstractBaseUser | None
) -> None:
    """Store for each guess whether its value was kept; call it after the fields were written.

    A default script also tells whether the scan knew the type of that script. A value without a
    confidence is none that a scan found: a user gave it back to the scans.
    """
    rows = []
    for guess in guesses:
        if guess.confidence:
            is_kept = (guess.experiment_id, guess.field) in kept
            rows.append(_row(guess.experiment_id, guess.field, guess.confidence, is_kept=is_kept))
            rows += _types_of_scripts(guess)
    made = change_sets.present()
    for row in rows:
        row.by_id, row.change_set = by.pk if by is not None else None, made
    DecidedGuess.objects.bulk_create(rows)


def forget(change_set: ChangeSet) -> None:
    """Count no longer what was decided in a change set that is undone."""
    DecidedGuess.objects.filter(change_set=change_set).delete()


def _types_of_scripts(guess: FieldProvenance) -> Iterator[DecidedGuess]:
    kind, name = split_field(guess.field)
    if not kind or name != DEFAULT:
        return
    points = EntryPoint.objects.filter(experiment=guess.experiment_id, type=kind)
    path = points.values_list("default_script", flat=True).first()
    if is_empty(path):
        return
    scripts = Script.objects.filter(experiment=guess.experiment_id, path=path)
    for types, confidence in scripts.values_list("types", "confidence"):
        if confidence:
            field = f"entry_points.{kind}.{SCRIPT_TYPE}"
            yield _row(guess.experiment_id, field, confidence, is_kept=kind in types)


def _row(experiment: int, field: str, confidence: str, *, is_kept: bool) -> DecidedGuess:
    return DecidedGuess(
        experiment_id=experiment, field=field, confidence=confidence, is_kept=is_kept
    )
