"""All lists of class names of an experiment, each with how far its place is to be trusted.

kind 0    `names` in YAML: the settings of a data set
kind 1    other keys of YAML; files that hold names alone: lists, tables, label maps, categories
kind 2    constants of scripts under names for classes; more with the weight of the name, up to
kind 5    names that other things have too, which count if scripts repeat the list

What other languages and texts list is asked for only where nothing of these is found.
"""

from __future__ import annotations

import functools
import itertools
import posixpath
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from registry_app.inference.code.project import Project, Rule
from registry_app.inference.guess import Guess
from registry_app.inference.task.class_added import names_added
from registry_app.inference.task.class_constants import ConstantNames, constants_with_names
from registry_app.inference.task.class_files import (
    names_in_label_map,
    names_in_list_of_yaml,
    names_in_yaml,
)
from registry_app.inference.task.class_folders import named_folders
from registry_app.inference.task.class_last_resorts import names_elsewhere
from registry_app.inference.task.class_lists import (
    names_in_config,
    names_in_json,
    names_in_list,
    names_in_mapping,
    names_in_named_list,
    names_in_table,
)
from registry_app.inference.task.class_mentions import SETTINGS_OF_RUN, is_named_type, named_types
from registry_app.inference.task.class_outputs import names_by_outputs
from registry_app.inference.task.sample_sets import (
    is_added_module,
    is_module_of_set,
    is_of_framework,
)
from registry_app.inference.task.written_settings import written_names
from registry_app.messages import Message
from registry_app.texts import reasons
from registry_app.words import Confidence

CONSTANT = 2
_LIST = re.compile(
    r"(?!readme)(?:[\w.-]*[_.-])?(?:class|classes|labels?|class_?names|class_?list|label_?list|labelmap"
    r"|predefined_classes|names|categories|emotions|gestures|defects|diseases|species|breeds)(?:[_-]?\d{1,4})?\.txt|[\w.-]*\.names"
)
# Named after the model or what it sees, and not after pictures: `labels_forklift.txt`.
_NAMED_LIST = re.compile(
    r"(?:labels|classes|class_?names)[_-](?!(?:train|val|valid|test|trainval|dev|stats?|counts?"
    r"|weights?|dist|distribution|info|images?|paths?|files?|log)[_.-])[a-z][a-z0-9_-]{1,30}\.txt"
)
# The same the other way round: `forklift_labels.txt`.
_LIST_OF_MODEL = re.compile(r"[a-z][a-z0-9_-]{1,30}[_-](?:labels|classes|class_?names)\.txt")
_MOST_MODELS = 8
_TABLE = re.compile(
    r"(?:[\w-]+_)?(?:class(?:es)?|labels?)(?:_?(?:dict|names|map|list|colou?rs))?\.csv"
)
_LIST_OF_YAML = re.compile(
    r"(?:[\w.-]*[_.-])?(?:classes|class_?names|class_?list|class_?map(?:ping)?|label_?map|labels"
    r"|categories)\.ya?ml"
)
# Names of folders and how they are shown; a file of another name may hold texts of a page.
_TRANSLATED = re.compile(
    r"(?:[\w.-]*[_.-])?(?:class(?:es)?|categor(?:y|ies)|labels?)(?:[_-][\w-]*)?\.json"
)
_CONFIG = "config.json"
# Settings of the editor and of the server for the code, whose labels are those of issues.
_OF_PROGRAMS = re.compile(r"(?:^|/)\.(?:github|gitlab|gitea|vscode|idea)/")

_Read = Callable[[str], tuple[str, ...]]


@dataclass(frozen=True, kw_only=True)
class FoundNames:
    """A list of names; a lower `kind` means a more reliable place."""

    guess: Guess[tuple[str, ...]]
    path: str
    kind: int
    constant: str = ""
    is_of_many: bool = False
    is_added: bool = False  # in a module that an author put among those of a framework


def all_names(project: Project) -> Iterator[FoundNames]:
    """Yield every list of names that may be the classes of a model, in no order of trust."""
    of_models: list[FoundNames] = []
    for path in project.paths:
        if _OF_PROGRAMS.search(path):
            continue
        name = posixpath.basename(path).lower()
        if name.endswith((".yaml", ".yml")):
            if name not in SETTINGS_OF_RUN:
                yield from _from_yaml(project, path)
            continue
        read, reason = _reader(name)
        found = _from_text(project, path, read, reason) if read and reason else None
        if found is None:
            continue
        if len(found.guess.value) == 1 and _is_of_model(name):
            of_models.append(found)
        else:
            yield found
    yield from _joined(of_models)
    yield from _from_scripts(
        project, constants_with_names, written_names, named_folders, names_added
    )


