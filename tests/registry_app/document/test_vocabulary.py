"""The section `vocabulary` of a registry file is read with every mistake at its line."""

from __future__ import annotations

import pytest

from registry_app.document.model import RegistryDocument, WordDocument
from registry_app.document.reader import load
from registry_app.document.writer import dump
from registry_app.exceptions import RegistryFileError

TEXT = """\
vocabulary:
  bct:
    task: bulk-truck
    language: en
  고리:
    task: hook-state
    language: ko
    note: 안전고리 체결 상태
  벨트:
    task: ''
    language: ko
experiments: {}
"""


def read(section: str) -> tuple[WordDocument, ...]:
    return load(f"experiments: {{}}\nvocabulary:\n{section}".encode()).vocabulary


def test_what_is_read_is_written_again_byte_by_byte() -> None:
    document = load(TEXT.encode())
    assert [(word.word, word.task) for word in document.vocabulary] == [
        *(("bct", "bulk-truck"), ("고리", "hook-state"), ("벨트", "")),
    ]
    assert dump(document) == TEXT
    assert dump(RegistryDocument()) == "experiments: {}\n"


def test_a_word_is_read_in_its_form_and_says_only_what_is_there() -> None:
    assert read("  Hard Hat: {task: ppe}\n") == (WordDocument(word="hardhat", task="ppe"),)
    assert read("  NO: {task: ppe}\n") == (WordDocument(word="no", task="ppe"),)


@pytest.mark.parametrize(
    ("section", "line", "says"),
    [
        ("  - hook\n", 3, "vocabulary must be a mapping"),
        ("  hook: ppe\n", 3, "vocabulary.hook must be a mapping"),
        ("  hook:\n", 3, 'has no key task. Write ""'),
        ("  hook: {task: }\n", 3, 'has no key task. Write ""'),
        ("  hook: {taks: ppe}\n", 3, "Did you mean task?"),
        ("  hook: {task: 7}\n", 3, "vocabulary.hook.task must be a text"),
        ("  hook:\n    task: ppe\n    language: kr\n", 5, "language must be ko or en."),
        (f"  hook: {{task: {'x' * 101}}}\n", 3, "longer than 100 characters"),
        ('  hook: {task: "p\\u202epe"}\n', 3, "no invisible characters"),
        ("  ok: {task: x}\n  줄: {task: ppe}\n", 4, "vocabulary: “줄” is too short"),
        (f"  {'가' * 51}: {{task: ppe}}\n", 3, "A word has at most 50 characters."),
        ('  "(a+)+": {task: ppe}\n', 3, "not of (, +, )."),
        ('  "안전\\u200f고리": {task: ppe}\n', 3, "not of U+200F."),
        ("  '': {task: ppe}\n", 3, "A word is missing."),
        ("  4m: {task: ppe}\n", 3, "begins with a digit"),
        ("  hard hat: {task: ppe}\n  Hard-Hat: {task: x}\n", 4, "Hard-Hat and hard hat are the"),
    ],
)
def test_what_cannot_be_a_word_is_refused_at_its_line(section: str, line: int, says: str) -> None:
    with pytest.raises(RegistryFileError) as caught:
        read(section)
    found = [(problem.line, str(problem.message)) for problem in caught.value.problems]
    assert any(number == line and says in message for number, message in found), found
