"""Choose the script of a type that a user would start first, and the patterns for the others."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Collection, Mapping, Sequence
from typing import NamedTuple

from registry_app.inference.choice.lesser_scripts import (
    repeated_scripts,
    started_by_launchers,
    steps_before_training,
)
from registry_app.inference.choice.ranking import Beside, distance_from, rank, shows_type
from registry_app.inference.choice.versions import family, numbers_in_series, version_of
from registry_app.inference.guess import Guess
from registry_app.inference.purpose.entry_points import EntryScript
from registry_app.inference.purpose.script_names import DEMO, INFER
from registry_app.inference.purpose.type_starts import command_for
from registry_app.messages import Message
from registry_app.texts import reasons
from registry_app.words import Confidence

_UNKNOWN: Mapping[str, int] = {}
MAX_RUNNERS_UP = 3
MAX_PATH_LENGTH = 80


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
    imported: Collection[str] = (),
) -> Guess[str] | None:
    """Return the script to start for a type.

    `mentioned` are paths that notes or launchers name, `noted` those of notes alone, `vendored`
    folders of frameworks, `changed_on` the day of each script's last change (days since 1970),
    `kin` how much each folder holds of what belongs to it: other types, other defaults, past runs;
    `on_task` the folders and scripts that are named after the experiment's task, `displaced` the
    scripts that cannot start where they are, `imported` those that other files import. The order
    is that of `ranking.rank`.
    """
    offered = [script for script in scripts if kind in script.types.value]
    if not offered:
        return None
    shown = [script for script in offered if shows_type(kind, script)]
    beside = Beside(
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
        has_demo=any(
            script.types.value[0] == DEMO and script.types.confidence is not Confidence.UNSURE
            for script in offered
        ),
        distance_on_task=min(
            (
                distance_from(kind, script)
                for script in offered
                if posixpath.dirname(script.path) in on_task
            ),
            default=None,
        ),
        imported=imported,
        shown_in={posixpath.dirname(script.path) for script in shown},
        shown_families={family(script.path) for script in shown},
        numbers=numbers_in_series(script.path for script in offered),
        before_training=steps_before_training(scripts) if kind == INFER else (),
    )
    ranked = sorted(offered, key=lambda script: rank(kind, script, beside))
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
    taken: set[_Family] = set()
    for path in sorted(wanted, key=lambda path: (path != default, path)):
        if any(known.has(path) for known in taken):
            continue
        family = _family(path)
        is_shared = sum(family.has(path) for path in wanted) > 1
        is_clean = not any(family.has(other) for other in others)
        if is_shared and is_clean:
            taken.add(family)
        patterns.append(family.pattern if family in taken else _escaped(path))
    return tuple(patterns)


class _Family(NamedTuple):
    """The files that begin and end alike; comparing texts is faster than a pattern for each."""

    begin: str
    suffix: str

    @property
    def pattern(self) -> str:
        return f"{_escaped(self.begin)}*{self.suffix}"

    def has(self, path: str) -> bool:
        is_long_enough = len(path) >= len(self.begin) + len(self.suffix)
        return is_long_enough and path.startswith(self.begin) and path.endswith(self.suffix)


def _family(path: str) -> _Family:
    """Return the files that begin with the same word: those of `src/train*.py`."""
    folder, name = posixpath.split(path)
    stem, suffix = posixpath.splitext(name)
    word = re.split(r"[_\-. ]", stem)[0] or stem
    return _Family(posixpath.join(folder, word), suffix)


def _escaped(text: str) -> str:
    return re.sub(r"([*?[])", r"[\1]", text)


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
    if not texts and all(best.path.count("/") <= script.path.count("/") for script in ranked):
        texts.append(reasons.NEAREST_TO_TOP(count=len(ranked), kind=kind))
    texts = texts or list(_reasons_of_type(kind, best))
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
