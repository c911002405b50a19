"""Mask the secrets in values that users or scripts wrote into the registry.

Argument templates may hold a literal secret (`--password x`), parameters may hold one as a
default. Runs use the real values; only the displayed ones are masked.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import fields
from typing import Any

from registry_app.arguments.parameters import Parameter, plain_name
from registry_app.arguments.secret_names import MASKED, is_secret, names_secret, shown

# `--name value`, `--name=value` and Hydra's `name=value`; a value may be quoted.
_WRITTEN = re.compile(
    r"""(?<!\S)(--?[\w.-]+(?:=|[ ]+(?!-))|\+{0,2}[\w.@/]+=)("[^"]*"|'[^']*'|[^\s"']+)"""
)
# Short flags such as `-p`, whose value may follow without a space.
_SHORT_FLAG = 2
_PLACEHOLDER = re.compile(r"\{[^{}]*\}")


def masked(field: str, value: Any, parameters: Iterable[Any] = ()) -> Any:
    """Return the value of a field as a page may show it, by the field's column or dotted name.

    Environment variables become a list of `NAME=value`; a secret one got past their rule.

    `parameters` are those of the entry point, where a user may have marked secret ones.
    """
    name = field.rpartition(".")[2]
    if name == "args_template" and isinstance(value, str):
        return masked_template(value, parameters)
    if name == "parameters" and isinstance(value, list | tuple):
        return masked_parameters(value)
    if name == "environment" and isinstance(value, Mapping):
        return [f"{variable}={shown(variable, text)}" for variable, text in sorted(value.items())]
    return value


def masked_template(template: str, parameters: Iterable[Any] = ()) -> str:
    """Return an argument template with its secrets masked; placeholders stay."""
    rows = [row.to_json() if isinstance(row, Parameter) else row for row in parameters]
    marks = _marks(rows)
    masked = _WRITTEN.sub(lambda found: _masked_word(found, marks), template)
    return _without_glued_values(masked, rows)


def _without_glued_values(template: str, rows: Sequence[Mapping[str, Any]]) -> str:
    """Mask `-pVALUE` if `-p` is the flag of a secret parameter."""
    for row in rows:
        flag = row.get("flag", "")
        is_short = len(flag) == _SHORT_FLAG and flag[0] == "-" and flag[1] != "-"
        if is_short and is_secret(row["name"], "text", marked=row.get("secret")):
            written = rf"(?<!\S){re.escape(flag)}(?![\s=]|{re.escape(MASKED)})(\S+)"
            template = re.sub(
                written,
                lambda found: (
                    found[0]
                    if _PLACEHOLDER.fullmatch(found[1])
                    else found[0].removesuffix(found[1]) + MASKED
                ),
                template,
            )
    return template


def masked_parameters(rows: Iterable[Any]) -> list[Any]:
    """Return parameters, as objects or as stored, with secret defaults masked."""
    return [row.shown() if isinstance(row, Parameter) else _masked_row(row) for row in rows]


def _masked_row(row: Mapping[str, Any]) -> dict[str, Any]:
    """Mask one stored parameter; another version's row may have keys that are unknown here."""
    known = {field.name for field in fields(Parameter)}
    parameter = Parameter.from_json({key: row[key] for key in row if key in known})
    masks = {key: value for key, value in parameter.shown().items() if value == MASKED}
    return {**row, **masks}


def unmasked_parameters(
    rows: Sequence[Mapping[str, Any]], stored: Sequence[Mapping[str, Any]]
) -> list[dict[str, Any]]:
    """Return rows submitted from a page, with masks replaced by the stored defaults.

    Raises LookupError with the name of a parameter that has no stored default.
    """
    defaults = {row["name"]: row["default"] for row in stored if "default" in row}
    found: list[dict[str, Any]] = []
    for row in rows:
        if row.get("default") != MASKED:
            found.append(dict(row))
        elif row["name"] in defaults:
            found.append({**row, "default": defaults[row["name"]]})
        else:
            raise LookupError(row["name"])
    return found


def _marks(rows: Iterable[Mapping[str, Any]]) -> dict[str, bool]:
    """Return which parameters are secret, by plain name and flag; secret wins.

    A user's mark decides; without one the name does, for the parameter's flag too (`-p`).
    """
    marks: dict[str, bool] = {}
    for row in rows:
        mark = row.get("secret")
        if mark is None and names_secret(row["name"]):
            mark = True
        if mark is not None:
            for name in {plain_name(row["name"]), plain_name(row.get("flag", ""))} - {""}:
                marks[name] = marks.get(name, False) or bool(mark)
    return marks


def _masked_word(found: re.Match[str], marks: Mapping[str, bool]) -> str:
    option, value = found[1], found[2]
    name = option.strip(" =+")
    is_shown = _PLACEHOLDER.fullmatch(value) or not is_secret(
        name, value.strip("\"'"), marked=marks.get(plain_name(name))
    )
    return found[0] if is_shown else f"{option}{MASKED}"
