"""One parameter of a script in the form of a run: which field it is, and what stands in it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from registry_app.arguments.parameters import Parameter
from registry_app.arguments.secret_names import MASKED

_ASKED_BLIND = "secret"
YES_NO = (("true", gettext_lazy("yes")), ("false", gettext_lazy("no")))
_MANY = frozenset({"*", "+", "...", "A..."})
_REPEATED = frozenset({"append", "extend", "append_const"})


@dataclass(frozen=True, kw_only=True)
class ParameterField:
    """One parameter in the form; `initial` is the text of what the script would take anyway."""

    parameter: Parameter
    name: str
    kind: str
    initial: str
    value: str
    options: tuple[tuple[str, Any], ...] = ()
    is_asked_again: bool = False

    @property
    def is_required(self) -> bool:
        """Whether the form cannot be sent without it."""
        return self.parameter.required or self.is_asked_again

    @property
    def hint(self) -> str:
        """What an empty field means: the default, of a secret one only that there is one."""
        if self.kind == _ASKED_BLIND:
            return MASKED if self.parameter.default not in (None, "") else ""
        return self.initial

    @property
    def computed(self) -> str:
        """The source text of a default that the script computes, which may hold a secret."""
        return MASKED if self.kind == _ASKED_BLIND else self.parameter.default_expr

    @property
    def is_on(self) -> bool:
        return self.value == "true"

    @property
    def input_mode(self) -> str:
        return {"int": "numeric", "float": "decimal"}.get(self.parameter.type, "text")

    @property
    def rows(self) -> int:
        return min(6, max(2, self.value.count("\n") + 1))


def field_of(prefix: int, parameter: Parameter, values: Mapping[str, Any]) -> ParameterField:
    """Return the field of a parameter, with what `values` says or else the script's default."""
    kind, options = (_ASKED_BLIND, ()) if parameter.is_secret else _kind(parameter)
    if kind == _ASKED_BLIND:
        # Never filled in: neither a default nor what an earlier run had is shown.
        return ParameterField(
            parameter=parameter,
            name=f"{prefix}-p.{parameter.name}",
            kind=kind,
            initial="",
            value="",
            is_asked_again=parameter.name in values,
        )
    initial = _initial(parameter, kind)
    value = _text(values[parameter.name], kind) if parameter.name in values else initial
    if kind == "choice" and value and value not in [text for text, _label in options]:
        options = (*options, (value, value))
    return ParameterField(
        parameter=parameter,
        name=f"{prefix}-p.{parameter.name}",
        kind=kind,
        initial=initial,
        value=value,
        options=options,
    )


def sent_field(one: ParameterField, sent: Callable[[str], str]) -> ParameterField:
    """Return a field with what somebody sent; `sent` returns the text of a name."""
    text = sent(f"p.{one.parameter.name}")
    if one.kind == "switch":
        text = "true" if text else "false"
    return replace(one, value=text)


def _kind(parameter: Parameter) -> tuple[str, tuple[tuple[str, Any], ...]]:
    if parameter.is_switch:
        if parameter.default_expr or (
            parameter.action == "boolean_optional" and parameter.default is None
        ):
            return "choice", (("", _("as the script decides")), *YES_NO)
        return "switch", ()
    if _takes_many(parameter):
        return "many", ()
    if parameter.type in {"bool", "truthy"}:
        empty = () if isinstance(parameter.default, bool) else (("", "—"),)
        return "choice", (*empty, *YES_NO)
    if parameter.choices:
        empty = () if parameter.default is not None else (("", "—"),)
        return "choice", (*empty, *((str(one), str(one)) for one in parameter.choices))
    return "text", ()


def _takes_many(parameter: Parameter) -> bool:
    nargs = str(parameter.nargs or "")
    return (
        nargs in _MANY
        or parameter.action in _REPEATED
        or (nargs.isdecimal() and int(nargs) > 1)
        or isinstance(parameter.default, list)
    )


def _initial(parameter: Parameter, kind: str) -> str:
    """Return the text of what holds when nothing is given; '' where only the script knows."""
    if kind == "switch":
        return "true" if _is_on_by_itself(parameter) else "false"
    if parameter.default_expr or parameter.default is None:
        return ""
    return _text(parameter.default, kind)


def _is_on_by_itself(parameter: Parameter) -> bool:
    if parameter.action != "store_false":
        return bool(parameter.default)
    # `--no-amp` stored as `no_amp` is set by giving it; stored as `amp` it is on until then.
    return parameter.flag.lstrip("-").replace("-", "_") != parameter.name


def _text(value: Any, kind: str) -> str:
    if kind == "switch" or isinstance(value, bool):
        return "true" if value is True or str(value).lower() == "true" else "false"
    if isinstance(value, list | tuple):
        return "\n".join(str(one) for one in value)
    return "" if value is None else str(value)
