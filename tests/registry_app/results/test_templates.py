"""Lines that a template recognises are read as they are without it."""

from __future__ import annotations

import re
from random import Random

import pytest

from registry_app.results.logs.reader import LogReader
from registry_app.results.logs.templates import Template, Templates
from registry_app.results.reading import rows_of
from tests.registry_app.results.test_writers import WRITERS

LOGS = [writer for writer in WRITERS if not writer.path]
NUMBERS = ["7", "42", "0.5", "12.25", "1e-05", "-0.3", "nan", "1,234.5"]


class NoTemplates(Templates):
    def find(self, text: str) -> tuple[Template, tuple[str, ...]] | None:
        return None


def told(data: bytes, templates: Templates) -> list[str]:
    reader = LogReader()
    reader._templates = templates
    return [repr(row) for row in rows_of(reader, [data])]


def test_a_template_only_saves_time() -> None:
    chance = Random(12)  # noqa: S311

    def other(number: re.Match[str]) -> str:
        return chance.choice([number[0], *NUMBERS])

    for writer in LOGS:
        lines = [
            re.sub(r"\d+(?:\.\d+)?", other, line) if again else line
            for line in writer.data.decode(errors="replace").split("\n")
            for again in range(3)
        ]
        data = "\n".join(lines).encode()
        assert told(data, Templates()) == told(data, NoTemplates()), writer.name


@pytest.mark.parametrize(
    ("line", "others"),
    [
        ("epoch 1 loss 0.5", {"epoch 12 loss 10.25": True, "epoch 1 loss 5": False}),
        (
            "09:00:01 [ 5/100] loss: 0.5",
            {"10:11:12 [17/100] loss: 0.25": False, "2026-11-29 [  7/100] loss: 0.25": False,
             "10:11:12 [  7/100] loss: 0.25": True},
        ),
    ],
)  # fmt: skip
def test_a_template_takes_lines_that_differ_in_numbers_and_times(
    line: str, others: dict[str, bool]
) -> None:
    reader = LogReader()
    list(reader.feed(f"{line}\n{line}\n".encode()))
    assert {text: reader._templates.find(text) is not None for text in others} == others
