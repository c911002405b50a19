"""Find how a script with several types is started for each of them.

By a sub-command (`tool.py train`), by a choice (`--mode predict`), or by a switch (`--export`). A
type without any of these has no known start, except the first type: the script does it by
default.
"""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from registry_app.arguments.parameters import Parameter, Scalar, plain_name
from registry_app.inference.code.source import Source
from registry_app.inference.launching.mode_switches import switches_that_choose
from registry_app.inference.parameters.command_line import (
    CommandLine,
    draft_template,
    for_command,
)
from registry_app.inference.purpose.offered_modes import MODES, names_no_mode
from registry_app.inference.purpose.script_names import (
    FORMATS,
    INPUT_WORDS,
    name_words,
    type_by_name,
    type_of_function,
)
from registry_app.kinds import EntryPointType


@dataclass(frozen=True, kw_only=True)
class TypeStart:
    """How to start one type of a script: the parameter values that select it.

    A sub-command has its own template and parameters; they are None for all others. `start` is a
    way of `arguments.starts`, '' for the usual one.
    """

    fixed: dict[str, Scalar] = field(default_factory=dict)
    args_template: str | None = None
    parameters: tuple[Parameter, ...] | None = None
    start: str = ""

    def to_json(self) -> dict[str, Any]:
        """Return the stored JSON, without empty keys."""
        row: dict[str, Any] = {"fixed": self.fixed} if self.fixed else {}
        if self.args_template is not None:
            row["args_template"] = self.args_template
        if self.parameters is not None:
            row["parameters"] = [parameter.to_json() for parameter in self.parameters]
        if self.start:
            row["start"] = self.start
        return row


def find_type_starts(
    source: Source | None, command_line: CommandLine, likely: CommandLine, types: Sequence[str]
) -> dict[str, TypeStart]:
    """Return the known starts by type; `likely` has the parameters of the first of `types`.

    Further types are among them that a sub-command or a mode names, though the code gave no
    evidence for them: a user may ask for one, and would get the script's default otherwise.
    """
    words = _compared(source) if source is not None else ()
    switches = _choosing_switches(source, likely.parameters)
    found: dict[str, TypeStart] = {}
    for kind in types:
        start = _by_command(command_line, kind, is_first=kind == types[0]) or _by_value(
            likely.parameters, words, kind, switches, is_alone=len(types) == 1
        )
        if start is not None:
            found[kind] = start
    if types and types[0] not in found and not _does_another(likely.parameters, types[0]):
        found[types[0]] = TypeStart()
    further = _of_further_types(command_line, likely, words, switches, types) if types else {}
    return found | further


def _of_further_types(
    command_line: CommandLine,
    likely: CommandLine,
    compared: Sequence[str],
    switches: Collection[str],
    types: Sequence[str],
) -> dict[str, TypeStart]:
    found: dict[str, TypeStart] = {}
    for kind in EntryPointType.values:
        if kind in types:
            continue
        start = _by_command(command_line, kind, is_first=False) or _by_value(
            likely.parameters, compared, kind, switches, is_alone=True
        )
        if start is not None:
            found[kind] = start
    return found


def command_for(command_line: CommandLine, kind: str) -> str:
    """Return the sub-command for a type, '' if none matches."""
    if len(command_line.commands) == 1:
        return command_line.commands[0]
    return next((command for command in command_line.commands if _type_of(command) == kind), "")


def _by_command(command_line: CommandLine, kind: str, *, is_first: bool) -> TypeStart | None:
    """Return the start by a sub-command; that of the first type is in the script's own row."""
    command = command_for(command_line, kind) if len(command_line.commands) > 1 else ""
    if not command:
        return None
    if is_first:
        return TypeStart()
    return TypeStart(
        args_template=draft_template(command_line, command),
        parameters=for_command(command_line, command).parameters,
    )


