"""Rank the scripts of a type: which of them a user would start first."""

from __future__ import annotations

import posixpath
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from registry_app.inference.choice.lesser_scripts import (
    explains,
    fills_a_table,
    is_below_measurements,
    is_copy,
    is_for_rented_server,
    is_in_use,
    is_lesser,
    is_of_experiments,
    is_part,
    only_probes,
    prepares_data,
    runs_several,
    trains_for_scores,
)
from registry_app.inference.choice.versions import family, version_of
from registry_app.inference.purpose.entry_points import EntryScript
from registry_app.inference.purpose.script_names import (
    DEMO,
    EVAL,
    INFER,
    INPUT_WORDS,
    QUANT,
    distance_of_name,
    name_words,
    names_more,
    names_only_a_format,
    names_only_a_trial,
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

# Names of the file with a program's commands.
_COMMANDS = frozenset("cli command commands main app".split())


@dataclass(frozen=True, kw_only=True)
class Beside:
    """What a script is compared with: the candidates by path, and all that speaks for some of them.

    `repeated` maps scripts to the one that they run many times, `started` are those that a launcher
    starts, `families` those that notes start, of any version. `has_demo`: a demo is surely offered.
    `distance_on_task` is that of the name nearest to the type in a folder of the task,
    `shown_in` the folders with a script whose code shows the type, `shown_families` the families
    of such scripts in all versions, `numbers` those of attempts that are counted,
    `before_training` the numbered steps before that which trains.
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
    has_demo: bool
    distance_on_task: int | None
    imported: Collection[str]
    shown_in: Collection[str]
    shown_families: Collection[str]
    numbers: Mapping[str, int]
    before_training: Collection[str]

    def is_of_another_task(self, folder: str, distance: int) -> bool:
        """Whether other candidates, but not this folder's, are in a folder named after the task.

        They count only if their names are not much farther from the type than this one's.
        """
        if not folder or folder in self.on_task or self.distance_on_task is None:
            return False
        return self.distance_on_task <= distance + 1

    def proves(self, script: EntryScript) -> bool:
        """Whether another script shows that this one is of the type.

        It repeats this one and is likely to be of the type, or is itself started by this one, which
        does all of the work: `create_models.py` that runs `yolo.py` and `nms.py`.
        """
        path = script.path
        shown_in = script.types.source.rpartition(":")[0]
        if shown_in != path and shown_in in self.offered:
            return True
        return any(
            original == path and self.offered[repeater].types.confidence is not Confidence.UNSURE
            for repeater, original in self.repeated.items()
        )


def rank(kind: str, script: EntryScript, beside: Beside) -> tuple[object, ...]:
    """Return what a script is sorted by: its own properties, lower ones first."""
    path, folder = script.path, posixpath.dirname(script.path)
    version = version_of(path)
    only_tries = kind != EVAL and _only_tries(script)
    is_tried = only_tries or (kind != EVAL and _names_a_test(path))
    distance = distance_from(kind, script)
    is_shown = beside.proves(script) or family(path) in beside.shown_families
    is_guessed = _is_guessed(script, distance) and not is_shown
    return (
        is_copy(path)
        or is_part(kind, path)
        or only_probes(kind, path)
        or explains(kind, path)
        or (kind == INFER and is_below_measurements(path)),
        script.types.value[0] != kind
        or (kind == INFER and beside.has_demo and names_only_a_trial(path)),
        path in beside.repeated
        or trains_for_scores(kind, path)
        or fills_a_table(kind, path)
        or prepares_data(kind, path)
        or path in beside.before_training,
        is_guessed and distance > 1,
        only_tries
        or (is_lesser(_kind_of_trial(kind, script), path) and path not in beside.started),
        not is_in_use(path),
        path in beside.imported and distance > 1,
        path in beside.displaced or _is_below(path, beside.vendored),
        is_tried,
        is_guessed or (_is_outdone(kind, script, beside) and not is_shown),
        _LAUNCHES[script.launch],
        runs_several(path),
        family(path) not in beside.families,
        beside.is_of_another_task(folder, distance),
        distance + path.count("/"),
        distance,
        is_of_experiments(path) or is_for_rented_server(path),
        -beside.kin.get(folder, 0),
        tuple(-number for number in version) if version else (1,),
        path not in beside.mentioned,
        len(name_words(path)),
        kind == INFER and INPUT_WORDS.isdisjoint(name_words(path)),
        path not in beside.on_task,
        -beside.numbers.get(path, 0),
        # In days: files copied or checked out together differ by meaningless seconds.
        -beside.changed_on.get(path, 0),
        len(posixpath.basename(path)),
        path,
    )


def distance_from(kind: str, script: EntryScript) -> int:
    """Return the distance of a name from a type; the main part of a package is named so.

    A format alone names what is used as well as what is made.
    """
    distance = distance_of_name(EntryPointType(kind), script.path)
    if script.launch is ScriptLaunch.PACKAGE_MAIN:
        return min(distance, 1)
    return distance + (kind == QUANT and names_only_a_format(script.path))


def _is_guessed(script: EntryScript, distance: int) -> bool:
    """Whether a type is unsure and the name does not say it."""
    is_unsure = script.types.confidence is Confidence.UNSURE
    return is_unsure and distance > 0 and not _is_command_line(script)


def _is_outdone(kind: str, script: EntryScript, beside: Beside) -> bool:
    """Whether a name alone says a type, and much more, beside a script whose code shows it.

    `detect_3d_node.py` works on what `yolo_node.py` finds. `detect.py` and `train_fire.py` are
    started themselves.
    """
    is_unsure = script.types.confidence is Confidence.UNSURE and not _is_command_line(script)
    is_beside = posixpath.dirname(script.path) in beside.shown_in
    return is_unsure and is_beside and names_more(script.path)


def shows_type(kind: str, script: EntryScript) -> bool:
    """Whether a script's own code shows that it has a type first of all, and it is no trial."""
    is_shown = script.types.value[0] == kind and script.types.confidence is not Confidence.UNSURE
    is_aside = is_copy(script.path) or is_lesser(kind, script.path) or _names_a_test(script.path)
    return is_shown and not is_aside and not fills_a_table(kind, script.path)


def _is_command_line(script: EntryScript) -> bool:
    """Whether an installed command starts a file that is named as the one with the commands."""
    is_installed = script.launch is ScriptLaunch.CONSOLE_SCRIPT
    return is_installed and not _COMMANDS.isdisjoint(name_words(script.path))


def _names_a_test(path: str) -> bool:
    """Whether a name is that of an evaluation or begins with `test`: `test_webcam.py`."""
    return type_by_name(path) is EVAL or name_words(path)[:1] in (["test"], ["testing"])


def _only_tries(script: EntryScript) -> bool:
    """Whether a launcher starts nothing but what is named as a test: `run.sh` of `test.py`."""
    is_launcher = script.launch in {ScriptLaunch.SHELL, ScriptLaunch.BATCH}
    return is_launcher and bool(script.starts) and all(map(_names_a_test, script.starts))


def _kind_of_trial(kind: str, script: EntryScript) -> str:
    """Return the type by which a path is a trial: a demo that is offered is none for its name."""
    return DEMO if script.types.value[0] == DEMO else kind


def _is_below(path: str, folders: Collection[str]) -> bool:
    return any(path.startswith(f"{folder}/") for folder in folders)
