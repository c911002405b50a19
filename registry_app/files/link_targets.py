"""Which links out of an experiment are followed: those of scripts, to scripts inside a root.

Several directories share a script this way. Nothing here imports Django, because readers of
directories use it too.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import PurePath


@dataclass(frozen=True, kw_only=True)
class LinkRule:
    """`roots` hold experiments, `closed` are folders of the portal; both with links resolved."""

    roots: tuple[str, ...] = ()
    closed: tuple[str, ...] = ()

    @classmethod
    def of(cls, roots: Collection[str | os.PathLike[str]], closed: Sequence[str]) -> LinkRule:
        return cls(
            roots=tuple(sorted({os.path.realpath(root) for root in roots})),
            closed=tuple(os.path.realpath(folder) for folder in closed),
        )

    def allows(self, link: str, target: str) -> bool:
        """Whether the file of an experiment at `link` may lead to `target`, its real path.

        A folder of the portal inside a root stays closed, a root inside such a folder is open.
        """
        places = [*self.closed, *self.roots]
        above = [place for place in places if PurePath(target).is_relative_to(place)]
        deepest = max(above, key=len, default="")
        is_open = deepest in self.roots and deepest not in self.closed
        return is_open and _is_script(link) and PurePath(target).suffix == PurePath(link).suffix


def _is_script(path: str) -> bool:
    return PurePath(path).suffix.lower() in {".py", ".ipynb", ".sh", ".bash"}
