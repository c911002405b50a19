"""One parameter of a script in the form of a run: its kind of field and its contents."""

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
    """One parameter in the form.

    `initial` is the text of a value that is passed by default; emptying the field removes it.
    `hint` is the script's own default, if known. `earlier` is the value in the run that is
    repeated, if the script's own default differs by now.
    """

    parameter: Parameter
    name: str
    kind: str
    initial: str
    value: str
    options: tuple[tuple[str, Any], ...] = ()
    hint: str = ""
    earlier: str = ""
    was_given: bool = False

    @property
    def is_required(self) -> bool:
        """Whether the form cannot be sent without it."""
        return self.parameter.required or self.was_given

    @property
    def computed(self) -> str:
        """The source text of a default that the script computes; it may contain a secret."""
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


def field_of(
    prefix: int, parameter: Parameter, values: Mapping[str, Any], fixed: Mapping[str, Any]
) -> ParameterField:
    """Return the field of a parameter, with its value from `values` or else from `fixed`.

    The script's own default is only a hint. But if the parameter must be passed, the field
    starts with the script's own literal.
    """
    name = f"{prefix}-p.{parameter.name}"
    if parameter.is_secret:
        # Never filled in: show neither a default nor an earlier run's value.
        return ParameterField(
            parameter=parameter,
            name=name,
            kind=_ASKED_BLIND,
            initial="",
            value="",
            hint=MASKED if parameter.default not in (None, "") else "",
            was_given=values.get(parameter.name) is not None,
        )
    kind = _kind(parameter)
    hint = "" if parameter.fixed or parameter.default_expr else _text(parameter.default, kind)
    initial = _text(fixed[parameter.name], kind) if parameter.name in fixed else ""
    if kind == "switch" and not initial:
        initial = "true" if _is_on_by_itself(parameter) else "false"
    value = initial or (hint if parameter.required else "")
    if parameter.name in values:
        value = _text(values[parameter.name], kind)
    return ParameterField(
        parameter=parameter,
        name=name,
        kind=kind,
        initial=initial,
        value=value,
        hint=hint,
        options=_options(parameter, kind, hint, value),
    )


def with_earlier(field: ParameterField, had: Mapping[str, Any]) -> ParameterField:
    """Return a field that shows where the script's own default differs from the earlier run's."""
    name = field.parameter.name
    if name not in had or not field.hint or field.kind in (_ASKED_BLIND, "switch"):
        return field
    earlier = _text(had[name], field.kind)
    return field if earlier == field.hint else replace(field, earlier=earlier)


def sent_field(field: ParameterField, sent: Callable[[str], str]) -> ParameterField:
    """Return a field with the submitted value; `sent` returns the text for a name."""
    text = sent(f"p.{field.parameter.name}")
    if field.kind == "switch":
        text = "true" if text else "false"
    return replace(field, value=text)


def _kind(parameter: Parameter) -> str:
    if parameter.is_switch:
        is_open = parameter.action == "boolean_optional" and parameter.default is None
        return "choice" if parameter.default_expr or is_open else "switch"
    if _takes_many(parameter):
        return "many"
    if parameter.type in {"bool", "truthy"} or parameter.choices:
        return "choice"
    return "text"


def _options(parameter: Parameter, kind: str, hint: str, value: str) -> tuple[tuple[str, Any], ...]:
    """Return the choices; the empty choice leaves the parameter to the script."""
    if kind != "choice":
        return ()
    if parameter.is_switch:
        return (("", _("as the script decides")), *YES_NO)
    found: list[tuple[str, Any]] = [("", f"— ({hint})" if hint else "—")]
    if parameter.choices:
        found += [(str(choice), str(choice)) for choice in parameter.choices]
    else:
        found += YES_NO
    if value and value not in [text for text, _label in found]:
        found.append((value, value))
    return tuple(found)


def _takes_many(parameter: Parameter) -> bool:
    nargs = str(parameter.nargs or "")
    return (
        nargs in _MANY
        or parameter.action in _REPEATED
        or (nargs.isdecimal() and int(nargs) > 1)
        or isinstance(parameter.default, list)
    )


def _is_on_by_itself(parameter: Parameter) -> bool:
    if parameter.action != "store_false":
        return bool(parameter.default)
    # `--no-amp` stored as `no_amp` becomes true when given; stored as `amp` it is true until then.
    return parameter.flag.lstrip("-").replace("-", "_") != parameter.name


def _text(value: Any, kind: str) -> str:
    if value is None and kind != "switch":
        return ""
    if kind == "switch" or isinstance(value, bool):
        return "true" if value is True or str(value).lower() == "true" else "false"
    if isinstance(value, list | tuple):
        return "\n".join(str(item) for item in value)
    return str(value)
