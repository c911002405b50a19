"""Says which outputs of a run cannot be read; never keeps a run from its end."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from runs_app.choices import Notice
from runs_app.executors import notices
from runs_app.models import Run
from runs_app.records.kept_file import open_inside
from runs_app.runner.outputs.damage import Damage, DamagedAs, damage_of
from runs_app.runner.outputs.keeping import KeptFile, as_text, is_unreadable

# People who wait for the end of a run should not wait for this.
MOST_LOOKED_AT = 300
MOST_NAMED = 5
_NOTICES = {
    DamagedAs.JSON: Notice.JSON_DAMAGED,
    DamagedAs.TABLE: Notice.TABLES_DAMAGED,
    DamagedAs.PICTURE: Notice.PICTURES_DAMAGED,
}


def note(run: Run, kept: Sequence[KeptFile]) -> None:
    """Note what could not be kept because nobody can read it, and what is damaged."""
    found: dict[Notice, list[str]] = {}
    for one in kept:
        if is_unreadable(one):
            told = f"{as_text(one.path)} ({one.left_out})"
            found.setdefault(Notice.FILES_UNREADABLE, []).append(told)
    for path, damage in _damaged(run.folder, kept):
        found.setdefault(_NOTICES[damage.kind], []).append(_named(path, damage))
    for notice, files in found.items():
        more = ["…"] if len(files) > MOST_NAMED else []
        notices.add(run.pk, notice, files=", ".join([*files[:MOST_NAMED], *more]))


def _damaged(folder: Path, kept: Sequence[KeptFile]) -> Iterable[tuple[str, Damage]]:
    own = [one for one in kept if one.kept and not one.archived]
    for one in own[:MOST_LOOKED_AT]:
        path = as_text(one.path)
        try:
            with open_inside(folder, one.kept) as file:
                damage = damage_of(file, path)
        except OSError:  # of the copy; its hash will say so
            continue
        if damage is not None:
            yield path, damage


def _named(path: str, damage: Damage) -> str:
    return path if damage.line is None else f"{path}:{damage.line}"
