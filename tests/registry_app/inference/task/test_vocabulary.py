"""The words of a company go before the built-in ones, in names, notes, classes and scripts."""

from __future__ import annotations

import pytest

from registry_app.choices import Confidence
from registry_app.inference.guess import Guess
from registry_app.inference.site.places import read_name
from registry_app.inference.task.tasks import guess_task, task_of_classes
from registry_app.inference.task.vocabulary import BUILT_IN, Vocabulary
from tests.registry_app.inference.projects import make_project

# A company that adds words, gives two built-in ones another task, and silences three.
OURS = Vocabulary(
    added={
        "고리": "hook-state",
        "천장크레인": "overhead-crane",
        "outrigger": "outrigger",
        "tag line": "tag-line",
        "bct차량": "bct",
        "지게차": "logistics",
        "벨트": "",
        "fire": "",
        "검출": "",
    }
)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("안전고리", ["안전고리"]),  # the longer word is another one
        ("안전벨트", ["안전벨트"]),  # no conveyor belt
        ("고리체결", ["고리체결"]),
        ("고리 상태", ["고리"]),
        ("고리를 걸다", ["고리"]),
        ("카테고리", []),
        ("카테고리 고리", ["고리"]),
        ("실내천장크레인용", ["천장크레인"]),
        ("천장 크레인", ["천장크레인"]),
        ("BCT차량", ["bct차량"]),
        ("subct차량", ["subct"]),
        ("Outrigger", ["outrigger"]),
        ("tag_line", ["tag", "line"]),
    ],
)
def test_words_and_not_parts_of_words_are_found(text: str, words: list[str]) -> None:
    assert OURS.words_in(text) == words


@pytest.mark.parametrize(
    ("name", "task", "built_in"),
    [
        ("kcc-여주-고리", "hook-state", "고리"),  # an unknown last word may as well be a zone
        ("kcc-여주-지게차", "logistics", "forklift"),
        ("kcc-여주-벨트", "벨트", "conveyor"),
        ("donghwa-entec-outriggers", "outrigger", None),
        ("crane_tag_line_v2", "tag-line", "crane"),
        ("fire-detection", "detection", "fire"),
        ("카테고리-분류", "classification", "classification"),
        ("화재-검출", "fire", "fire"),
        ("물체-검출", None, "detection"),
    ],
)
def test_words_of_people_come_first_and_may_say_nothing(
    name: str, task: str | None, built_in: str | None
) -> None:
    assert value(guessed(name)) == task
    assert value(guessed(name, vocabulary=BUILT_IN)) == built_in


@pytest.mark.parametrize(
    ("name", "note", "classes", "code", "reasons"),
    [
        ("kcc-여주-고리", "", (), "", "the last word of the name; “고리”: vocabulary"),
        ("outrigger_v2", "", (), "", "a word of the name; “outrigger”: vocabulary"),
        ("demo", "# 고리 감지", (), "", "a note says so; “고리”: vocabulary"),
        ("demo", "", ("tag line", "person"), "", "the names of the classes; “tagline”: vocabulary"),
        (
            *("demo", "", (), "outrigger = 1\noutrigger_state = 2\n"),
            "what the scripts mention; “outrigger”: vocabulary",
        ),
        ("kcc-여주-안전모", "", (), "", "the last word of the name"),
    ],
)
def test_the_reason_names_the_vocabulary(
    name: str, note: str, classes: tuple[str, ...], code: str, reasons: str
) -> None:
    found = guessed(name, note=note, classes=classes, code=code)
    assert found is not None
    assert "; ".join(map(str, found.reason)) == reasons


def test_a_silenced_pair_still_takes_its_halves() -> None:
    silenced = Vocabulary(added={"safety hook": ""})
    assert value(task_of_classes(("safety hook",), BUILT_IN)) == "ppe"
    assert task_of_classes(("safety hook",), silenced) is None


def test_safety_is_a_word_that_can_be_silenced() -> None:
    assert value(guessed("Safety-Monitor", vocabulary=BUILT_IN)) == "ppe"
    assert guessed("Safety-Monitor", vocabulary=Vocabulary(added={"safety": ""})) is None


def test_a_thousand_words_change_nothing_else() -> None:
    many = Vocabulary(added={f"낱말{number}": "x" for number in range(1000)})
    assert value(guessed("kcc-여주-안전모", vocabulary=many)) == "ppe"
    assert value(guessed("kcc-여주-낱말77", vocabulary=many)) == "x"


def guessed(
    name: str,
    *,
    note: str = "",
    classes: tuple[str, ...] = (),
    code: str = "",
    vocabulary: Vocabulary = OURS,
) -> Guess[str] | None:
    listed = Guess(value=classes, confidence=Confidence.SURE, source="a:1", reason=())
    return guess_task(
        name,
        by_habit=read_name(name, vocabulary).task,
        notes=[("README.md", note)] if note else [],
        classes=listed if classes else None,
        code=make_project({"train.py": code, "train_v2.py": code} if code else {}),
        vocabulary=vocabulary,
    )


def value(guess: Guess[str] | None) -> str | None:
    return guess.value if guess else None
