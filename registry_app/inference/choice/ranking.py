"""Rank the scripts of a type: which of them a user would start first."""

from __future__ import annotations

import posixpath
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from registry_app.inference.choice.lesser_scripts import (
    is_copy,
    is_lesser,
    is_part,
    runs_several,
    trains_for_scores,
)
from registry_app.inference.choice.versions import family, version_of
from registry_app.inference.purpose.entry_points import EntryScript
from registry_app.inference.purpose.script_names import (
    EVAL,
    distance_of_name,
    name_words,
    type_by_name,
)
from registry_app.kinds import EntryPointType
from registry_app.words import Confidence, ScriptLaunch

_LAUNCHES = {
    ScriptLaunch.MAIN_GUARD: 0,
    ScriptLaunch.TOP_LEVEL: 0,
    ScriptLaunch.PACKAGE_MAIN: 0,
    ScriptLaunch.CONSOLE_SCRIPT: 0,
    ScriptLaunch.SHELL: 1,
    ScriptLaunch.BATCH: 2,
    ScriptLaunch.NOTEBOOK: 3,
}


@dataclass(frozen=True, kw_only=True)
class Beside:
    """What a script is compared with: the candidates by path, and all that speaks for some of them.

    `repeated` maps scripts to the one that they run many times, `started` are those that a launcher
    starts, `families` those that notes start, of any version.
    """

    offered: Mapping[str, EntryScript]
    repeated: Mapping[str, str]
    started: Collection[str]
    families: Collection[str]
    mentioned: Collection[str]
    vendored: Collection[str]
    changed_on: Mapping[str, int]
    kin: Mapping[str, int]
    on_task: Collection[str]
    displaced: Collection[str]
    imported: Collection[str]

    def is_of_another_task(self, folder: str) -> bool:
        """Whether other candidates, but not this folder's, are in a folder named after the task."""
        if not folder or folder in self.on_task:
            return False
        return any(posixpath.dirname(path) in self.on_task for path in self.offered)

    def proves(self, path: str) -> bool:
        """Whether a script that repeats this one is likely to be of the type, so this one is."""
        return any(
            original == path and self.offered[repeater].types.confidence is not Confidence.UNSURE
            for repeater, original in self.repeated.items()
        )


def rank(kind: str, script: EntryScript, beside: Beside) -> tuple[object, ...]:
    """Return what a script is sorted by: its own properties, lower ones first."""
    path, folder = script.path, posixpath.dirname(script.path)
    version = version_of(path)
    distance = distance_of_name(EntryPointType(kind), path)
    return (
        is_copy(path) or is_part(kind, path),
        script.types.value[0] != kind,
        path in beside.repeated or trains_for_scores(kind, path),
        script.types.confidence is Confidence.UNSURE and distance > 0 and not beside.proves(path),
        is_lesser(kind, path) and path not in beside.started,
        path in beside.imported and distance > 1,
        path in beside.displaced or _is_below(path, beside.vendored),
        kind != EVAL and type_by_name(path) is EVAL,
        _LAUNCHES[script.launch],
        runs_several(path),
        family(path) not in beside.families,
        beside.is_of_another_task(folder),
        distance + path.count("/"),
        distance,
        -beside.kin.get(folder, 0),
        tuple(-number for number in version) if version else (1,),
        path not in beside.mentioned,
        len(name_words(path)),
        path not in beside.on_task,
        # In days: files copied or checked out together differ by meaningless seconds.
        -beside.changed_on.get(path, 0),
        len(posixpath.basename(path)),
        path,
    )


def _is_below(path: str, folders: Collection[str]) -> bool:
    return any(path.startswith(f"{folder}/") for folder in folders)
