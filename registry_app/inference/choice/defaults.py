"""Choose the script of a type that a user would start first, and the patterns for the others."""

from __future__ import annotations

import fnmatch
import posixpath
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from registry_app.inference.choice.lesser_scripts import (
    is_copy,
    is_lesser,
    repeated_scripts,
    runs_several,
    started_by_launchers,
    trains_for_scores,
)
from registry_app.inference.guess import Guess
from registry_app.inference.purpose.entry_points import EntryScript
from registry_app.inference.purpose.script_names import (
    EVAL,
    distance_of_name,
    name_words,
    type_by_name,
)
from registry_app.inference.purpose.type_starts import command_for
from registry_app.kinds import EntryPointType
from registry_app.messages import Message
from registry_app.texts import reasons
from registry_app.words import Confidence, ScriptLaunch

_UNKNOWN: Mapping[str, int] = {}
MAX_RUNNERS_UP = 3
MAX_PATH_LENGTH = 80
_VERSION = re.compile(r"(?:^|[_\-.])v(?:er)?(\d+(?:[._]\d+)*)(?=$|[_\-.])", re.IGNORECASE)
_VERSION_IN_WORD = re.compile(r"(?<=[a-z])(?<!olo)V(\d+(?:[._]\d+)*)(?=$|[_\-.])")
_DATE = re.compile(r"(?:^|[_\-.])(20\d{6}|2[0-9](?:0[1-9]|1[0-2])[0-3]\d)(?=$|[_\-.])")
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
class _Beside:
    """What a script is compared with: the candidates' paths, and all that speaks for some of them.

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


def version_of(path: str) -> tuple[int, ...]:
    """Return the version in a file's name: (2, 1) for `train_v2.1.py`; () without one.

    A date counts as one: `train_20240503.py` has (20240503,).
    """
    stem = posixpath.splitext(posixpath.basename(path))[0]
    found = _VERSION.findall(stem) or _VERSION_IN_WORD.findall(stem) or _DATE.findall(stem)
    return tuple(int(part) for part in re.split(r"[._]", found[-1])) if found else ()


def family(path: str) -> str:
    """Return a path without its version: what all versions of a script have in common."""
    folder, name = posixpath.split(path)
    stem, suffix = posixpath.splitext(name)
    for pattern in (_VERSION, _VERSION_IN_WORD, _DATE):
        stem = pattern.sub("", stem)
    return posixpath.join(folder, stem + suffix)


def choose_default(
    kind: str,
    scripts: Sequence[EntryScript],
    *,
    mentioned: Collection[str] = (),
    vendored: Collection[str] = (),
    changed_on: Mapping[str, int] = _UNKNOWN,
    noted: Collection[str] = (),
    kin: Mapping[str, int] = _UNKNOWN,
    on_task: Collection[str] = (),
    displaced: Collection[str] = (),
) -> Guess[str] | None:
    """Return the script to start for a type.

    `mentioned` are paths that notes or launchers name, `noted` those of notes alone, `vendored`
    folders of frameworks, `changed_on` the day of each script's last change (days since 1970),
    `kin` how much each folder holds of what belongs to it: other types, other defaults, past runs;
    `on_task` the folders and scripts that are named after the experiment's task, `displaced` the
    scripts that cannot start where they are. The order is that of `_rank`.
    """
    offered = [script for script in scripts if kind in script.types.value]
    if not offered:
        return None
    beside = _Beside(
        offered={script.path: script for script in offered},
        repeated=repeated_scripts(script.path for script in offered),
        started=started_by_launchers(kind, scripts),
        families=frozenset(family(path) for path in noted),
        mentioned=mentioned,
        vendored=vendored,
        changed_on=changed_on,
        kin=kin,
        on_task=on_task,
        displaced=displaced,
    )
    ranked = sorted(offered, key=lambda script: _rank(kind, script, beside))
    best = ranked[0]
    return Guess(
        value=best.path,
        confidence=_confidence(kind, best, ranked, mentioned),
        source=_place(kind, best),
        reason=_reason(kind, best, ranked, mentioned),
    )


def _place(kind: str, script: EntryScript) -> str:
    """Return the place in a script that shows its type, if it is in the script itself."""
    place = script.types.source
    is_shown = script.types.value[0] == kind and place.startswith(f"{script.path}:")
    return place if is_shown else script.path


def draft_patterns(kind: str, default: str, scripts: Sequence[EntryScript]) -> tuple[str, ...]:
    """Return patterns that offer every script of a type and none of another.

    Empty if the default is the only one: it is always offered.
    """
    wanted = sorted(script.path for script in scripts if kind in script.types.value)
    if len(wanted) < 2:
        return ()
    others = [script.path for script in scripts if kind not in script.types.value]
    patterns: list[str] = []
    for path in sorted(wanted, key=lambda path: (path != default, path)):
        if any(fnmatch.fnmatchcase(path, pattern) for pattern in patterns):
            continue
        family = _family(path)
        is_shared = sum(fnmatch.fnmatchcase(path, family) for path in wanted) > 1
        is_clean = not any(fnmatch.fnmatchcase(other, family) for other in others)
        patterns.append(family if is_shared and is_clean else _escaped(path))
    return tuple(patterns)


def _family(path: str) -> str:
    """Return the pattern of files that begin with the same word: `src/train*.py`."""
    folder, name = posixpath.split(path)
    stem, suffix = posixpath.splitext(name)
    word = re.split(r"[_\-. ]", stem)[0] or stem
    return posixpath.join(_escaped(folder), f"{_escaped(word)}*{suffix}")


def _escaped(text: str) -> str:
    return re.sub(r"([*?[])", r"[\1]", text)


def _rank(kind: str, script: EntryScript, beside: _Beside) -> tuple[object, ...]:
    """Return what a script is sorted by: its own properties, lower ones first."""
    path, folder = script.path, posixpath.dirname(script.path)
    version = version_of(path)
    distance = distance_of_name(EntryPointType(kind), path)
    return (
        is_copy(path),
        script.types.value[0] != kind,
        path in beside.repeated or trains_for_scores(kind, path),
        script.types.confidence is Confidence.UNSURE and distance > 0 and not beside.proves(path),
        is_lesser(kind, path) and path not in beside.started,
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


def _confidence(
    kind: str, best: EntryScript, ranked: Sequence[EntryScript], mentioned: Collection[str]
) -> Confidence:
    if best.types.value[0] != kind or best.types.confidence is Confidence.UNSURE:
        return Confidence.UNSURE
    is_alone = len(ranked) == 1
    if (is_alone or best.path in mentioned) and best.types.confidence is Confidence.SURE:
        return Confidence.SURE
    return Confidence.LIKELY


def _reason(
    kind: str, best: EntryScript, ranked: Sequence[EntryScript], mentioned: Collection[str]
) -> tuple[Message, ...]:
    if len(ranked) == 1:
        return (reasons.ONLY_ONE(kind=kind), *_reasons_of_type(kind, best))
    texts = []
    if version_of(best.path) and any(version_of(script.path) for script in ranked[1:]):
        texts.append(reasons.HIGHEST_VERSION(count=len(ranked), kind=kind))
    if best.path in mentioned:
        texts.append(reasons.NAMED_ELSEWHERE())
    if not texts:
        texts.append(reasons.NEAREST_TO_TOP(count=len(ranked), kind=kind))
    texts.append(reasons.RUNNERS_UP(paths=_named(ranked[1:])))
    return tuple(texts)


def _reasons_of_type(kind: str, script: EntryScript) -> tuple[Message, ...]:
    """Return what says that a script has a type; its code speaks of its first type alone."""
    if script.types.value[0] == kind:
        return script.types.reason
    command = command_for(script.command_line, kind)
    return (reasons.SUB_COMMAND(name=command),) if command else ()


def _named(scripts: Sequence[EntryScript]) -> str:
    """Name the scripts that rank after the default, as many as a reader can take in."""
    shown = [
        script.path for script in scripts[:MAX_RUNNERS_UP] if len(script.path) <= MAX_PATH_LENGTH
    ]
    left = len(scripts) - len(shown)
    return ", ".join(shown) + (f" (+{left})" if left else "")
