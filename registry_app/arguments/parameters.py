"""A parameter of a script, as read from its source or written by a user."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, fields, replace
from functools import lru_cache
from typing import Any

from registry_app.arguments.secret_names import MASKED, is_secret, names_secret

Scalar = str | int | float | bool | None
Literal = str | int | float | bool | list[str | int | float | bool | None] | None

# The name of the parameter that chooses a sub-command.
COMMAND = "command"
# A `token` of these types is a count.
_NO_TEXT = frozenset({"int", "float", "bool", "truthy"})
SWITCH_ACTIONS = frozenset({"store_true", "store_false", "store_const", "boolean_optional"})


@lru_cache(maxsize=4096)
def plain_name(name: str) -> str:
    """Return a name as argparse would store it: without leading dashes, `_` for `-`."""
    return name.lstrip("-").rstrip("=").replace("-", "_")


def marked_secret(parameters: Iterable[Parameter], names: Collection[str]) -> list[Parameter]:
    """Return the parameters with those marked as secret that are named, in any spelling."""
    plain = {plain_name(name) for name in names}
    return [
        replace(parameter, secret=True)
        if not plain.isdisjoint({plain_name(parameter.name), plain_name(parameter.flag)} - {""})
        else parameter
        for parameter in parameters
    ]


@dataclass(frozen=True, kw_only=True)
class Parameter:
    """One option or positional argument of a script's command line.

    - `default` is a literal: the script's own default or, for a `fixed` parameter, the value
      that is passed unless another is given.
    - `default_expr` is the source text of a default that the script computes itself.
    - `withheld` marks a default that another option or a configuration file may change.
    - `action` and `nargs` have argparse's meanings.
    - A `flag` that ends with `=` forms one word with its value, as absl (`--lr=`) and Hydra
      (`optimizer.lr=`) require.
    - `type` is `int`, `float`, `str`, `Path`, `bool` for the words true and false, `truthy` for
      Python's `bool`, to which any non-empty text is true, `custom` for any other, or empty.
    - `source` is `file:line`.
    - `secret` is a user's mark, true or false; if it is None, the name decides.
    """

    name: str
    flag: str = ""
    positional: bool = False
    type: str = ""
    action: str = ""
    nargs: str | int | None = None
    default: Literal = None
    default_expr: str = ""
    required: bool = False
    choices: tuple[Scalar, ...] = ()
    help: str = ""
    secret: bool | None = None
    confidence: str = ""
    source: str = ""
    fixed: bool = False
    withheld: bool = False

    @classmethod
    def from_json(cls, row: dict[str, Any]) -> Parameter:
        """Read the output of `to_json`; unknown keys raise TypeError."""
        return cls(**{**row, "choices": tuple(row.get("choices") or ())})

    def to_json(self, *, curated_only: bool = False) -> dict[str, Any]:
        """Return the keys that are set; `curated_only` omits those that only a scan sets."""
        scan_only = {"default_expr", "confidence", "source", "fixed", "withheld"}
        keeps_false = {"default", "secret"}
        row: dict[str, Any] = {}
        for field in fields(self):
            value = getattr(self, field.name)
            is_unset = value is None or (field.name not in keeps_false and value in ("", False, ()))
            if is_unset or (curated_only and field.name in scan_only):
                continue
            row[field.name] = list(value) if isinstance(value, tuple) else value
        return row

    def hides(self, value: Any) -> bool:
        """Whether this value must not be shown; a switch has nothing to hide."""
        if self.is_switch or self.action in {"count", "append_const"}:
            return False
        names = [self.name, *([self.flag] if self.flag and self.secret is None else [])]
        if self.secret is None and self.type in _NO_TEXT:
            return any(names_secret(name) for name in names) and value not in (None, "")
        return any(is_secret(name, value, marked=self.secret) for name in names)

    def shown(self) -> dict[str, Any]:
        """Return the keys as a page may show them: a secret default is masked."""
        row = self.to_json()
        for key in ("default", "default_expr"):
            if key in row and self.is_secret:
                row[key] = MASKED
        return row

    @property
    def is_secret(self) -> bool:
        """Whether a form asks for it as for a secret, judged without a value."""
        return self.hides("text" if self.default in (None, "") else self.default)

    @property
    def is_joined(self) -> bool:
        """Whether flag and value are one word: `--lr=0.1`, `lr=0.1`."""
        return self.flag.endswith("=")

    @property
    def is_override(self) -> bool:
        """Whether the value follows the grammar of Hydra's overrides: `lr=0.1`."""
        return self.is_joined and not self.flag.startswith("-")

    @property
    def is_switch(self) -> bool:
        """Whether the flag takes no value on the command line."""
        return self.action in SWITCH_ACTIONS
