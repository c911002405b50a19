"""Which script of a type a person would start first, and which patterns offer the others."""

from __future__ import annotations

import fnmatch
import posixpath
import re
from collections.abc import Collection, Iterable, Mapping, Sequence

from registry_app.choices import Confidence, EntryPointType, ScriptLaunch
from registry_app.inference import reasons
from registry_app.inference.guess import Guess
from registry_app.inference.purpose.entry_points import EntryScript
from registry_app.inference.purpose.script_names import distance_of_name, name_words
from registry_app.messages import Message

_UNKNOWN: Mapping[str, int] = {}
MOST_RUNNERS_UP = 3
LONGEST_PATH = 80
_VERSION = re.compile(r"(?:^|[_\-.])v(?:er)?(\d+(?:[._]\d+)*)(?=$|[_\-.])", re.IGNORECASE)
_DATE = re.compile(r"(?:^|[_\-.])(20\d{6}|2[0-9](?:0[1-9]|1[0-2])[0-3]\d)(?=$|[_\-.])")
_COPY = re.compile(
    r"(?:^|[_\-. (])(?:old|bak|backup|copy|orig|deprecated|legacy|tmp|temp|unused|사본|복사본|백업)"
    r"(?=$|[_\-. )\d])",
    re.IGNORECASE,
)
# Folders that carry the name of a framework, or say that others wrote what is in them.
_FRAMEWORK = re.compile(
    r"^(?:yolo[vxr]?-?\d*(?:-\w+)?|ultralytics\w*|mm(?:det|seg|pose|cv|action|pretrain|rotate)\w*"
    r"|detectron2|paddle(?:ocr|detection|seg|clas)?|darknet|tensorflow|deep_?sort\w*|bytetrack\w*"
    r"|strong_?sort\w*|.*-(?:master|main)|third_?party|vendor(?:ed)?|external|submodules)$",
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
    """Return the version that a file's name carries: `train_v2.1.py` has (2, 1); else ().

    A date counts as one: `train_20240503.py` has (20240503,).
    """
    stem = posixpath.splitext(posixpath.basename(path))[0]
    found = _VERSION.findall(stem) or _DATE.findall(stem)
    return tuple(int(part) for part in re.split(r"[._]", found[-1])) if found else ()


def is_copy(path: str) -> bool:
    """Whether a path says of itself that it is an old copy."""
    return any(_COPY.search(posixpath.splitext(part)[0]) for part in path.split("/"))


def vendored_folders(paths: Iterable[str]) -> frozenset[str]:
    """Return the folders that hold a framework of somebody else, not the work of the author."""
    folders: set[str] = set()
    files: dict[str, set[str]] = {}
    for path in paths:
        folder, name = posixpath.split(path)
        files.setdefault(folder, set()).add(name.lower())
        parts = folder.split("/") if folder else []
        for number, part in enumerate(parts):
            if _FRAMEWORK.match(part):
                folders.add("/".join(parts[: number + 1]))
    folders |= {one for one, names in files.items() if one and _is_packaged(names)}
    return frozenset(folders)


def _is_packaged(names: set[str]) -> bool:
    return "hubconf.py" in names or ("setup.py" in names and "readme.md" in names)


def choose_default(
    kind: str,
    scripts: Sequence[EntryScript],
    *,
    mentioned: Collection[str] = (),
    vendored: Collection[str] = (),
    changed_on: Mapping[str, int] = _UNKNOWN,
) -> Guess[str] | None:
    """Return the script to start for a type.

    `mentioned` are paths that notes or launchers name, `vendored` folders of frameworks,
    `changed_on` the day on which each script was changed last (days since 1970). In this order:
    no old copy, this type before all others, the author's own, plain scripts before launchers and
    notebooks, the name speaks of the type, nearer to the top, newest version, mentioned, the
    plainest name, changed last.
    """
    offered = [one for one in scripts if kind in one.types.value]
    if not offered:
        return None
    ranked = sorted(offered, key=lambda one: _rank(kind, one, mentioned, vendored, changed_on))
    best = ranked[0]
    return Guess(
        value=best.path,
        confidence=_confidence(kind, best, ranked, mentioned),
        source=_place(best),
        reason=_reason(kind, best, ranked, mentioned),
    )


def _place(script: EntryScript) -> str:
    """Return where a script shows its type, as far as that is in the script itself."""
    place = script.types.source
    return place if place.startswith(f"{script.path}:") else script.path


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


def _rank(
    kind: str,
    one: EntryScript,
    mentioned: Collection[str],
    vendored: Collection[str],
    changed_on: Mapping[str, int],
) -> tuple[object, ...]:
    version = version_of(one.path)
    distance = distance_of_name(EntryPointType(kind), one.path)
    return (
        is_copy(one.path),
        one.types.value[0] != kind,
        _is_below(one.path, vendored),
        _LAUNCHES[one.launch],
        distance + one.path.count("/"),
        distance,
        tuple(-number for number in version) if version else (1,),
        one.path not in mentioned,
        len(name_words(one.path)),
        # Days: what was copied or checked out at once differs by seconds, which say nothing.
        -changed_on.get(one.path, 0),
        len(posixpath.basename(one.path)),
        one.path,
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
        return (reasons.ONLY_ONE(kind=kind), *best.types.reason)
    said = []
    if version_of(best.path) and any(version_of(one.path) for one in ranked[1:]):
        said.append(reasons.HIGHEST_VERSION(count=len(ranked), kind=kind))
    if best.path in mentioned:
        said.append(reasons.NAMED_ELSEWHERE())
    if not said:
        said.append(reasons.NEAREST_TO_TOP(count=len(ranked), kind=kind))
    said.append(reasons.RUNNERS_UP(paths=_named(ranked[1:])))
    return tuple(said)


def _named(scripts: Sequence[EntryScript]) -> str:
    """Name the scripts that come after the default, as far as a reader takes them in."""
    shown = [one.path for one in scripts[:MOST_RUNNERS_UP] if len(one.path) <= LONGEST_PATH]
    left = len(scripts) - len(shown)
    return ", ".join(shown) + (f" (+{left})" if left else "")
