"""Draws docstrings and sentences at random, to be read by someone who does not know the code.

    python -m tests.reading SEED [COUNT]      COUNT docstrings and COUNT sentences, 30 by default

Half of the sentences are texts of the pages and commands, half are from the documents. Whatever
makes the reader stop is reworded, and its kind everywhere. The same seed draws the same texts as
long as none of them changes.
"""

from __future__ import annotations

import ast
import random
import re
import sys
from collections.abc import Iterator
from pathlib import Path

from babel.messages.pofile import read_po

ROOT = Path(__file__).resolve().parent.parent
CODE = ("portal", "registry_app", "runs_app", "tests", "benchmarks")
CATALOGUE = ROOT / "portal/locale/ko/LC_MESSAGES/django.po"
_DOCUMENTED = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
_CODE_BLOCK = re.compile(r"^```.*?^```", re.DOTALL | re.MULTILINE)
_BLOCK = re.compile(r"\n\s*\n|\n(?=\s*- )|\|")
_END = re.compile(r"(?<=[.!?])\s+(?=[A-Z`*])")
_MIN_WORDS = 4


def docstrings() -> Iterator[tuple[str, str]]:
    """Yield where each docstring of the code is, and its text."""
    for folder in CODE:
        for file in sorted((ROOT / folder).rglob("*.py")):
            if "migrations" in file.parts:
                continue
            for node in ast.walk(ast.parse(file.read_text())):
                if isinstance(node, _DOCUMENTED) and (text := ast.get_docstring(node)):
                    name = getattr(node, "name", "")
                    yield f"{file.relative_to(ROOT)} {name}".strip(), text


def texts_of_pages() -> Iterator[tuple[str, str]]:
    """Yield each translated text of at least a few words, with its first place."""
    with CATALOGUE.open("rb") as stream:
        for message in read_po(stream):
            text = message.id if isinstance(message.id, str) else message.id[-1]
            if len(text.split()) >= _MIN_WORDS:
                yield next((path for path, _ in message.locations), ""), text


def sentences_of_documents() -> Iterator[tuple[str, str]]:
    """Yield each sentence of the documents in English, with its file."""
    files = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]
    for file in files:
        for block in _BLOCK.split(_CODE_BLOCK.sub("", file.read_text())):
            for sentence in _END.split(" ".join(block.split())):
                if len(sentence.split()) >= _MIN_WORDS and not sentence.startswith("#"):
                    yield str(file.relative_to(ROOT)), sentence


def main(seed: str, count: str = "30") -> None:
    # Not for secrets: the same seed shall draw the same texts.
    draw, many = random.Random(seed), int(count)  # noqa: S311
    drawn = draw.sample(list(docstrings()), many)
    drawn += draw.sample(list(texts_of_pages()), many // 2)
    drawn += draw.sample(list(sentences_of_documents()), many - many // 2)
    for number, (place, text) in enumerate(drawn, 1):
        print(f"{number}. {place}\n{text}\n")  # noqa: T201


if __name__ == "__main__":
    main(*sys.argv[1:])
