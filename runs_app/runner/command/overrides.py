"""Writes values in the grammar of Hydra's overrides: `name='a b'`, `sizes=[1,2]`.

Source: Hydra's documentation, "Override grammar".
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from registry_app.arguments.parameters import Parameter
from runs_app.runner.command.values import takes_many

# What needs no quotes; Korean, spaces, commas, brackets and `=` do.
_PLAIN = re.compile(r"[A-Za-z0-9_/.+%*@?|-][A-Za-z0-9_/.+%*@?|:-]*")
# Read as a number, a boolean or null unless it is quoted.
_NO_TEXT = re.compile(r"(?i:true|false|null|none|nan|[+-]?inf|[+-]?[\d_]*\.?[\d_]+(e[+-]?\d+)?\.?)")
# Already written in the grammar: quotes, lists, mappings, references.
_WRITTEN = re.compile(r"""(?s:\[.*\]|\{.*\}|'.*'|".*"|\$\{.*\})""")


def override_text(parameter: Parameter, texts: Sequence[str]) -> str:
    """Return the text after `name=`; several values become a list."""
    words = [_quoted(text) if _needs_quotes(parameter, text) else text for text in texts]
    return f"[{','.join(words)}]" if takes_many(parameter) or len(words) != 1 else words[0]


def _needs_quotes(parameter: Parameter, text: str) -> bool:
    if parameter.type == "str":
        return not _PLAIN.fullmatch(text) or _NO_TEXT.fullmatch(text) is not None
    return not _PLAIN.fullmatch(text) and not _WRITTEN.fullmatch(text)


def _quoted(text: str) -> str:
    """Quote a text; a backslash is literal except before a quote."""
    inner = re.sub(r"(\\*)'", r"\1\1\'", text)
    inner = re.sub(r"(\\+)$", r"\1\1", inner)
    return f"'{inner}'"
