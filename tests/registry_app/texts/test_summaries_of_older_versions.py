"""What change sets and scans said of themselves in text is read as codes and values, once."""

from __future__ import annotations

import importlib
from typing import Any

import pytest

migration = importlib.import_module("registry_app.migrations.0019_read_summaries_as_messages")


@pytest.mark.parametrize(
    ("sentence", "stored", "english"),
    [
        ("experiment ppe", ["row_experiment", {"name": "ppe"}], "experiment ppe"),
        ("실험 지우", ["row_experiment", {"name": "지우"}], "experiment 지우"),
        (
            "2 proposals: owner, notes",
            ["proposals", {"count": 2, "names": "owner, notes"}],
            "2 proposals: owner, notes",
        ),
        ("제안 1건: owner", ["one_proposal", {"names": "owner"}], "1 proposal: owner"),
        (
            "되돌림: 레지스트리 파일 7 experiments.yaml",
            ["undone_of", {"number": 7, "summary": {"message": ["text", "experiments.yaml"]}}],
            "Undone: change set 7 (experiments.yaml)",
        ),
        ("Undone: Admin 7", ["undone", {"number": 7}], "Undone: change set 7"),
        ("experiments.yaml", ["text", "experiments.yaml"], "experiments.yaml"),
    ],
)
def test_summaries(sentence: str, stored: list[Any], english: str) -> None:
    message = migration.summary_of(sentence)
    assert message.to_json() == stored
    assert str(message) == english


def test_errors_of_scans() -> None:
    message = migration.error_of(
        "이름이 같은 실험이 둘입니다(ppe): /a/ppe, /b/ppe. "
        "한쪽 디렉터리 이름을 바꾸거나 그 루트를 빼세요."
    )
    assert message.to_json() == ["same_name", {"name": "ppe", "one": "/a/ppe", "other": "/b/ppe"}]
    assert migration.error_of("[Errno 2] gone").code == "text"
