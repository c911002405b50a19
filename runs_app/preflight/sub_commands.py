"""The sub-command that a run chooses (`tool.py create --parts a b`), and what it takes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from registry_app.arguments.parameters import COMMAND, Parameter, plain_name
from registry_app.arguments.template import TemplateRefusedError, parse_template
from runs_app.preflight.script_choices import ScriptChoice
from runs_app.runner.command.values import is_bare, repeats, takes_many


@dataclass(frozen=True, kw_only=True)
class ChosenCommand:
    """A choice as one sub-command starts it: its word is in the template, its parameters are known.

    `word` is '' where none is chosen; `values` are the given ones without the word.
    """

    choice: ScriptChoice
    word: str
    values: dict[str, Any]

    def recorded(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """Return values of the command line with the word, as a run stores them."""
        return {COMMAND: self.word, **values} if self.word else dict(values)


def chosen_command(choice: ScriptChoice, values: Mapping[str, Any]) -> ChosenCommand:
    """Return a choice with the sub-command of these values, or of the registry, written out."""
    word = word_of(choice, values)
    if not word:
        return ChosenCommand(choice=choice, word="", values=dict(values))
    own = choice.of_commands[word]
    names = {parameter.name for parameter in own}
    shared = tuple(
        parameter
        for parameter in choice.parameters
        if parameter.name not in names and not _chooses(parameter)
    )
    template = choice.args_template
    if choice.fixed.get(COMMAND) != word or not _writes(template, word):
        template = " ".join(filter(None, (template, *_before(shared, template), word)))
    return ChosenCommand(
        choice=replace(choice, args_template=template, parameters=(*shared, *own)),
        word=word,
        values={name: value for name, value in values.items() if plain_name(name) != COMMAND},
    )


def with_its_parameters(choice: ScriptChoice, word: str) -> ScriptChoice:
    """Return a choice that asks for what this sub-command takes, too; '' for none."""
    known = {parameter.name for parameter in choice.parameters}
    own = tuple(row for row in choice.of_commands.get(word, ()) if row.name not in known)
    return replace(choice, parameters=(*choice.parameters, *own))


def word_of(choice: ScriptChoice, values: Mapping[str, Any]) -> str:
    """Return the sub-command of the given values, else of the registry, '' if none is chosen."""
    if not any(map(_chooses, choice.parameters)):
        return ""
    given = {plain_name(name): value for name, value in values.items()}
    word = str(given.get(COMMAND, choice.fixed.get(COMMAND)) or "")
    fixed = choice.fixed.get(COMMAND, word)
    is_other = fixed != word and _writes(choice.args_template, str(fixed))
    return word if word in choice.of_commands and not is_other else ""


def _chooses(parameter: Parameter) -> bool:
    return parameter.name == COMMAND and parameter.positional


def _writes(template: str, word: str) -> bool:
    try:
        return any(part.text == word for part in parse_template(template))
    except TemplateRefusedError:
        return False


def _before(shared: tuple[Parameter, ...], template: str) -> list[str]:
    """Return placeholders for the options that must come before the sub-command."""
    try:
        words = parse_template(template)
    except TemplateRefusedError:
        return []
    written = {plain_name(name) for word in words for name in word.names}
    written |= {plain_name((word.text or "").partition("=")[0]) for word in words}
    missing = [
        parameter
        for parameter in shared
        if parameter.flag
        and written.isdisjoint({plain_name(parameter.name), plain_name(parameter.flag)})
        and not (takes_many(parameter) or repeats(parameter))
    ]
    return [_placeholder(parameter) for parameter in missing]


def _placeholder(parameter: Parameter) -> str:
    name = f"{{{parameter.name}}}"
    if is_bare(parameter):
        return name
    return f"{parameter.flag}{'' if parameter.is_joined else ' '}{name}"