def _by_value(
    parameters: Iterable[Parameter],
    compared: Sequence[str],
    kind: str,
    switches: Collection[str],
    *,
    is_alone: bool,
) -> TypeStart | None:
    """Return the start by a choice or a switch; one of a type that stands alone must choose."""
    switch: Parameter | None = None
    for parameter in parameters:
        if _is_off(parameter):
            is_meant = _type_of_switch(parameter) == kind
            is_meant = is_meant and (not is_alone or parameter.name in switches)
            switch = switch or (parameter if is_meant else None)
            continue
        value = _choice_for(parameter, compared, kind, is_alone=is_alone)
        if value is not None:
            is_stated = is_alone and value == parameter.default
            return TypeStart() if is_stated else TypeStart(fixed={parameter.name: value})
    return TypeStart(fixed={switch.name: True}) if switch is not None else None


def _is_off(parameter: Parameter) -> bool:
    """Whether a parameter is a switch that is off unless it is passed."""
    is_switch = parameter.action in {"store_true", "boolean_optional"}
    return is_switch and parameter.default is not True


def _type_of_switch(parameter: Parameter) -> EntryPointType | None:
    return None if names_no_mode(parameter.name) else _type_of(parameter.name)


def _choosing_switches(source: Source | None, parameters: Iterable[Parameter]) -> frozenset[str]:
    """Return the switches without which the script does not do what they name."""
    named = {
        parameter.name: kind
        for parameter in parameters
        if _is_off(parameter)
        and not _says_how(parameter.name)
        and (kind := _type_of_switch(parameter)) is not None
    }
    return switches_that_choose(source, named, _type_of) if source and named else frozenset()


def _says_how(name: str) -> bool:
    """Whether a switch says how work is done: into what (`mlmodel`, `int8`), or from where."""
    words = set(name_words(name))
    return bool(words & (INPUT_WORDS | FORMATS)) or any(map(str.isdigit, name))


def _choice_for(
    parameter: Parameter, compared: Sequence[str], kind: str, *, is_alone: bool
) -> Scalar | None:
    """Return the value of a parameter that selects a type, None if there is none."""
    is_mode = plain_name(parameter.name).lower() in MODES
    choices: Sequence[Scalar] = parameter.choices
    if not choices and is_mode and parameter.type in {"", "str"} and not parameter.is_switch:
        choices = compared
    types = {choice: _type_of(str(choice)) for choice in choices}
    chooses_types = len(set(filter(None, types.values()))) > 1
    if not (is_mode and chooses_types) and (is_alone or not (is_mode or chooses_types)):
        return None
    if not is_mode and _names_a_part_of_data(parameter):
        return None
    fitting = [choice for choice, found in types.items() if found == kind]
    return min(fitting, key=lambda choice: (str(choice) != kind, len(str(choice))), default=None)


def _does_another(parameters: Iterable[Parameter], kind: str) -> bool:
    """Whether the script's default mode is that of another type."""
    defaults = [
        _type_of(parameter.default)
        for parameter in parameters
        if plain_name(parameter.name).lower() in MODES and isinstance(parameter.default, str)
    ]
    return any(found not in (None, kind) for found in defaults)


def _names_a_part_of_data(parameter: Parameter) -> bool:
    words = set(plain_name(parameter.name).lower().split("_"))
    return bool(
        words & {"split", "splits", "subset", "set", "fold", "partition", "data", "dataset"}
    )


def _type_of(word: str) -> EntryPointType | None:
    word = word.rsplit(maxsplit=1)[-1] if word.split() else ""
    return type_of_function(word) or (type_by_name(f"{word}.py") if word else None)


def _compared(source: Source) -> tuple[str, ...]:
    """Return the words that a script compares its mode with."""
    return tuple(dict.fromkeys(_compared_words(source)))


def _compared_words(source: Source) -> Iterator[str]:
    for compare in source.nodes(ast.Compare):
        left = compare.left
        name = left.attr if isinstance(left, ast.Attribute) else getattr(left, "id", "")
        if name in MODES:
            for comparator in compare.comparators:
                items = (
                    comparator.elts
                    if isinstance(comparator, ast.List | ast.Tuple | ast.Set)
                    else [comparator]
                )
                for item in items:
                    if isinstance(item, ast.Constant) and isinstance(item.value, str):
                        yield item.value
