"""Says that a name is not known, and which known one is nearest."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Sequence

from django.utils.translation import gettext as _

# Comparing a name with all others takes long: where most are wrong, so is something else.
MAX_COMPARED = 20


class NearestNames:
    """Compares the first unknown names of a file with the known ones."""

    def __init__(self) -> None:
        self._compared = 0

    def unknown(self, kind: str, name: str, known: Collection[str]) -> str:
        """Say that there is no `kind` of this name, and which known one is nearest."""
        self._compared += 1
        if self._compared > MAX_COMPARED:
            return _("There is no {kind} {name}.").format(kind=kind, name=name)
        near = difflib.get_close_matches(name, known, n=1, cutoff=0.5)
        if near:
            return _("There is no {kind} {name}. Did you mean {near}?").format(
                kind=kind, name=name, near=near[0]
            )
        return _("There is no {kind} {name}. Known are {names}.").format(
            kind=kind, name=name, names=_some(sorted(known))
        )


def _some(names: Sequence[str]) -> str:
    shown = ", ".join(names[:20])
    return f"{shown}, …" if len(names) > 20 else shown or "–"
