"""A parameter of a script, as read from its source or written by a person."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, fields, replace
from typing import Any

from registry_app.arguments.secret_names import MASKED, is_secret, names_secret

Scalar = str | int | float | bool | None
Literal = str | int | float | bool | list[str | int | float | bool | None] | None

# A `token` of these types counts something.
_NO_TEXT = frozenset({"int", "float", "bool", "truthy"})
SWITCH_ACTIONS = frozenset({"store_true", "store_false", "store_const", "boolean_optional"})


def plain_name(name: str) -> str:
    """Return a name as argparse would store it: without dashes in front, `_` for `-`."""
    return name.lstrip("-").rstrip("=").replace("-", "_")


def marked_secret(parameters: Iterable[Parameter], names: Collection[str]) -> list[Parameter]:
    """Return the parameters with those marked as secret that are named, in any spelling."""
    plain = {plain_name(name) for name in names}
    return [
        replace(one, secret=True)
        if not plain.isdisjoint({plain_name(one.name), plain_name(one.flag)} - {""})
        else one
        for one in parameters
    ]


@dataclass(frozen=True, kw_only=True)
class Parameter:
    """One option or positional argument of a script's command line.

    `default` is a literal that may be passed; `default_expr` is the source text of a default that
    the script computes itself and that is therefore never passed. `action` and `nargs` have
    argparse's meanings. A `flag` that ends with `=` is written before its value in one word, as
    absl (`--lr=`) and Hydra (`optimizer.lr=`) want it. `type` is `int`, `float`, `str`, `Path`,
    `bool` for true and false as words, `truthy` for Python's own `bool`, which takes any text but
    the empty one for true, `custom` for any other, or empty. `source` is `file:line`. `secret` is
    what a person said: true or false; where it is None, the name decides.
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

    @classmethod
    def from_json(cls, row: dict[str, Any]) -> Parameter:
        """Read what `to_json` wrote; keys that are not ours raise TypeError."""
        return cls(**{**row, "choices": tuple(row.get("choices") or ())})

    def to_json(self, *, curated_only: bool = False) -> dict[str, Any]:
        """Return the keys that say something; `curated_only` leaves out what only a scan knows."""
        scan_only = {"default_expr", "confidence", "source"}
        says_false = {"default", "secret"}
        row: dict[str, Any] = {}
        for field in fields(self):
            value = getattr(self, field.name)
            says_nothing = value is None or (
                field.name not in says_false and value in ("", False, ())
            )
            if says_nothing or (curated_only and field.name in scan_only):
                continue
            row[field.name] = list(value) if isinstance(value, tuple) else value
        return row

    def hides(self, value: Any) -> bool:
        """Whether this value of the parameter must not be shown; a switch has nothing to hide."""
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
        """Whether a form asks for it as for a secret; what holds without a value tells as well."""
        return self.hides("text" if self.default in (None, "") else self.default)

    @property
    def is_joined(self) -> bool:
        """Whether flag and value are one word: `--lr=0.1`, `lr=0.1`."""
        return self.flag.endswith("=")

    @property
    def is_override(self) -> bool:
        """Whether the value is written in the grammar of Hydra's overrides: `lr=0.1`."""
        return self.is_joined and not self.flag.startswith("-")

    @property
    def is_switch(self) -> bool:
        """Whether the flag stands alone on the command line."""
        return self.action in SWITCH_ACTIONS
