"""Find the classes of a model: the author's own names, before those of a framework."""

from __future__ import annotations

import itertools
import posixpath
import re
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass

from registry_app.inference.code.project import Project
from registry_app.inference.code.source import NOTEBOOK
from registry_app.inference.guess import Guess
from registry_app.inference.task.class_constants import (
    AFTER_CONVERSION,
    GUESSWORK,
    constants_with_names,
)
from registry_app.inference.task.class_files import (
    names_in_json,
    names_in_label_map,
    names_in_list,
    names_in_yaml,
)
from registry_app.inference.task.class_folders import named_folders
from registry_app.inference.task.class_mentions import SETTINGS_OF_RUN, ranking
from registry_app.inference.task.sample_sets import (
    converts_public_set,
    is_answer,
    is_blank,
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
from registry_app.inference.task.written_settings import WRITTEN, written_names
from registry_app.messages import Message
from registry_app.texts import reasons
from registry_app.words import Confidence

_LIST = re.compile(
    r"(?!readme)(?:[\w.-]*[_.-])?(?:class|classes|labels?|class_?names|class_?list|label_?list|labelmap"
    r"|predefined_classes|names)(?:[_-]?\d{1,4})?\.txt|[\w.-]*\.names"
)
# Files for constants that the whole project shares.
_SETTINGS_FILE = re.compile(
    r"(?:^|/)(?:config|configs|settings|constants?|classes|labels|params)\.py$"
)
# One file for each model, of which scripts and notes name that in use.
_IN_SETTINGS = re.compile(r"(?:^|/)(?:configs?|cfgs?|settings|projects|exps?)/(?:.*/)?[\w.-]+\.py$")
# With this many different lists in one folder's settings, none is the author's own.
COLLECTION = 8
_CONSTANT = 2
_REPEATED = _CONSTANT + GUESSWORK


@dataclass(frozen=True, kw_only=True)
class _Found:
    """A list of names; a lower `kind` means a more reliable place."""

    guess: Guess[tuple[str, ...]]
    path: str
    kind: int
    constant: str = ""
    is_of_many: bool = False


def guess_classes(
    project: Project, *, mentioned: Sequence[str] = ()
) -> Guess[tuple[str, ...]] | None:
    """Return the classes in the order of the model's outputs.

    `mentioned` are names of files that scripts use by default (`--data data/ppe.yaml`). Files of
    actual training runs come first, then files that scripts and notes name.
    """
    found = _without_collections(
        [candidate for candidate in _everything(project) if _may_be_own(candidate, project.name)]
    )
    same = Counter(candidate.guess.value for candidate in found)
    found = [
        candidate
        for candidate in found
        if candidate.kind < _REPEATED or same[candidate.guess.value] > 1
    ]
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
            is_of_framework(candidate.path),
            is_named_like_one(posixpath.basename(candidate.path)),
            rank(candidate.path),
            _is_for(candidate.path, second),
            is_answer(candidate.guess.value),
            candidate.kind,
            -named[candidate.path],
            -same[candidate.guess.value],
            _SETTINGS_FILE.search(candidate.path) is None,
            candidate.path.count("/"),
            candidate.guess.source,
        ),
    )
    narrowed = _converted(_narrowed(best, found, project), found)
    whole = narrowed if narrowed is not best else _finer(best, found)
    return _spelled_alike(whole, found).guess


def _mentions_of_settings(found: Sequence[_Found], project: Project) -> Counter[str]:
    """Count the scripts that name each of several settings files: `configs/rtmdet_bracket.py`."""
    paths = {candidate.path for candidate in found if _IN_SETTINGS.search(candidate.path)}
    texts = (text for path, text in project.texts() if path not in paths)
    return Counter(
        path
        for text in (texts if len(paths) > 1 else ())
        for path in paths
        if posixpath.basename(path) in text
    )


def _is_for(path: str, models: Collection[str]) -> bool:
    """Whether a folder or a file of a path is named after one of these models."""
    return any(part.partition(".")[0].lower() in models for part in path.split("/"))


def _narrowed(best: _Found, found: Sequence[_Found], project: Project) -> _Found:
    """Return the list by which a script narrows the best one, if there is such a list."""
    names = set(best.guess.value)
    for candidate in found if best.constant else ():
        is_part = candidate.constant and set(candidate.guess.value) < names
        if is_part and narrow_each_other(project, best.constant, candidate.constant):
            return candidate
    return best


def _finer(best: _Found, found: Sequence[_Found]) -> _Found:
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


