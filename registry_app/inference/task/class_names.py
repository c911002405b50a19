"""Find the classes of a model: the author's own names, before those of a framework."""

from __future__ import annotations

import posixpath
import re
from collections import Counter
from collections.abc import Collection, Iterable, Sequence

from registry_app.inference.code.project import Project
from registry_app.inference.code.source import NOTEBOOK
from registry_app.inference.guess import Guess
from registry_app.inference.task.class_constants import AFTER_CONVERSION, GUESSWORK
from registry_app.inference.task.class_mentions import ranking
from registry_app.inference.task.class_sources import (
    CONSTANT,
    FoundNames,
    all_names,
    names_as_last_resort,
)
from registry_app.inference.task.sample_sets import (
    are_goods_of,
    are_levels,
    converts_public_set,
    is_answer,
    is_blank,
    is_module_of_set,
    is_named_like_one,
    is_of_framework,
    is_of_results,
    is_sample_set,
    is_shown_set,
    is_trained_for,
)
from registry_app.inference.task.second_models import (
    are_all_digits,
    are_besides,
    are_signs,
    find_plates,
    models_of_crops,
    narrow_each_other,
    only_locate,
)
from registry_app.inference.task.written_settings import WRITTEN

# Files for constants that the whole project shares.
_SETTINGS_FILE = re.compile(
    r"(?:^|/)(?:conf|config|configs|settings|constants?|classes|labels|params)(?:/__init__)?\.py$"
)
# One file for each model, of which scripts and notes name that in use.
_IN_SETTINGS = re.compile(r"(?:^|/)(?:configs?|cfgs?|settings|projects|exps?)/(?:.*/)?[\w.-]+\.py$")
# With this many different lists in one folder's settings, none is the author's own.
COLLECTION = 8
_REPEATED = CONSTANT + GUESSWORK
_TRAINING = re.compile(r"(?<![a-z])(?:train|training|fine_?tune)(?![a-z])|학습", re.IGNORECASE)
# What prepares or shows annotations, which may have more classes than the model or other ones.
_OF_ANNOTATIONS = re.compile(
    r"(?<![a-z])(?:visuali[sz]e|convert|count|analy[sz]e|check|plot|stat(?:s|istics)?|split)(?![a-z])"
    r"|(?:xml|voc|json|coco|txt)-?(?:2|to)-?(?:txt|yolo|coco|voc|label)",
    re.IGNORECASE,
)
_LEAST_SHARED = 0.8
_NUMBERED = re.compile(r"\d{1,3}[ _.-]{1,3}(?=[^\W\d_])")
_NO_LETTER = re.compile(r"[\W_]+")


def guess_classes(
    project: Project, *, mentioned: Sequence[str] = ()
) -> Guess[tuple[str, ...]] | None:
    """Return the classes in the order of the model's outputs.

    `mentioned` are names of files that scripts use by default (`--data data/ppe.yaml`). Files of
    actual training runs come first, then files that scripts and notes name.
    """
    found, same = _own(all_names(project), project)
    if not found:
        found, same = _own(names_as_last_resort(project), project)
    are_shown = any(_is_shown(candidate) for candidate in found)
    if len(found) < 2 and not are_shown:
        return found[0].guess if found else None
    rank = ranking(project, mentioned)
    if are_shown:  # unused files came with the framework
        found = [
            candidate
            for candidate in found
            if not _is_shown(candidate) or rank(candidate.path) < rank.unknown
        ]
    if not found:
        return None
    second = models_of_crops(project)
    named = _mentions_of_settings(found, project)
    # What finds the display of a meter has one class; what reads it has the digits. Of number
    # plates, what finds them is the model, and what reads them comes second.
    has_plates = any(find_plates(candidate.guess.value) for candidate in found)
    reads_digits = any(are_all_digits(candidate.guess.value) for candidate in found)
    best = min(
        found,
        key=lambda candidate: (
            is_trained_for(candidate.guess.value),
            reads_digits and only_locate(candidate.guess.value),
            has_plates and are_signs(candidate.guess.value),
            candidate.is_of_many,
            # These go before what came with the framework: a tutorial, projects of others.
            not _is_changed(candidate),
            is_of_framework(candidate.path),
            is_named_like_one(posixpath.basename(candidate.path)),
            not _is_in_name(candidate.guess.value, project.name),
            rank(candidate.path),
            _is_for(candidate.path, second),
            is_answer(candidate.guess.value),
            _trusted(candidate),
            -named[candidate.path],
            -same[candidate.guess.value],
            _SETTINGS_FILE.search(candidate.path) is None,
            _is_of_annotations(candidate),
            candidate.path.count("/"),
            candidate.guess.source,
        ),
    )
    narrowed = _converted(_narrowed(best, found, project), found)
    whole = narrowed if narrowed is not best else _finer(_as_trained(best, found), found)
    return _spelled_alike(whole, found).guess


