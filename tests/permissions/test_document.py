"""The document of permissions says what the table says."""

from __future__ import annotations

from tests.permissions.document import FILE, text


def test_the_document_is_made_from_the_table() -> None:
    assert FILE.read_text(encoding="utf-8") == text(), (
        "docs/permissions.md is out of date: run `python -m tests.permissions`"
    )
