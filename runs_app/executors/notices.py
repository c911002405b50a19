"""What users should know about a run besides its state: stored as codes and values."""

from __future__ import annotations

from django.db import transaction

from registry_app.messages import Message, Text, stored_values
from registry_app.reading import message_text
from runs_app.models import Run


def add(run_pk: int, remark: Message, *, instead_of: Text | None = None) -> bool:
    """Note something once; return whether it is new. New values replace the stored ones.

    Pass as `instead_of` a note that turned out to be wrong: it is removed.
    """
    taken_back = instead_of.code if instead_of else ""
    values = stored_values(remark)
    with transaction.atomic():
        run = Run.objects.select_for_update().only("notices").filter(pk=run_pk).first()
        if run is None:
            return False
        if run.notices.get(remark.code) == values and taken_back not in run.notices:
            return False
        run.notices.pop(taken_back, None)
        run.notices[remark.code] = values
        run.save(update_fields=["notices"])
    return True


def take_back(run_pk: int, remark: Text) -> None:
    """Remove a note that no longer holds."""
    with transaction.atomic():
        run = Run.objects.select_for_update().only("notices").filter(pk=run_pk).first()
        if run is not None and run.notices.pop(remark.code, None) is not None:
            run.save(update_fields=["notices"])


def warnings_of(run: Run) -> list[str]:
    """Return every warning of a run in the reader's language, those from before its start first."""
    return [message_text(message, keep="\n") for message in run.all_warnings]