def _own(
    candidates: Iterable[FoundNames], project: Project
) -> tuple[list[FoundNames], Counter[tuple[str, ...]]]:
    """Return the lists that may be the author's own, and how often there is each of them."""
    found = _without_collections(
        [candidate for candidate in candidates if _may_be_own(candidate, project.name)]
    )
    same = Counter(candidate.guess.value for candidate in found)
    likely = [
        candidate
        for candidate in found
        if candidate.kind < _REPEATED or same[candidate.guess.value] > 1
    ]
    return likely, same


def _mentions_of_settings(found: Sequence[FoundNames], project: Project) -> Counter[str]:
    """Count the scripts that name each of several settings files: `configs/rtmdet_bracket.py`."""
    paths = {candidate.path for candidate in found if _IN_SETTINGS.search(candidate.path)}
    texts = (text for path, text in project.texts() if path not in paths)
    return Counter(
        path
        for text in (texts if len(paths) > 1 else ())
        for path in paths
        if posixpath.basename(path) in text
    )


def _is_in_name(names: Sequence[str], project: str) -> bool:
    """Whether a name lists all classes, of which there are several: `fire-smoke-detect`."""
    words = {_plain(word) for word in re.split(r"[\W_]+", project)}
    return len(names) > 1 and all(_plain(name) in words for name in names)


def _trusted(candidate: FoundNames) -> int:
    """Return the kind of a list, where what all scripts share is as good as a plain `CLASSES`."""
    is_shared = candidate.kind == CONSTANT + 1 and _SETTINGS_FILE.search(candidate.path)
    return CONSTANT if is_shared else candidate.kind


def _is_for(path: str, models: Collection[str]) -> bool:
    """Whether a folder or a file of a path is named after one of these models."""
    return any(part.partition(".")[0].lower() in models for part in path.split("/"))


def _narrowed(best: FoundNames, found: Sequence[FoundNames], project: Project) -> FoundNames:
    """Return the list by which a script narrows the best one, if there is such a list."""
    names = set(best.guess.value)
    for candidate in found if best.constant else ():
        is_part = candidate.constant and set(candidate.guess.value) < names
        if is_part and narrow_each_other(project, best.constant, candidate.constant):
            return candidate
    return best


def _finer(best: FoundNames, found: Sequence[FoundNames]) -> FoundNames:
    """Return the list that has all names of the best one and more, where that is a part.

    A script has a list for each data set under one name, of which the longest serves for all;
    and beside the one class of an earlier model, a later one is trained on a set that is written
    with more.
    """
    names = set(best.guess.value)
    longer = [
        candidate
        for candidate in (found if best.constant else ())
        if candidate.constant
        and names < set(candidate.guess.value)
        and (_is_branch(best, candidate) or (len(names) == 1 and candidate.constant == WRITTEN))
    ]
    return max(longer, key=lambda candidate: len(candidate.guess.value), default=best)


def _as_trained(best: FoundNames, found: Sequence[FoundNames]) -> FoundNames:
    """Return the list of a training where it differs a little: in order, or by few of many names.

    What the training has is what the model was made with; a later script may be behind or ahead.
    """
    if not best.constant or _is_named_for_training(best.path):
        return best
    names = set(best.guess.value)
    alike = (
        candidate
        for candidate in found
        if candidate.constant
        and candidate.kind <= best.kind
        and _is_named_for_training(candidate.path)
        and candidate.guess.value != best.guess.value
        and _LEAST_SHARED * max(len(names), len(candidate.guess.value))
        <= len(names & set(candidate.guess.value))
    )
    return next(alike, best)


