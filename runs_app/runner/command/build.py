"""Builds the command line of a script from its template, its parameters and the given values.

1. Values are the given ones, else the fixed ones: literals of the template, and the defaults of
   parameters that are `fixed`. The script's own defaults are not passed.
2. The template is split once into words. A word with a placeholder that has no value is dropped,
   with the option before it. A given value replaces a literal one.
3. Parameters with a value that are not in the template follow, each after its own flag.
4. Positional parameters come last, in the order in which the script declares them. The script's
   own defaults fill gaps before a given one. `--` precedes them if the script would otherwise
   misread them.
5. Further arguments are appended unchanged.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from registry_app.arguments.parameters import Parameter, marked_secret, plain_name
from registry_app.arguments.template import Word, unknown_names
from registry_app.messages import Message
from runs_app.runner.command import secret_words
from runs_app.runner.command.draft import Draft
from runs_app.runner.command.known import KnownParameters
from runs_app.runner.command.literals import implied_parameters
from runs_app.runner.command.template import parse_template
from runs_app.runner.command.values import checked_text
from runs_app.runner.exceptions import CommandError, ParameterValueError
from runs_app.texts import command as texts


@dataclass(frozen=True, kw_only=True)
class BuiltCommand:
    """A command line; `params` holds every known value: given, fixed, or the script's default.

    `given` holds the given values, None for a parameter that was removed from the command
    line. `left` names the parameters left to the script, each with the word of its option.

    Secret values are masked in `argv`, `extra_args` and `params`. `hidden` holds the secret words
    of `argv` by their index. `secrets` names what is secret: a parameter, or an option that was
    written literally, with its dashes or its `=`.
    """

    argv: tuple[str, ...]
    extra_args: tuple[str, ...]
    params: dict[str, Any]
    given: dict[str, Any]
    left: dict[str, str]
    warnings: tuple[Message, ...]
    hidden: dict[int, str] = field(default_factory=dict)
    secrets: tuple[str, ...] = ()


def build_command(
    *,
    launcher: tuple[str, ...],
    template: str,
    parameters: Sequence[Parameter],
    parameters_known: bool,
    values: Mapping[str, Any],
    extra_args: Sequence[str] = (),
    secret_names: Collection[str] = (),
    commands: Collection[str] | None = None,
) -> BuiltCommand:
    """Return the command line. Raises CommandError, whose text names the fix.

    `secret_names` names given values that are secret even if their names do not look like it.
    `commands` are the sub-commands of the script, None if unknown.
    """
    words = parse_template(template)
    extra = [checked_text(texts.EXTRA_ARGUMENT(), argument) for argument in extra_args]
    if not parameters_known:
        parameters = [*parameters, *implied_parameters(template, parameters)]
    parameters = marked_secret(parameters, secret_names)
    known = KnownParameters(parameters)
    requested = _resolved(values, known, words)
    draft = Draft(
        known=known,
        words=words,
        values=dict(requested),
        extra=extra,
        commands=commands,
        unknown=unknown_names(words, parameters) if parameters_known else (),
    )
    draft.warn_of_unknown()
    for name in [value for value in draft.values if not draft.knows(value)]:
        if parameters_known:
            raise known.unknown(name)
        draft.add_unread(name, secret=True if name in secret_names else None)
    draft.fill_template()
    draft.add_options()
    draft.add_positionals()
    argv = [*launcher, *draft.arguments()]
    secret_words.refuse_masks(argv)
    left = draft.left_to_script()
    return BuiltCommand(
        argv=secret_words.shown(argv),
        extra_args=secret_words.shown(secret_words.marked(extra, known)),
        params=_in_order(draft.params | left, parameters),
        given=draft.given(requested),
        left={
            parameter.name: _word(parameter) for parameter in parameters if parameter.name in left
        },
        warnings=tuple(draft.warnings),
        hidden=secret_words.hidden(argv),
        secrets=secret_words.names(argv),
    )


def parse_assignments(pairs: Sequence[str]) -> dict[str, Any]:
    """Read `K=V` pairs; a name that is given more than once collects its values in a list.

    Raises CommandError for a pair without `=` or without a name.
    """
    found: dict[str, list[str]] = {}
    for pair in pairs:
        name, sign, value = pair.partition("=")
        if not sign or not name.strip():
            # Show its first word only: the rest may be a secret.
            raise CommandError(texts.NO_ASSIGNMENT(pair=(name.split() or ["="])[0]))
        found.setdefault(name.strip(), []).append(value)
    return {name: values[0] if len(values) == 1 else values for name, values in found.items()}


def cleared(assigned: Mapping[str, Any]) -> dict[str, Any]:
    """Return assigned values with None for an empty one: the parameter is not passed."""
    return {name: None if value == "" else value for name, value in assigned.items()}


def _in_order(params: Mapping[str, Any], parameters: Sequence[Parameter]) -> dict[str, Any]:
    """Return the values in the order in which the script declares its parameters."""
    declared = [parameter.name for parameter in parameters if parameter.name in params]
    return {name: params[name] for name in (*declared, *params)}


def _word(parameter: Parameter) -> str:
    """Return what users type for a parameter, without dashes."""
    return parameter.flag.strip("-=") or parameter.name


def _resolved(
    values: Mapping[str, Any], known: KnownParameters, words: Sequence[Word]
) -> dict[str, Any]:
    """Return the given values under the names of their parameters; None and [] mean no value."""
    in_template = {plain_name(name): name for word in words for name in word.names}
    found: dict[str, Any] = {}
    for name, value in values.items():
        parameter = known.named(name)
        own = parameter.name if parameter else in_template.get(plain_name(name), name)
        if own in found:
            raise ParameterValueError(texts.GIVEN_TWICE(name=own, other=name))
        found[own] = None if isinstance(value, list | tuple) and not value else value
    return found
