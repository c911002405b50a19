"""Public names change only on purpose."""

from __future__ import annotations

import json

import pytest

from tests import public_names

NAMES = public_names.public_names()
STORED = json.loads(public_names.FILE.read_text(encoding="utf-8"))


@pytest.mark.parametrize("kind", sorted({*NAMES, *STORED}))
def test_public_names_are_those_that_were_written_down(kind: str) -> None:
    now = json.loads(json.dumps(NAMES.get(kind)))
    assert now == STORED.get(kind), "run `python -m tests.public_names --write` if this is meant"
