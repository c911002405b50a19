"""Guess the task of a model from names, notes, classes and code.

A specific task (`ppe`, `fall`, `defect`) is searched for in all places before a general one
(`detection`) is accepted.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from registry_app.inference.code.project import Project
from registry_app.inference.code.source import SCRIPTS
from registry_app.inference.guess import Guess
from registry_app.inference.task.code_tasks import (
    guess_of,
    prevailing,
    task_of_architectures,
    task_of_libraries,
    task_of_models,
    task_of_paths,
    task_of_sample_sets,
    task_of_weights,
    task_of_words_in_code,
)
from registry_app.inference.task.general_tasks import (
    BODY_LINES,
    OPENING_LINES,
    general_task,
    general_task_of_notes,
    general_task_of_opening,
    general_task_of_paths,
    lines_of,
    subject_of_name,
    task_of_architecture,
    task_of_backbone,
    task_of_subjects,
)
from registry_app.inference.task.sample_sets import is_of_framework
from registry_app.inference.task.signs import task_of_labels, task_of_public_sets, task_of_signs
from registry_app.inference.task.task_words import EVERYDAY, OBJECTS
from registry_app.inference.task.vocabulary import BUILT_IN, Vocabulary, as_one, foremost
from registry_app.texts import reasons
from registry_app.words import Confidence

NOTE_LINES = 300
# What is done about a fall or a fire that is looked for, and not about a count of pictures.
_ACTS = re.compile(
    r"detect|recogni|classif|segment|track|counting|counter|monitor|alarm|alert|predict|read|find"
    r"|identif|estimat|inspect|vision|yolo"
    r"|감지|검출|탐지|인식|분류|추적|판별|检测|检出|识别|分类|監視|监控|検出"
)
_DIGITS = tuple("0123456789")
# Classes that stand beside any task: the others say what is looked for.
_NEUTRAL = re.compile(
    r"(?:person|people|human|worker|man|head|ok|good|normal|background|other|unknown|none|no"
    r"|사람|작업자|정상|양품|배경|기타)s?",
    re.IGNORECASE,
)


def guess_task(
    name: str,
    *,
    by_habit: Guess[str] | None,
    notes: Sequence[tuple[str, str]],
    classes: Guess[tuple[str, ...]] | None,
    code: Project,
    vocabulary: Vocabulary = BUILT_IN,
) -> Guess[str] | None:
    """Return the task of an experiment; `by_habit` is the guess by naming convention.

    `code` has the scripts, of which the author's own are read, only without other evidence.
    """
    found = (
        (by_habit if by_habit and by_habit.confidence != Confidence.UNSURE else None)
        or task_of_name(name, vocabulary)
        or subject_of_name(name, vocabulary)
        or task_of_opening(notes, vocabulary)
        or (task_of_classes(classes.value, vocabulary) if classes else None)
        or by_habit
        or general_task(name, vocabulary)
        or _task_of_notes(notes, vocabulary)
        or general_task_of_opening(notes, vocabulary, lines=1)
        or task_of_paths(code, vocabulary)
        or task_of_words_in_code(code, vocabulary)
        or task_of_weights(code)
        or task_of_architecture(name, vocabulary)
        or general_task_of_opening(notes, vocabulary, lines=OPENING_LINES)
        or task_of_libraries(code)
        or task_of_models(code)
        or general_task_of_notes(notes, vocabulary)
        or task_of_architectures(code)
        or _last_resort(name, notes, code, vocabulary)
    )
    return _read_as_text(found, classes)


def _last_resort(
    name: str, notes: Sequence[tuple[str, str]], code: Project, vocabulary: Vocabulary
) -> Guess[str] | None:
    """Return an unsure task where nothing names one: what the code does, then any mention."""
    scripts = [path for path in code.paths if path.endswith(SCRIPTS) and not is_of_framework(path)]
    guess = (
        general_task_of_paths(scripts, vocabulary)
        or task_of_signs(code)
        or task_of_public_sets(code)
        or task_of_sample_sets(code)
        or general_task_of_notes(notes, vocabulary, lines=NOTE_LINES, least=1)
        or task_of_backbone(name, vocabulary)
        or task_of_subjects(name, notes, vocabulary)
        or task_of_labels(code)
    )
    return None if guess is None or vocabulary.is_silenced(guess.value) else guess


def _read_as_text(
    found: Guess[str] | None, classes: Guess[tuple[str, ...]] | None
) -> Guess[str] | None:
    """Return `ocr` for a meter whose digits are the classes: it is read like a text.

    What a word of people decided stays; it has a reason of its own.
    """
    is_built_in = found is not None and found.value == "gauge" and len(found.reason) == 1
    if found is None or classes is None or not is_built_in or classes.value != _DIGITS:
        return found
    return replace(found, value="ocr", reason=(*found.reason, reasons.CLASS_NAMES()))


def task_of_name(name: str, vocabulary: Vocabulary = BUILT_IN) -> Guess[str] | None:
    """Return the specific task that one or two words of a name indicate."""
    words = vocabulary.words_in(name)
    task = foremost(vocabulary.tasks_in(words))
    if task is None and "safety" in words and not vocabulary.is_silenced("safety"):
        task = "ppe"
    if not task:
        return None
    reason = (reasons.WORD_OF_NAME(), *vocabulary.reasons(words, task))
    return guess_of(task, Confidence.LIKELY, name, *reason)


def task_of_classes(classes: Sequence[str], vocabulary: Vocabulary = BUILT_IN) -> Guess[str] | None:
    """Return the task that the class names indicate, if any.

    One class of many does not decide: at least half of those that say something must agree. A
    word in another class's known pair does not count alone: `safety belt` and `no belt`.
    """
    worded = [vocabulary.words_in(name) for name in classes]
    taken = {part for words in worded for part in vocabulary.parts_of_pairs(words)}
    votes: Counter[str] = Counter()
    telling = 0
    for name, words in zip(classes, worded, strict=True):
        is_part = len(set(words) & taken) > 0 and not vocabulary.parts_of_pairs(words)
        tasks = [task for task in vocabulary.tasks_in(words) if task != "counting"]
        tasks = [] if is_part else as_one(tasks)
        telling += not (is_part or (not tasks and _NEUTRAL.fullmatch(name.strip())))
        votes.update(tasks)
    merged = as_one(list(votes))
    own = [task for task in merged if task not in OBJECTS] or merged
    if len(own) == 1:
        first = own[0]
        count = sum(count for task, count in votes.items() if as_one([task, first]) == [first])
        is_enough = 2 * count >= telling
    else:  # among other tasks, more than half must agree
        (first, count), *_others = [*votes.most_common(1), ("", 0)]
        is_enough = 2 * count > telling
    if not first or not is_enough:
        return None
    words = [word for some in worded for word in some]
    reason = (reasons.CLASS_NAMES(), *vocabulary.reasons(words, first))
    return guess_of(first, Confidence.UNSURE, "classes", *reason)


def task_of_opening(
    notes: Sequence[tuple[str, str]], vocabulary: Vocabulary = BUILT_IN
) -> Guess[str] | None:
    """Return the specific task that the first lines of a note name."""
    for path, text in notes:
        for place, (number, line) in enumerate(lines_of(text, OPENING_LINES)):
            words = vocabulary.words_in(line)
            # Below the title an everyday word is a task where something is done about it.
            is_task = place == 0 or line.startswith("#") or _ACTS.search(line.lower())
            task = foremost(vocabulary.tasks_in(words, but=frozenset() if is_task else EVERYDAY))
            if task:
                reason = (reasons.NOTE(), *vocabulary.reasons(words, task))
                return guess_of(task, Confidence.LIKELY, f"{path}:{number}", *reason)
    return None


def _task_of_notes(
    notes: Sequence[tuple[str, str]], vocabulary: Vocabulary = BUILT_IN
) -> Guess[str] | None:
    for path, text in notes:
        words = vocabulary.words_in(" ".join(line for _number, line in lines_of(text, BODY_LINES)))
        task = prevailing(Counter(vocabulary.tasks_in(words, but=EVERYDAY)))
        if task:
            reason = (reasons.NOTE(), *vocabulary.reasons(words, task))
            return guess_of(task, Confidence.UNSURE, path, *reason)
    return None