def _is_named_for_training(path: str) -> bool:
    return _TRAINING.search(posixpath.basename(path)) is not None


def _is_of_annotations(candidate: FoundNames) -> bool:
    name = posixpath.basename(candidate.path)
    return bool(candidate.constant) and _OF_ANNOTATIONS.search(name.replace("_", "-")) is not None


def _is_branch(one: FoundNames, other: FoundNames) -> bool:
    return (one.path, one.constant) == (other.path, other.constant)


def _converted(best: FoundNames, found: Sequence[FoundNames]) -> FoundNames:
    """Return the list that a conversion leads to, where the best is what it begins with."""
    return next(
        (
            candidate
            for candidate in found
            if candidate.path == best.path
            and AFTER_CONVERSION.fullmatch(candidate.constant)
            and not AFTER_CONVERSION.fullmatch(best.constant)
        ),
        best,
    )


def _spelled_alike(best: FoundNames, found: Sequence[FoundNames]) -> FoundNames:
    """Return the list as scripts spell it, where a notebook spells the same names otherwise.

    So it is where annotations have numbers before the names: `0 dent`, `1 rust`.
    """
    numbered = [_NUMBERED.match(name) for name in best.guess.value]
    if not best.path.endswith(NOTEBOOK) and not all(numbered):
        return best
    names = [_plain(name) for name in best.guess.value]
    return next(
        (
            candidate
            for candidate in sorted(found, key=lambda candidate: not candidate.constant)
            if not candidate.path.endswith(NOTEBOOK)
            and not any(map(_NUMBERED.match, candidate.guess.value))
            and [_plain(name) for name in candidate.guess.value] == names
        ),
        best,
    )


def _plain(name: str) -> str:
    """Return a name without a number before it, and without what is between its words."""
    return _NO_LETTER.sub("", _NUMBERED.sub("", name)).casefold()


def _may_be_own(candidate: FoundNames, project: str) -> bool:
    """Whether the author may have written these for the experiment of this name.

    Data files may be in a framework's folders.
    """
    names = candidate.guess.value
    # A single class `object` may be real; two such placeholders are not.
    is_own_word = len(names) == 1 and candidate.kind == 0 and not is_of_framework(candidate.path)
    is_sample = is_sample_set(names) and not (candidate.constant and is_trained_for(names))
    if is_sample or is_of_results(names) or (is_blank(names) and not is_own_word):
        return False
    if candidate.constant and (
        converts_public_set(candidate.path)
        or are_besides(names, project)
        or are_goods_of(names, project)
        or are_levels(names)
    ):
        return False
    is_own_file = candidate.kind == 0 and not is_named_like_one(posixpath.basename(candidate.path))
    return is_own_file or _is_changed(candidate) or not is_of_framework(candidate.path)


def _is_changed(candidate: FoundNames) -> bool:
    """Whether an author put own names where a framework has those of a sample set."""
    is_module = is_module_of_set(candidate.path) or candidate.is_added
    is_list = candidate.constant.lower() == "classes" and is_module
    return is_list and not is_sample_set(candidate.guess.value)


def _is_shown(candidate: FoundNames) -> bool:
    return is_shown_set(posixpath.basename(candidate.path), candidate.guess.value)


def _without_collections(found: list[FoundNames]) -> list[FoundNames]:
    """Drop constants in the settings of a folder with many lists: a framework's samples."""
    lists: dict[str, set[tuple[str, ...]]] = {}
    for candidate in found:
        lists.setdefault(_holder_of_settings(candidate), set()).add(candidate.guess.value)
    return [
        candidate
        for candidate in found
        if not (folder := _holder_of_settings(candidate)) or len(lists[folder]) < COLLECTION
    ]


def _holder_of_settings(candidate: FoundNames) -> str:
    """Return the outermost folder of a constant in a settings file, '' for anything else."""
    parts = candidate.path.split("/")[:-1]
    return parts[0] if candidate.kind >= CONSTANT and "configs" in parts else ""
