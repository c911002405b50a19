"""Which parameters hold a secret: by the words of their name, or because a user marked them.

Names are split into words at anything but letters and digits and at camelCase, so that
`--hf-api-key` and `dbPassword` are secret and `passwordless` is not.
"""

from __future__ import annotations

import itertools
import re
from typing import Any

MASKED = "***"

_WORDS = frozenset(
    {"password", "passwords", "passwd", "passwds", "secret", "secrets", "credential",
     "credentials", "apikey", "apikeys", "accesskey", "accesskeys"}
)  # fmt: skip
_PAIRS = frozenset({("api", "key"), ("api", "keys"), ("access", "key"), ("access", "keys")})
# "APIKey" is API and Key, "dbPassword" is db and Password.
_PARTS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+|[^\W\d_]+")
_NUMBER = re.compile(r"[+-]?\d[\d_]*\.?\d*(?:e[+-]?\d+)?", re.IGNORECASE)
# Special tokens of a tokenizer: <pad>, [MASK], {eos}, <|endoftext|>.
_OF_TOKENIZER = re.compile(r"<.*>|\[.*\]|\{.*\}")
_NO_TOKEN = frozenset({"", "true", "false", "yes", "no", "on", "off", "none", "null"})


def names_secret(name: str) -> bool:
    """Whether every value of a parameter of this name is secret; for `token` the value decides."""
    words = _words(name)
    return not _WORDS.isdisjoint(words) or any(pair in _PAIRS for pair in itertools.pairwise(words))


def is_secret(name: str, value: Any, *, marked: bool | None = None) -> bool:
    """Whether a value must not be shown; `marked` is a user's mark, None for no mark.

    `token` counts only as the last word and only with a text: `--max-tokens 512`, `--n-token 5` and
    `--pad-token "<pad>"` are not secret. An empty value is never secret.
    """
    if _is_empty(value) or marked is False:
        return False
    if marked or names_secret(name):
        return True
    return _words(name)[-1:] == ["token"] and _could_be_token(value)


def _is_empty(value: Any) -> bool:
    if isinstance(value, list | tuple):
        return all(_is_empty(item) for item in value)
    return value is None or value == ""


def shown(name: str, value: Any, *, marked: bool | None = None) -> Any:
    """Return the value, or the mask if it is secret."""
    return MASKED if is_secret(name, value, marked=marked) else value


def _words(name: str) -> list[str]:
    return [word.lower() for word in _PARTS.findall(name)]


def _could_be_token(value: Any) -> bool:
    if isinstance(value, list | tuple):
        return any(_could_be_token(item) for item in value)
    if isinstance(value, bool | int | float):
        return False
    text = str(value).strip()
    return not (
        text.lower() in _NO_TOKEN or _NUMBER.fullmatch(text) or _OF_TOKENIZER.fullmatch(text)
    )