def _reader(name: str) -> tuple[_Read | None, Message | None]:
    """Return what reads a file with this name, and the reason for its names."""
    if _LIST.fullmatch(name):
        return names_in_list, reasons.LIST_OF_NAMES()
    if _NAMED_LIST.fullmatch(name):
        return names_in_named_list, reasons.LIST_OF_NAMES()
    if _TABLE.fullmatch(name):
        return names_in_table, reasons.LIST_OF_NAMES()
    if name.endswith(".pbtxt"):
        return names_in_label_map, reasons.LABEL_MAP()
    if name == _CONFIG:
        return names_in_config, reasons.ANNOTATIONS()
    if _TRANSLATED.fullmatch(name):
        return names_in_mapping, reasons.LIST_OF_NAMES()
    if name.endswith(".json"):
        return names_in_json, reasons.ANNOTATIONS()
    return None, None


def _is_of_model(name: str) -> bool:
    return bool(_NAMED_LIST.fullmatch(name) or _LIST_OF_MODEL.fullmatch(name))


def _joined(lists: Sequence[FoundNames]) -> Iterator[FoundNames]:
    """Yield the lists of one name each, those of one folder together if they differ.

    A pipeline of several models has a list for each: `labels_forklift.txt`, `labels_person.txt`.
    """
    for _folder, group in itertools.groupby(lists, lambda found: posixpath.dirname(found.path)):
        members = sorted(group, key=lambda found: found.path)
        names = tuple(dict.fromkeys(found.guess.value[0] for found in members))
        if len(names) < len(members) or not 1 < len(members) <= _MOST_MODELS:
            yield from members
            continue
        first = members[0]
        guess = Guess(
            value=names,
            confidence=Confidence.UNSURE,
            source=first.guess.source,
            reason=first.guess.reason,
        )
        yield FoundNames(guess=guess, path=first.path, kind=first.kind)


def _from_scripts(
    project: Project,
    *rules: Rule[tuple[ConstantNames, ...]],
) -> Iterator[FoundNames]:
    types = functools.cache(lambda: named_types(project))  # few projects have such modules
    for rule, path in itertools.product(rules, filter(_is_authored, project.script_paths())):
        constants = project.found(rule, path) or ()
        is_added = bool(constants) and is_added_module(path) and is_named_type(path, types())
        for constant in constants:
            name = constant.constant
            guess = Guess(
                value=constant.names,
                confidence=Confidence.UNSURE,
                source=f"{path}:{constant.line}",
                reason=(reasons.CONSTANT(name=name) if name else reasons.WORDS_OF_CODE(),),
            )
            yield FoundNames(
                guess=guess,
                path=path,
                kind=CONSTANT + constant.weight,
                constant=name,
                is_added=is_added,
            )


def _is_authored(path: str) -> bool:
    """Whether the author may have written a script, or changed it: all others are a framework's."""
    return not is_of_framework(path) or is_module_of_set(path) or is_added_module(path)


def names_as_last_resort(project: Project) -> Iterator[FoundNames]:
    """Yield what predictions index, lists in other languages, and in settings that notes show."""
    yield from _from_scripts(project, names_by_outputs)
    for path, line, names, constant in names_elsewhere(project):
        reason = reasons.CONSTANT(name=constant) if constant else reasons.KEY_OF_YAML(key="names")
        guess = Guess(
            value=names, confidence=Confidence.UNSURE, source=f"{path}:{line}", reason=(reason,)
        )
        yield FoundNames(guess=guess, path=path, kind=CONSTANT, constant=constant)


def _from_yaml(project: Project, path: str) -> Iterator[FoundNames]:
    text = project.text(path)
    found = names_in_yaml(text) if text else None
    if not found and _LIST_OF_YAML.fullmatch(posixpath.basename(path).lower()):
        listed = _from_text(project, path, names_in_list_of_yaml, reasons.LIST_OF_NAMES())
        yield from (listed,) if listed else ()
    if found:
        names, line, key, is_of_many = found
        guess = Guess(
            value=names,
            confidence=Confidence.SURE if key == "names" else Confidence.LIKELY,
            source=f"{path}:{line}",
            reason=(reasons.KEY_OF_YAML(key=key),),
        )
        yield FoundNames(
            guess=guess, path=path, kind=0 if key == "names" else 1, is_of_many=is_of_many
        )


def _from_text(project: Project, path: str, read: _Read, reason: Message) -> FoundNames | None:
    names = read(project.text(path) or "")
    if not names:
        return None
    guess = Guess(value=names, confidence=Confidence.LIKELY, source=f"{path}:1", reason=(reason,))
    return FoundNames(guess=guess, path=path, kind=1)
