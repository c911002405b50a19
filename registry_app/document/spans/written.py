"""How a value is written into a text: in the style that was there, else as the portal writes it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from registry_app.document.yaml_text import Flow, Quoted, dump_in_line, dump_plain

INDENT = 2
_QUOTES = frozenset("'\"")
# Texts that need no look by the dumper: a value for every experiment is written in one go.
_WORD = re.compile(r"[A-Za-z가-힣][A-Za-z0-9가-힣_/.-]*")
_RESERVED = frozenset("y n yes no on off true false null nan inf".split())
_BREAKS = re.compile("[\r\n\x85\u2028\u2029\ufeff]")
_PLAIN_BLOCK = re.compile(r"(?:[^\s][^\r\x85\u2028\u2029\ufeff\n]*\n|\n)*[^\s][^\n]*\n?")


def inline(value: Any, *, style: str = "", is_flow: bool = False) -> str:
    """Return a scalar, or a list of scalars, in one line; `style` is the quote to keep."""
    if isinstance(value, str):
        return _text(value, style, is_flow=is_flow)
    if isinstance(value, list):
        return f"[{', '.join(inline(item, style=own_style(item), is_flow=True) for item in value)}]"
    if isinstance(value, Mapping):
        parts = [
            f"{inline(key, is_flow=True)}: {inline(item, is_flow=True)}"
            for key, item in value.items()
        ]
        return f"{{{', '.join(parts)}}}"
    return dump_in_line(value)


def is_block_text(value: Any) -> bool:
    """Whether a text of several lines can be written as a block without loss."""
    return isinstance(value, str) and "\n" in value and bool(_PLAIN_BLOCK.fullmatch(value))


def block_body(value: str, indent: int, eol: str) -> str:
    """Return the lines of a block scalar, each after a line break."""
    lines = value.removesuffix("\n").split("\n")
    return "".join(f"{eol}{' ' * indent}{line}" if line else eol for line in lines)


def pairs(data: Mapping[str, Any], column: int, eol: str, *, has_blocks: bool = True) -> str:
    """Return the lines of new keys of a block mapping, without the last line break.

    Without blocks, texts of several lines are written in one line, with quotes.
    """
    text = dump_plain({key: _styled(value, has_blocks) for key, value in data.items()})
    return indented(text, column, eol)


def item(value: Any, column: int, eol: str) -> str:
    """Return the lines of a new item of a block list, without the last line break."""
    if isinstance(value, dict):
        return indented(dump_plain([_styled(value)]), column, eol)
    return f"{' ' * column}- {inline(value, style=own_style(value))}"


def indented(text: str, column: int, eol: str) -> str:
    """Return lines moved to a column, without the last line break."""
    lines = text.removesuffix("\n").split("\n")
    return eol.join(f"{' ' * column}{line}" if line else line for line in lines)


def last_text(value: Any) -> str:
    """Return the text that a value's lines end with, '' if they end with another value."""
    while isinstance(value, (dict, list)) and value:
        value = list(value.values())[-1] if isinstance(value, dict) else value[-1]
    return value if isinstance(value, str) else ""


def _styled(value: Any, has_blocks: bool = True) -> Any:
    """Return a value for the dumper: lists of scalars in one line, as in the fixed form."""
    if isinstance(value, dict):
        return {key: _styled(item, has_blocks) for key, item in value.items()}
    if isinstance(value, list):
        has_rows = any(isinstance(item, dict) for item in value)
        return [_styled(item, has_blocks) for item in value] if has_rows else Flow(value)
    # The dumper ends a text of open end with the mark of a document's end.
    is_quoted = isinstance(value, str) and (
        value.endswith("\n\n") or ("\n" in value and not has_blocks)
    )
    return Quoted(value) if is_quoted else value


def own_style(value: Any) -> str:
    """Return the quote of a value that is always quoted, else ''."""
    return '"' if isinstance(value, Quoted) else ""


def _text(value: str, style: str, *, is_flow: bool) -> str:
    if _BREAKS.search(value):
        style = '"'
    if style == '"' and value.isprintable() and '"' not in value and "\\" not in value:
        return f'"{value}"'
    if not style and _WORD.fullmatch(value) and value.lower() not in _RESERVED:
        return value
    if style in _QUOTES and style:
        return dump_in_line(str(value), quote=style)
    if is_flow:
        return dump_in_line(value)
    return dump_plain({"k": value}).removeprefix("k:").strip(" \n")
