"""What pages show of values that people or scripts wrote into the registry: secrets are masked.

Argument templates may hold one literally (`--password x`), parameters as a default. Both are used
as they are when a run is started; only what is shown of them is masked.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import fields
from typing import Any

from registry_app.arguments.parameters import Parameter, plain_name
from registry_app.arguments.secret_names import MASKED, is_secret

# `--name value`, `--name=value` and Hydra's `name=value`; a value may be quoted.
_WRITTEN = re.compile(
    r"""(?<!\S)(--?[\w.-]+(?:=|[ ]+(?!-))|\+{0,2}[\w.@/]+=)("[^"]*"|'[^']*'|[^\s"']+)"""
)
_PLACEHOLDER = re.compile(r"\{[^{}]*\}")


def masked(field: str, value: Any, parameters: Iterable[Any] = ()) -> Any:
    """Return the value of a field as a page may show it, by the field's column or dotted name.

    `parameters` are those of the entry point, where a person may have marked which are secret.
    """
    name = field.rpartition(".")[2]
    if name == "args_template" and isinstance(value, str):
        return masked_template(value, parameters)
    if name == "parameters" and isinstance(value, list | tuple):
        return masked_parameters(value)
    return value


def masked_template(template: str, parameters: Iterable[Any] = ()) -> str:
    """Return an argument template without the secrets that stand in it; placeholders stay."""
    marks = _marks(parameters)
    return _WRITTEN.sub(lambda found: _masked_word(found, marks), template)


def masked_parameters(rows: Iterable[Any]) -> list[Any]:
    """Return parameters, as objects or as the registry stores them, without secret defaults."""
    return [row.shown() if isinstance(row, Parameter) else _masked_row(row) for row in rows]


def _masked_row(row: Mapping[str, Any]) -> dict[str, Any]:
    """Mask one stored parameter; one of another version may have keys that are unknown here."""
    known = {one.name for one in fields(Parameter)}
    parameter = Parameter.from_json({key: row[key] for key in row if key in known})
    masks = {key: value for key, value in parameter.shown().items() if value == MASKED}
    return {**row, **masks}


def unmasked_parameters(
    rows: Sequence[Mapping[str, Any]], stored: Sequence[Mapping[str, Any]]
) -> list[dict[str, Any]]:
    """Return rows that came back from a page, with the stored defaults in the place of masks.

    Raises LookupError with the name of a parameter for which nothing is stored.
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


def _marks(parameters: Iterable[Any]) -> dict[str, bool]:
    """Return what a person said of parameters, by plain name and flag; secret wins."""
    marks: dict[str, bool] = {}
    for row in parameters:
        said = row.to_json() if isinstance(row, Parameter) else row
        if said.get("secret") is not None:
            for name in {plain_name(said["name"]), plain_name(said.get("flag", ""))} - {""}:
                marks[name] = marks.get(name, False) or bool(said["secret"])
    return marks


def _masked_word(found: re.Match[str], marks: Mapping[str, bool]) -> str:
    option, value = found[1], found[2]
    name = option.strip(" =+")
    is_shown = _PLACEHOLDER.fullmatch(value) or not is_secret(
        name, value.strip("\"'"), marked=marks.get(plain_name(name))
    )
    return found[0] if is_shown else f"{option}{MASKED}"
