"""Report an unknown name, with the nearest known one."""

from __future__ import annotations

import difflib
import unicodedata
from collections.abc import Collection, Sequence

from registry_app.messages import Message, Text
from registry_app.texts import cells as texts

# Comparing a name with all others is slow; if most names are wrong, the cause is another one.
MAX_COMPARED = 20


class NearestNames:
    """Compare the first unknown names of a file with the known ones."""

    def __init__(self) -> None:
        self._compared = 0

    def unknown(
        self, kind: Text, name: str, known: Collection[str], *, listed: Collection[str] = ()
    ) -> Message:
        """Return the message that there is no `kind` of this name, with the nearest known one.

        `listed` are the names to list if none is near, instead of all known ones.
        """
        self._compared += 1
        if self._compared > MAX_COMPARED:
            return texts.UNKNOWN(kind=kind(), name=name)
        letters = {_letters(name): name for name in known}
        near = difflib.get_close_matches(_letters(name), letters, n=1, cutoff=0.5)
        if near:
            return texts.UNKNOWN_NEAR(kind=kind(), name=name, near=letters[near[0]])
        return texts.UNKNOWN_LISTED(kind=kind(), name=name, names=_some(sorted(listed or known)))


def _letters(name: str) -> str:
    """Return a name normalized for comparison: without case, Hangul syllables as letters."""
    return unicodedata.normalize("NFD", name).casefold()


def _some(names: Sequence[str]) -> str:
    shown = ", ".join(names[:20])
    return f"{shown}, …" if len(names) > 20 else shown or "–"