def _is_branch(one: _Found, other: _Found) -> bool:
    return (one.path, one.constant) == (other.path, other.constant)


def _converted(best: _Found, found: Sequence[_Found]) -> _Found:
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


def _spelled_alike(best: _Found, found: Sequence[_Found]) -> _Found:
    """Return the list as scripts spell it, where a notebook spells the same names otherwise."""
    if not best.path.endswith(NOTEBOOK):
        return best
    names = [name.casefold() for name in best.guess.value]
    return next(
        (
            candidate
            for candidate in found
            if not candidate.path.endswith(NOTEBOOK)
            and [name.casefold() for name in candidate.guess.value] == names
        ),
        best,
    )


def _may_be_own(candidate: _Found, project: str) -> bool:
    """Whether the author may have written these for the experiment of this name.

    Data files may be in a framework's folders.
    """
    names = candidate.guess.value
    # A single class `object` may be real; two such placeholders are not.
    is_own_word = len(names) == 1 and candidate.kind == 0 and not is_of_framework(candidate.path)
    is_sample = is_sample_set(names) and not (candidate.constant and is_trained_for(names))
    if is_sample or is_of_results(names) or (is_blank(names) and not is_own_word):
        return False
    if candidate.constant and (converts_public_set(candidate.path) or are_besides(names, project)):
        return False
    is_own_file = candidate.kind == 0 and not is_named_like_one(posixpath.basename(candidate.path))
    return is_own_file or not is_of_framework(candidate.path)


def _is_shown(candidate: _Found) -> bool:
    return is_shown_set(posixpath.basename(candidate.path), candidate.guess.value)


def _without_collections(found: list[_Found]) -> list[_Found]:
    """Drop constants in the settings of a folder with many lists: a framework's samples."""
    lists: dict[str, set[tuple[str, ...]]] = {}
    for candidate in found:
        lists.setdefault(_holder_of_settings(candidate), set()).add(candidate.guess.value)
    return [
        candidate
        for candidate in found
        if not (folder := _holder_of_settings(candidate)) or len(lists[folder]) < COLLECTION
    ]


def _holder_of_settings(candidate: _Found) -> str:
    """Return the outermost folder of a constant in a settings file, '' for anything else."""
    parts = candidate.path.split("/")[:-1]
    return parts[0] if candidate.kind >= _CONSTANT and "configs" in parts else ""


def _everything(project: Project) -> Iterator[_Found]:
    for path in project.paths:
        name = posixpath.basename(path).lower()
        if name.endswith((".yaml", ".yml")) and name not in SETTINGS_OF_RUN:
            yield from _from_yaml(project, path)
        elif _LIST.fullmatch(name):
            yield from _from_text(project, path, names_in_list, reasons.LIST_OF_NAMES())
        elif name.endswith(".pbtxt"):
            yield from _from_text(project, path, names_in_label_map, reasons.LABEL_MAP())
        elif name.endswith(".json"):
            yield from _from_text(project, path, names_in_json, reasons.ANNOTATIONS())
    rules = (constants_with_names, written_names, named_folders)
    for path, constants in itertools.chain.from_iterable(map(project.found_in_scripts, rules)):
        for constant in constants:
            name = constant.constant
            guess = Guess(
                value=constant.names,
                confidence=Confidence.UNSURE,
                source=f"{path}:{constant.line}",
                reason=(reasons.CONSTANT(name=name) if name else reasons.WORDS_OF_CODE(),),
            )
            yield _Found(
                guess=guess,
                path=path,
                kind=_CONSTANT + constant.weight,
                constant=name,
            )


def _from_yaml(project: Project, path: str) -> Iterator[_Found]:
    text = project.text(path)
    found = names_in_yaml(text) if text else None
    if found:
        names, line, key, is_of_many = found
        guess = Guess(
            value=names,
            confidence=Confidence.SURE if key == "names" else Confidence.LIKELY,
            source=f"{path}:{line}",
            reason=(reasons.KEY_OF_YAML(key=key),),
        )
        yield _Found(guess=guess, path=path, kind=0 if key == "names" else 1, is_of_many=is_of_many)


def _from_text(
    project: Project, path: str, read: Callable[[str], tuple[str, ...]], reason: Message
) -> Iterator[_Found]:
    names = read(project.text(path) or "")
    if names:
        guess = Guess(
            value=names, confidence=Confidence.LIKELY, source=f"{path}:1", reason=(reason,)
        )
        yield _Found(guess=guess, path=path, kind=1)
