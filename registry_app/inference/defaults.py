"""Which script of a type a person would start first, and which patterns offer the others."""

from __future__ import annotations

import fnmatch
import posixpath
import re
from collections.abc import Collection, Sequence

from registry_app.choices import Confidence, ScriptLaunch
from registry_app.inference import reasons
from registry_app.inference.entry_points import EntryScript
from registry_app.inference.guess import Guess
from registry_app.inference.purpose import type_by_name

_VERSION = re.compile(r"(?:^|[_\-.])v(?:er)?(\d+(?:[._]\d+)*)(?=$|[_\-.])", re.IGNORECASE)
_COPY = re.compile(
    r"(?:^|[_\-. (])(?:old|bak|backup|copy|orig|deprecated|legacy|tmp|temp|unused|사본|복사본|백업)"
    r"(?=$|[_\-. )\d])",
    re.IGNORECASE,
)
_LAUNCHES = {
    ScriptLaunch.MAIN_GUARD: 0,
    ScriptLaunch.TOP_LEVEL: 0,
    ScriptLaunch.PACKAGE_MAIN: 0,
    ScriptLaunch.SHELL: 1,
    ScriptLaunch.BATCH: 2,
    ScriptLaunch.NOTEBOOK: 3,
}


def version_of(path: str) -> tuple[int, ...]:
    """Return the version that a file's name carries: `train_v2.1.py` has (2, 1); else ()."""
    found = _VERSION.findall(posixpath.splitext(posixpath.basename(path))[0])
    return tuple(int(part) for part in re.split(r"[._]", found[-1])) if found else ()


def is_copy(path: str) -> bool:
    """Whether a path says of itself that it is an old copy."""
    return any(_COPY.search(posixpath.splitext(part)[0]) for part in path.split("/"))


def choose_default(
    kind: str, scripts: Sequence[EntryScript], *, mentioned: Collection[str] = ()
) -> Guess[str] | None:
    """Return the script to start for a type; `mentioned` are paths that notes or launchers name.

    In this order: no old copy, this type before all others, plain scripts before launchers and
    notebooks, the name speaks of the type, nearer to the top, newest version, mentioned.
    """
    offered = [one for one in scripts if kind in one.types.value]
    if not offered:
        return None
    ranked = sorted(offered, key=lambda one: _rank(kind, one, mentioned))
    best = ranked[0]
    return Guess(
        value=best.path,
        confidence=_confidence(kind, best, ranked, mentioned),
        source=best.path,
        reason=_reason(kind, best, ranked, mentioned),
    )


def draft_patterns(kind: str, default: str, scripts: Sequence[EntryScript]) -> tuple[str, ...]:
    """Return patterns that offer every script of a type and none of another.

    Empty where the default is the only one: it is offered anyway.
    """
    wanted = sorted(one.path for one in scripts if kind in one.types.value)
    if len(wanted) < 2:
        return ()
    others = [one.path for one in scripts if kind not in one.types.value]
    patterns: list[str] = []
    for path in sorted(wanted, key=lambda path: (path != default, path)):
        if any(fnmatch.fnmatchcase(path, pattern) for pattern in patterns):
            continue
        family = _family(path)
        is_shared = sum(fnmatch.fnmatchcase(one, family) for one in wanted) > 1
        is_clean = not any(fnmatch.fnmatchcase(one, family) for one in others)
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


def _rank(kind: str, one: EntryScript, mentioned: Collection[str]) -> tuple[object, ...]:
    version = version_of(one.path)
    return (
        is_copy(one.path),
        one.types.value[0] != kind,
        _LAUNCHES[one.launch],
        type_by_name(one.path) != kind,
        one.path.count("/"),
        tuple(-number for number in version) if version else (1,),
        one.path not in mentioned,
        len(one.path),
        one.path,
    )


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
) -> str:
    if len(ranked) == 1:
        return reasons.joined(reasons.ONLY_ONE.format(kind=kind), best.types.reason)
    said = []
    if version_of(best.path) and any(version_of(one.path) for one in ranked[1:]):
        said.append(reasons.HIGHEST_VERSION.format(count=len(ranked), kind=kind))
    if best.path in mentioned:
        said.append(reasons.NAMED_ELSEWHERE)
    if not said:
        said.append(reasons.NEAREST_TO_TOP.format(count=len(ranked), kind=kind))
    return reasons.joined(*said)
