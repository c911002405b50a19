"""What people should know of a run beside its state: stored as codes, told in their language."""

from __future__ import annotations

from typing import Any

from django.db import transaction

from registry_app.files.visible import visible
from runs_app.choices import Notice
from runs_app.models import Run


def add(run_pk: int, notice: Notice, *, instead_of: Notice | None = None, **values: Any) -> bool:
    """Note something once; return whether it is new. Other values replace those that were noted.

    What turned out to be wrong is taken back with `instead_of`.
    """
    with transaction.atomic():
        run = Run.objects.select_for_update().only("notices").filter(pk=run_pk).first()
        if run is None:
            return False
        if run.notices.get(notice) == values and str(instead_of) not in run.notices:
            return False
        run.notices.pop(str(instead_of), None)
        run.notices[str(notice)] = values
        run.save(update_fields=["notices"])
    return True


def warnings_of(run: Run) -> list[str]:
    """Return every warning of a run, those from before its start first, as sentences."""
    told = [*run.warnings, *(_sentence(code, values) for code, values in run.notices.items())]
    return [visible(text, keep="\n") for text in told]


def _sentence(code: str, values: dict[str, Any]) -> str:
    try:
        return str(Notice(code).label).format(**values)
    except (ValueError, KeyError):  # of a newer version of the portal
        return code
