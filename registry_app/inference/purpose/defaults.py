"""Choose the script of a type that a user would start first, and the patterns for the others."""

from __future__ import annotations

import fnmatch
import posixpath
import re
from collections.abc import Collection, Iterable, Mapping, Sequence

from registry_app.inference.guess import Guess
from registry_app.inference.purpose.entry_points import EntryScript
from registry_app.inference.purpose.script_names import distance_of_name, name_words
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
_COPY = re.compile(
    r"(?:^|[_\-. (])(?:old|bak|backup|copy|orig|deprecated|legacy|tmp|temp|unused|사본|복사본|백업)"
    r"(?=$|[_\-. )\d])",
    re.IGNORECASE,
)
# Words of a path that mark a trial, an example or a first attempt.
_LESSER = frozenset(
    "example examples sample samples demo demos experiment experiments experimental playground"
    " sandbox tutorial tutorials baseline baselines toy scratch trial trials attic debug dummy"
    " practice quickstart hello docs doc 연습 예제 실험".split()
)
# Folders named after a framework, or marked as third-party code.
_FRAMEWORK = re.compile(
    r"^(?:yolo(?:[vxr]-?\d*|-?\d+)(?:-\w+)?|ultralytics\w*|mm(?:det|seg|pose|cv|action|pretrain|rotate)\w*"
    r"|detectron2|paddle(?:ocr|detection|seg|clas)?|darknet|tensorflow|deep_?sort\w*|bytetrack\w*"
    r"|strong_?sort\w*|.*-(?:master|main)|third_?party|vendor(?:ed)?|external|submodules)$",
    re.IGNORECASE,
)
_LAUNCHES = {
    ScriptLaunch.MAIN_GUARD: 0,
    ScriptLaunch.TOP_LEVEL: 0,
    ScriptLaunch.PACKAGE_MAIN: 0,
    ScriptLaunch.CONSOLE_SCRIPT: 0,
    ScriptLaunch.SHELL: 1,
    ScriptLaunch.BATCH: 2,
    ScriptLaunch.NOTEBOOK: 3,
}


def version_of(path: str) -> tuple[int, ...]:
    """Return the version in a file's name: (2, 1) for `train_v2.1.py`; () without one.

    A date counts as one: `train_20240503.py` has (20240503,).
    """
    stem = posixpath.splitext(posixpath.basename(path))[0]
    found = _VERSION.findall(stem) or _VERSION_IN_WORD.findall(stem) or _DATE.findall(stem)
    return tuple(int(part) for part in re.split(r"[._]", found[-1])) if found else ()


def is_copy(path: str) -> bool:
    """Whether a path is named as an old copy."""
    return any(_COPY.search(posixpath.splitext(part)[0]) for part in path.split("/"))


def is_lesser(kind: str, path: str) -> bool:
    """Whether a path says that a script was only a trial or an example: `test_only_track.py`."""
    words = [set(name_words(f"{part}.py")) for part in posixpath.splitext(path)[0].split("/")]
    lesser = _LESSER - ({"demo", "demos", "tutorial"} if kind == EntryPointType.DEMO else set())
    return any(found & lesser or {"test", "only"} <= found for found in words)


def family(path: str) -> str:
    """Return a path without its version: what all versions of a script have in common."""
    folder, name = posixpath.split(path)
    stem, suffix = posixpath.splitext(name)
    for pattern in (_VERSION, _VERSION_IN_WORD, _DATE):
        stem = pattern.sub("", stem)
    return posixpath.join(folder, stem + suffix)


def vendored_folders(paths: Iterable[str]) -> frozenset[str]:
    """Return the folders that hold a third-party framework, not the author's work."""
    folders: set[str] = set()
    files: dict[str, set[str]] = {}
    for path in paths:
        folder, name = posixpath.split(path)
        files.setdefault(folder, set()).add(name.lower())
        parts = folder.split("/") if folder else []
        for number, part in enumerate(parts):
            if _FRAMEWORK.match(part):
                folders.add("/".join(parts[: number + 1]))
    folders |= {folder for folder, names in files.items() if folder and _is_packaged(names)}
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
    noted: Collection[str] = (),
    kin: Mapping[str, int] = _UNKNOWN,
) -> Guess[str] | None:
    """Return the script to start for a type.

    `mentioned` are paths that notes or launchers name, `noted` those of notes alone, `vendored`
    folders of frameworks, `changed_on` the day of each script's last change (days since 1970),
    `kin` how much each folder holds of what belongs to it: other defaults, past runs. In this
    order: not an old copy, this type as its first, likely to be of the type, no trial, the
    author's own, plain scripts before launchers and notebooks, named in a note (or a version of
    such a script), the name matches the type, nearer to the top, beside its kin, newest version,
    mentioned, the plainest name, changed last.
    """
    families = frozenset(family(path) for path in noted)
    offered = [script for script in scripts if kind in script.types.value]
    if not offered:
        return None
    ranked = sorted(
        offered,
        key=lambda script: _rank(
            kind, script, mentioned, vendored, changed_on, families=families, kin=kin
        ),
    )
    best = ranked[0]
    return Guess(
        value=best.path,
        confidence=_confidence(kind, best, ranked, mentioned),
        source=_place(best),
        reason=_reason(kind, best, ranked, mentioned),
    )


def _place(script: EntryScript) -> str:
    """Return the place in a script that shows its type, if it is in the script itself."""
    place = script.types.source
    return place if place.startswith(f"{script.path}:") else script.path


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


def _rank(
    kind: str,
    script: EntryScript,
    mentioned: Collection[str],
    vendored: Collection[str],
    changed_on: Mapping[str, int],
    *,
    families: Collection[str],
    kin: Mapping[str, int],
) -> tuple[object, ...]:
    version = version_of(script.path)
    distance = distance_of_name(EntryPointType(kind), script.path)
    return (
        is_copy(script.path),
        script.types.value[0] != kind,
        script.types.confidence is Confidence.UNSURE and distance > 0,
        is_lesser(kind, script.path),
        _is_below(script.path, vendored),
        _LAUNCHES[script.launch],
        family(script.path) not in families,
        distance + script.path.count("/"),
        distance,
        -kin.get(posixpath.dirname(script.path), 0),
        tuple(-number for number in version) if version else (1,),
        script.path not in mentioned,
        len(name_words(script.path)),
        # In days: files copied or checked out together differ by meaningless seconds.
        -changed_on.get(script.path, 0),
        len(posixpath.basename(script.path)),
        script.path,
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
    texts = []
    if version_of(best.path) and any(version_of(script.path) for script in ranked[1:]):
        texts.append(reasons.HIGHEST_VERSION(count=len(ranked), kind=kind))
    if best.path in mentioned:
        texts.append(reasons.NAMED_ELSEWHERE())
    if not texts:
        texts.append(reasons.NEAREST_TO_TOP(count=len(ranked), kind=kind))
    texts.append(reasons.RUNNERS_UP(paths=_named(ranked[1:])))
    return tuple(texts)


def _named(scripts: Sequence[EntryScript]) -> str:
    """Name the scripts that rank after the default, as many as a reader can take in."""
    shown = [
        script.path for script in scripts[:MAX_RUNNERS_UP] if len(script.path) <= MAX_PATH_LENGTH
    ]
    left = len(scripts) - len(shown)
    return ", ".join(shown) + (f" (+{left})" if left else "")
