"""The values that a template gives literally: `--epochs 7` fixes the value of `epochs`.

A value given for a run replaces a literal one, and an emptied field removes it. A word without an
option is the value of a positional parameter, if the sub-commands of the script are known. Any
other word stays as the template writes it.
"""

from __future__ import annotations

import itertools
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from registry_app.arguments.parameters import Parameter, plain_name
from registry_app.arguments.template import NAME, TemplateRefusedError, Word, parse_template
from runs_app.runner.command.known import KnownParameters
from runs_app.runner.command.literal_places import LiteralPlace, with_places
from runs_app.runner.command.values import (
    fixed_of,
    is_bare,
    looks_like_option,
    repeats,
    takes_many,
    typed,
)


@dataclass(frozen=True, kw_only=True)
class LiteralOption:
    """An option with its values as a template writes them; `flag` may be its negative side."""

    parameter: Parameter
    flag: str
    texts: tuple[str, ...]
    words: tuple[str, ...]

    @property
    def value(self) -> Any:
        """The value as the script reads it: true or false for a switch, one value or several."""
        if self.parameter.action == "count":
            return 1
        if is_bare(self.parameter):
            return _truth(self.parameter, self.flag)
        try:
            return typed(self.parameter, self.texts)
        except (ValueError, OverflowError):
            return list(self.texts) if takes_many(self.parameter) else self.texts[0]

    @property
    def as_written(self) -> Any:
        """The value as the template writes it: one text or several, true or false for a switch."""
        if not self.texts:
            return self.value
        return self.texts[0] if len(self.texts) == 1 else list(self.texts)


Part = Word | LiteralOption | LiteralPlace


def parted(
    words: Sequence[Word], known: KnownParameters, commands: Collection[str] | None
) -> tuple[Part, ...]:
    """Return the words of a template, with the words of each literal value grouped.

    `commands` are the sub-commands of the script, None if unknown: then a word without an option
    may be one of them, and is the value of no parameter.
    """
    parts = tuple(_parted(words, known))
    return parts if commands is None else with_places(parts, known, commands)


def literal_values(parts: Sequence[Part]) -> dict[str, Any]:
    """Return by name the literal values of a template, as it writes them."""
    return {part.parameter.name: part.as_written for part in parts if not isinstance(part, Word)}


def fixed_values(
    template: str, parameters: Sequence[Parameter], commands: Collection[str] | None = None
) -> dict[str, Any]:
    """Return by name the values passed without being given; {} for an invalid template.

    These are the literals of the template, and the defaults of parameters that are `fixed`.
    """
    found = {
        parameter.name: value
        for parameter in parameters
        if (value := fixed_of(parameter)) is not None
    }
    try:
        words = parse_template(template)
    except TemplateRefusedError:
        return found
    literal: dict[str, Any] = {}
    for part in parted(words, KnownParameters(parameters), commands):
        if isinstance(part, LiteralOption):
            literal[part.parameter.name] = _joined(literal, part)
        elif isinstance(part, LiteralPlace):
            literal[part.parameter.name] = part.value
    return found | literal


def implied_parameters(template: str, parameters: Sequence[Parameter]) -> tuple[Parameter, ...]:
    """Return parameters for literal options of a template that match no known parameter.

    For scripts whose command line could not be read: `--epochs 7` implies an option that takes one
    value. An option alone may be a switch, and implies nothing.
    """
    known = KnownParameters(parameters)
    try:
        words = parse_template(template)
    except TemplateRefusedError:
        return ()
    found: dict[str, Parameter] = {}
    for word, behind in itertools.zip_longest(words, words[1:]):
        parameter = _implied(word, behind)
        if parameter is not None and known.named(parameter.name) is None:
            found.setdefault(parameter.name, parameter)
    return tuple(found.values())


def _parted(words: Sequence[Word], known: KnownParameters) -> Iterator[Word | LiteralOption]:
    place = 0
    while place < len(words):
        option = _option_at(words, place, known)
        yield option or words[place]
        place += len(option.words) if option else 1
        if not option and words[place - 1].text == "--":
            break
    yield from words[place:]


def _option_at(words: Sequence[Word], place: int, known: KnownParameters) -> LiteralOption | None:
    text = words[place].text
    found = _named(text, known) if text else None
    if text is None or found is None:
        return None
    parameter, flag, attached = found
    if attached is not None:
        return LiteralOption(parameter=parameter, flag=flag, texts=(attached,), words=(text,))
    behind = words[place + 1 :]
    if is_bare(parameter):
        if behind and known.named(behind[0].alone) is parameter:  # `--amp {amp}`
            return None
        return LiteralOption(parameter=parameter, flag=flag, texts=(), words=(text,))
    texts = tuple(_values_behind(behind, parameter, known))
    if not texts:
        return None
    return LiteralOption(parameter=parameter, flag=flag, texts=texts, words=(text, *texts))


def _named(text: str, known: KnownParameters) -> tuple[Parameter, str, str | None] | None:
    """Return the parameter of an option, the option, and a value that is in the same word."""
    parameter = known.with_flag(text)
    if parameter is not None:
        return None if parameter.is_joined else (parameter, text, None)
    for switch in known.all:
        if switch.action == "boolean_optional" and text == f"--no-{switch.flag.removeprefix('--')}":
            return switch, text, None
    option, sign, value = text.partition("=")
    if not sign:
        return None
    parameter = known.with_flag(f"{option}=") or known.with_flag(option)
    if parameter is None or is_bare(parameter):
        return None
    return parameter, f"{option}=", value


def _values_behind(
    words: Sequence[Word], parameter: Parameter, known: KnownParameters
) -> Iterator[str]:
    """Yield the words that an option takes; none if one of them is known only for a run."""
    nargs = str(parameter.nargs or "")
    wanted = int(nargs) if nargs.isdecimal() else None if takes_many(parameter) else 1
    found: list[str] = []
    for word in words:
        text = word.text
        if len(found) == wanted or (text is not None and looks_like_option(text, known.flags)):
            break
        if text is None:  # a placeholder: the option is not literal
            return
        found.append(text)
    if found and wanted in (None, len(found)):
        yield from found


def _truth(parameter: Parameter, flag: str) -> bool:
    if parameter.action == "boolean_optional":
        return flag == parameter.flag
    if parameter.action == "store_false":
        return plain_name(parameter.flag) == plain_name(parameter.name)
    return True


def _joined(literal: Mapping[str, Any], part: LiteralOption) -> Any:
    """Return the value of an option that occurs more than once: the last one, or all."""
    before = literal.get(part.parameter.name)
    if before is None:
        return [part.value] if repeats(part.parameter) else part.value
    if part.parameter.action == "count":
        return before + part.value
    return [*before, part.value] if repeats(part.parameter) else part.value


def _implied(word: Word, behind: Word | None) -> Parameter | None:
    text = word.text or ""
    option, sign, _value = text.partition("=")
    name = option.removeprefix("--").replace("-", "_")
    if not option.startswith("--") or not NAME.fullmatch(name):
        return None
    value = None if behind is None else behind.text
    takes_value = bool(sign) or (value is not None and not looks_like_option(value))
    return Parameter(name=name, flag=option) if takes_value else None
