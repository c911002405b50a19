"""Find calls of `add_argument` in text that cannot be parsed, mostly Python 2."""

from __future__ import annotations

import ast
import re

from registry_app.arguments.parameters import Parameter
from registry_app.inference.code.source import Source
from registry_app.inference.parameters.arguments import UnreadableError, read_argument
from registry_app.inference.parameters.command_line import CommandLine
from registry_app.words import Confidence

MAX_CALLS = 500
MAX_CALL_LENGTH = 4000
_CALL = re.compile(r"^[^\n#]*?\.(?:add_argument|add_option)\s*\(", re.MULTILINE)
# Comments and strings, whose brackets do not count, and brackets.
_PIECE = re.compile(
    r"""#[^\n]*|'{3}.*?'{3}|"{3}.*?"{3}|'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"|[()]""",
    re.DOTALL,
)


def read_text_arguments(source: Source) -> CommandLine:
    """Return the parameters found in single statements; others may be missing."""
    found: dict[str, Parameter] = {}
    for number, match in enumerate(_CALL.finditer(source.text)):
        if number >= MAX_CALLS:
            break
        parameter = _parameter(source, match)
        if parameter is not None:
            found.setdefault(parameter.name, parameter)
    return CommandLine(parameters=tuple(found.values()), owners=("",) * len(found))


def _parameter(source: Source, match: re.Match[str]) -> Parameter | None:
    end = _end_of_call(source.text, match.end())
    if end is None:
        return None
    line = source.text.count("\n", 0, match.start()) + 1
    try:
        tree = ast.parse(f"f({source.text[match.end() : end]}", mode="eval")
        if not isinstance(tree.body, ast.Call):
            return None
        ast.increment_lineno(tree, line - 1)
        return read_argument(tree.body, path=source.path, names={}, confidence=Confidence.UNSURE)
    except (SyntaxError, ValueError, RecursionError, MemoryError, UnreadableError):
        return None


def _end_of_call(text: str, start: int) -> int | None:
    """Return the offset after the bracket that closes a call, None if there is none nearby."""
    depth = 1
    for piece in _PIECE.finditer(text, start, start + MAX_CALL_LENGTH):
        depth += {"(": 1, ")": -1}.get(piece.group(), 0)
        if depth == 0:
            return piece.end()
    return None
