"""Builds the command line of a script from its template, its parameters and what was asked for.

1. The template is split once into words; a word with a placeholder that has no value is dropped,
   with the option before it. Values come from what was given, else from literal defaults.
2. Given parameters that are not in the template follow, each behind its own flag.
3. Positional parameters come last, in the order in which the script declares them; `--` stands
   before them where the script would take them for something else.
4. Further arguments are appended as they are.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from registry_app.arguments.parameters import Parameter, marked_secret, plain_name
from registry_app.arguments.template import Word, unknown_names
from runs_app.runner.command import secret_words
from runs_app.runner.command.draft import Draft
from runs_app.runner.command.known import KnownParameters
from runs_app.runner.command.template import parse_template
from runs_app.runner.command.values import checked_text
from runs_app.runner.exceptions import CommandError, ParameterValueError
from runs_app.runner.language import gettext as _


@dataclass(frozen=True, kw_only=True)
class BuiltCommand:
    """A command line; `params` holds every value that is passed, given ones and defaults.

    Secret values are masked in `argv`, `extra_args` and `params`. `hidden` holds the words of
    `argv` that have one, by their place; `secrets` names what is secret: a parameter, or an option
    that was written literally, with its dashes or its `=`.
    """

    argv: tuple[str, ...]
    extra_args: tuple[str, ...]
    params: dict[str, Any]
    warnings: tuple[str, ...]
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
) -> BuiltCommand:
    """Return the command line. Raises CommandError, whose text names the cure.

    `secret_names` are given values that are secret whatever their names say.
    """
    words = parse_template(template)
    extra = [checked_text(_("An argument after --"), one) for one in extra_args]
    parameters = marked_secret(parameters, secret_names)
    known = KnownParameters(parameters)
    draft = Draft(
        known=known,
        words=words,
        values=_resolved(values, known, words),
        extra=extra,
        unknown=unknown_names(words, parameters) if parameters_known else (),
    )
    draft.warn_of_unknown()
    for name in [one for one in draft.values if not draft.knows(one)]:
        if parameters_known:
            raise known.unknown(name)
        draft.add_unread(name, secret=True if name in secret_names else None)
    draft.fill_template()
    draft.add_given_options()
    draft.add_positionals()
    argv = [*launcher, *draft.arguments()]
    secret_words.refuse_masks(argv)
    return BuiltCommand(
        argv=secret_words.shown(argv),
        extra_args=secret_words.shown(secret_words.marked(extra, known)),
        params=draft.params,
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
            raise CommandError(
                # Its first word alone: what follows may be a secret.
                _("'{pair}' is no parameter. Write NAME=VALUE, for example epochs=10.").format(
                    pair=(name.split() or ["="])[0]
                )
            )
        found.setdefault(name.strip(), []).append(value)
    return {name: values[0] if len(values) == 1 else values for name, values in found.items()}


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
            raise ParameterValueError(
                _("{name} is given twice, as '{name}' and as '{other}'; drop one.").format(
                    name=own, other=name
                )
            )
        found[own] = None if isinstance(value, list | tuple) and not value else value
    return found
