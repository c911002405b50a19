"""`doctor` on the commands of entry points: odd interpreters, commands to be read."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from django.utils.translation import gettext as _

from portal.doctor.line import Line, good, warn
from registry_app.fields.confirmation import all_unconfirmed
from registry_app.files.interpreter_check import interpreter_problem
from registry_app.models import EntryPoint

AREA = "commands"
_NAMED = 10


def commands() -> Iterator[Line]:
    """Report interpreters that only some users may set, and commands changed since confirmation."""
    entries = list(EntryPoint.objects.select_related("experiment"))
    odd = [entry for entry in entries if _is_odd(entry)]
    waiting = [unconfirmed.entry_point for unconfirmed in all_unconfirmed(entries)]
    if odd:
        named = [f"{entry}: {entry.interpreter}" for entry in odd]
        yield warn(
            AREA,
            _("{count} interpreters are outside their directory and not listed: {names}").format(
                count=len(odd), names=_some(named)
            ),
            _("Add them to GUARDIANFLOW_INTERPRETERS, or name others in the entry points."),
        )
    if waiting:
        yield warn(
            AREA,
            _("{count} commands wait for an engineer to read them: {names}").format(
                count=len(waiting), names=_some([str(entry) for entry in waiting])
            ),
            _("The form of a run shows old and new, and asks for one tick."),
        )
    if not odd and not waiting:
        yield good(AREA, _("All commands are confirmed, all interpreters allowed"))


def _is_odd(entry: EntryPoint) -> bool:
    written, path = entry.interpreter, entry.experiment.path
    return bool(written and interpreter_problem(written, path, anywhere=False))


def _some(names: Sequence[str]) -> str:
    shown = ", ".join(names[:_NAMED])
    left = len(names) - _NAMED
    return _("{names} and {count} more").format(names=shown, count=left) if left > 0 else shown
