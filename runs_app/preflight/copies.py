"""A run reads no copy that an earlier step of a chain handed over to another run.

What the script writes beside its copy is an output of the run whose folder that is: a run that is
repeated with the same path would change the record of the first, and have no output itself.
"""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from django.conf import settings

from runs_app.exceptions import RefusedError
from runs_app.executors.fencing import HANDED_OVER
from runs_app.models import Run
from runs_app.texts import refusals as texts


def check(argv: Iterable[str], *, own: UUID | None) -> None:
    """Refuse a command that names a copy of another run than the one with the key `own`."""
    runs = f"{settings.RUNS_DIR}/"
    for word in argv:
        key, _slash, path = (
            word.rpartition(runs)[2].partition("/") if runs in word else ("", "", "")
        )
        if path.startswith(f"{HANDED_OVER}/") and key != str(own):
            raise RefusedError(texts.COPY_OF_ANOTHER(file=path, run=_number(key)))


def _number(key: str) -> str:
    try:
        found = Run.objects.filter(uuid=UUID(key)).values_list("pk", flat=True).first()
    except ValueError:
        found = None
    return key if found is None else str(found)
