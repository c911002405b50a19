"""Reports which outputs of a run cannot be read; never prevents a run from ending."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from registry_app.messages import Text
from runs_app.executors import notices
from runs_app.models import Run
from runs_app.records.kept_file import open_inside
from runs_app.runner.outputs.damage import Damage, DamagedAs, damage_of
from runs_app.runner.outputs.keeping import (
    KeptFile,
    as_text,
    is_result_changed_since,
    is_unreadable,
)
from runs_app.texts import remarks

# The end of a run must not be delayed by this.
MAX_LOOKED_AT = 300
MAX_NAMED = 5
_REMARKS = {
    DamagedAs.JSON: remarks.JSON_DAMAGED,
    DamagedAs.TABLE: remarks.TABLES_DAMAGED,
    DamagedAs.IMAGE: remarks.IMAGES_DAMAGED,
}


def note(run: Run, kept: Sequence[KeptFile]) -> None:
    """Note which files could not be saved because they are unreadable, and which are corrupt."""
    found: dict[str, tuple[Text, list[str]]] = {}

    def add(text: Text, file: str) -> None:
        found.setdefault(text.code, (text, []))[1].append(file)

    for file in kept:
        if is_unreadable(file):
            add(remarks.FILES_UNREADABLE, f"{as_text(file.path)} ({file.left_out})")
        elif is_result_changed_since(file):
            add(remarks.FILES_CHANGED_SINCE, as_text(file.path))
    for path, damage in _damaged(run.folder, kept):
        add(_REMARKS[damage.kind], _named(path, damage))
    for text, files in found.values():
        more = ["…"] if len(files) > MAX_NAMED else []
        notices.add(run.pk, text(files=[*files[:MAX_NAMED], *more]))


def _damaged(folder: Path, kept: Sequence[KeptFile]) -> Iterable[tuple[str, Damage]]:
    own = [file for file in kept if file.kept and not file.archived]
    for entry in own[:MAX_LOOKED_AT]:
        path = as_text(entry.path)
        try:
            with open_inside(folder, entry.kept) as file:
                damage = damage_of(file, path)
        except OSError:  # of the copy; hashing reports it
            continue
        if damage is not None:
            yield path, damage


def _named(path: str, damage: Damage) -> str:
    return path if damage.line is None else f"{path}:{damage.line}"
