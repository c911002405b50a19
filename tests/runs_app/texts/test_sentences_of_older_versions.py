"""Sentences of runs that an older version stored are read as codes and values, once."""

from __future__ import annotations

import importlib
from typing import Any

import pytest

from registry_app.messages import TEXTS, Message, read_values
from runs_app import texts

migration = importlib.import_module("runs_app.migrations.0016_read_sentences_as_messages")

WARNINGS = [
    (
        "odd.py matches none of the patterns for train.",
        ["matches_no_pattern", {"script": "odd.py", "type": "train"}],
    ),
    (
        "odd.py 스크립트는 train 패턴에 맞지 않습니다.",
        ["matches_no_pattern", {"script": "odd.py", "type": "train"}],
    ),
    (
        "'{epocks}' in the argument template is left out: the script has no parameter 'epocks'.",
        ["left_out_of_template", {"name": "epocks"}],
    ),
    (
        "The interpreter /usr/bin/find does not answer as a Python: no answer within 30 s.",
        [
            "not_a_python",
            {
                "path": "/usr/bin/find",
                "why": {"message": ["no_answer_in_time", {"seconds": "30"}]},
            },
        ],
    ),
    ("지우 wrote <this>", ["text", "지우 wrote <this>"]),
]
REASONS: list[tuple[str, dict[str, Any], dict[str, Any], str]] = [
    (
        "refused",
        {
            "error": "no matter",
            "told": {
                "en": "The directory /x may not be read. Give this user access to it.",
                "ko": "no matter",
            },
        },
        {"error": {"message": ["directory_closed", {"path": "/x"}]}},
        "Refused before the start: /x is not readable. Grant this user read access.",
    ),
    (
        "launch_failed",
        {"error": "[Errno 2] gone"},
        {"error": {"message": ["text", "[Errno 2] gone"]}},
        "The script could not be started: [Errno 2] gone",
    ),
    (
        "cancelled",
        {"user": "the command line"},
        {"user": {"message": ["command_line", {}]}},
        "Cancelled by the command line. All its processes have exited.",
    ),
    (
        "cancelled",
        {"user": "jiwoo"},
        {"user": "jiwoo"},
        "Cancelled by jiwoo. All its processes have exited.",
    ),
    (
        "timed_out",
        {"seconds": 5400},
        {"duration": {"message": ["hours_minutes", {"hours": 1, "minutes": 30}]}},
        "Stopped after its time limit of 1 h 30 min.",
    ),
    (
        "killed_by_signal",
        {"signal": 9},
        {"signal": "9 (SIGKILL)"},
        "The script was ended by signal 9 (SIGKILL).",
    ),
    (
        "waits_for_run",
        {"run": 3, "runs": [3]},
        {"run": 3, "runs": [3]},
        "Waits for run 3, which uses the same directory.",
    ),
]


@pytest.mark.parametrize(("sentence", "stored"), WARNINGS)
def test_warnings(sentence: str, stored: list[Any]) -> None:
    assert migration.as_message(sentence) == stored
    english = migration.as_sentence(stored)
    assert str(Message.from_json(stored)) != stored[0], "its values are those of the text"
    assert migration.as_message(english) == stored, "there and back"


@pytest.mark.parametrize(("code", "before", "after", "english"), REASONS)
def test_reasons(code: str, before: dict[str, Any], after: dict[str, Any], english: str) -> None:
    assert migration.forward_values(code, before) == after
    assert str(Message(code=code, values=read_values(after))) == english
    back = migration.backward_values(code, after)
    assert migration.forward_values(code, back) == after, "there and back"


def test_every_code_of_the_migration_is_one_of_the_table() -> None:
    assert texts.reasons
    codes = {*migration.SENTENCES, *migration.ACTORS.values(), *migration.DURATIONS}
    assert codes | set(migration.RENAMED_NOTICES.values()) <= {text.code for text in TEXTS}
