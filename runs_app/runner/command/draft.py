"""A command line under construction; `build` documents the order of the steps."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from registry_app.arguments.parameters import Parameter, plain_name
from registry_app.arguments.secret_names import MASKED
from registry_app.arguments.template import Word
from registry_app.messages import Message
from runs_app.runner.command.known import KnownParameters
from runs_app.runner.command.left_to_script import is_flag, is_written, left_to_script
from runs_app.runner.command.literal_places import LiteralPlace
from runs_app.runner.command.literals import LiteralOption, literal_values, parted
from runs_app.runner.command.option_words import (
    checked_texts,
    option_words,
    recorded,
    refuse_default_like_option,
)
from runs_app.runner.command.overrides import override_text
from runs_app.runner.command.positionals import arranged, chosen_positionals
from runs_app.runner.command.secret_words import SecretWord, marked
from runs_app.runner.command.values import (
    bare_words,
    checked_text,
    fixed_of,
    gap_filler_of,
    is_bare,
    looks_like_option,
    repeats,
    truth,
)
from runs_app.runner.exceptions import (
    CommandError,
    MissingParameterError,
    ParameterValueError,
    UnknownParameterError,
)
from runs_app.texts import command as sentences


@dataclass(kw_only=True)
class Draft:
    """The command line under construction.

    `values` were given; None means that the parameter must not be passed, even if it is fixed.
    `literal` are the values that the template itself writes; `commands` the sub-commands of the
    script, None if unknown.
    `placed` are parameters that are on the command line or were removed from it.
    """

    known: KnownParameters
    words: tuple[Word, ...]
    values: dict[str, Any]
    extra: list[str]
    commands: Collection[str] | None = None
    literal: dict[str, Any] = field(default_factory=dict)
    unknown: tuple[str, ...] = ()
    options: list[str] = field(default_factory=list)
    positionals: list[str] = field(default_factory=list)
    embedded: set[str] = field(default_factory=set)
    placed: set[str] = field(default_factory=set)
    apart: set[str] = field(default_factory=set)
    unread: list[str] = field(default_factory=list)
    params: dict[str, Any] = field(default_factory=dict)
    warnings: list[Message] = field(default_factory=list)

    @property
    def in_template(self) -> set[str]:
        return {self.parameter(name).name for word in self.words for name in word.names}

    def knows(self, name: str) -> bool:
        if self.known.named(name) is not None:
            return True
        return name in self.in_template and name not in self.unknown

    def warn_of_unknown(self) -> None:
        """Warn which words of the template are omitted because the script has no such parameter."""
        self.warnings += [
            sentences.OMITTED_FROM_TEMPLATE(name=name)
            for name in dict.fromkeys(self.unknown)
            if name not in self.values
        ]

    def parameter(self, name: str) -> Parameter:
        """Return the parameter of a name; one that only the template has takes a single text."""
        return self.known.named(name) or Parameter(name=name, nargs="*")

    def value(self, parameter: Parameter) -> Any:
        """Return the given value, else the fixed one, else None: then nothing is passed."""
        if parameter.name in self.values:
            return self.values[parameter.name]
        if parameter.name in self.literal:
            return self.literal[parameter.name]
        return fixed_of(parameter)

    def fill_template(self) -> None:
        parts = parted(self.words, self.known, self.commands)
        self.literal = literal_values(parts)
        for word in parts:
            if isinstance(word, LiteralOption):
                self._literal(word)
            elif isinstance(word, LiteralPlace):
                self.placed.add(word.parameter.name)
            elif not word.names:
                self.options.append(checked_text(sentences.WORD_OF_TEMPLATE(), word.filled({})))
            elif word.alone:
                self._place(self.parameter(word.alone))
            else:
                self._embed(word)

    def _literal(self, option: LiteralOption) -> None:
        """Pass an option as the template writes it, or with the given value instead."""
        parameter = option.parameter
        if parameter.name not in self.values:
            texts_ = [checked_text(sentences.WORD_OF_TEMPLATE(), word) for word in option.words]
            self.options += texts_
            self.placed.add(parameter.name)
            self._note_literal(option)
        elif parameter.name not in self.placed:
            self.placed.add(parameter.name)
            value = self.values[parameter.name]
            if value is None:
                self._require(parameter)
            elif is_bare(parameter):
                self.options += self._bare(parameter, value)
            else:
                self.options += self._option(option.flag, parameter, value)

    def _note_literal(self, option: LiteralOption) -> None:
        name, value = option.parameter.name, option.value
        before = self.params.get(name)
        if option.parameter.hides(value):
            value = MASKED
        elif option.parameter.action == "count":
            value += before or 0
        elif repeats(option.parameter):
            value = [*(before or ()), value]
        self.params[name] = value

    def _place(self, parameter: Parameter) -> None:
        if parameter.positional:
            return
        value = self.value(parameter)
        if value is None:
            self._require(parameter)
            if is_bare(parameter):
                self._drop_own_flag(parameter)
            else:
                self._drop_option(parameter)
        elif is_bare(parameter):
            self._drop_own_flag(parameter)
            self.options += self._bare(parameter, value)
        else:
            option = self._pop_option(parameter)
            self.options += self._option(option, parameter, value)

    def _embed(self, word: Word) -> None:
        """Fill a word that holds more than a placeholder; each placeholder needs exactly one value.

        If one has no value the word is omitted, and the values given for the others are passed with
        their own flags.
        """
        filled: dict[str, str] = {}
        masked: dict[str, str] = {}
        noted: dict[str, Any] = {}
        secret = ""
        for name in word.names:
            parameter = self.parameter(name)
            value = self.value(parameter)
            if value is None:
                self._require(parameter)
                if not (_begins_like_option(word) or parameter.is_override):
                    self._drop_option(parameter)
                self._take_apart(word, missing=name)
                return
            found = checked_texts(parameter, value)
            if parameter.is_override and word.pieces[:-1] == (parameter.flag,):
                filled[name] = override_text(parameter, found)
            elif len(found) == 1:
                filled[name] = found[0]
            else:
                raise ParameterValueError(
                    sentences.ONE_VALUE_IN_TEMPLATE(name=name, count=len(found))
                )
            noted[parameter.name] = recorded(parameter, found)
            hides = parameter.hides(found)
            masked[name] = MASKED if hides else filled[name]
            secret = secret or (parameter.name if hides else "")
        text = word.filled(filled)
        if not isinstance(word.pieces[0], str):
            first = self.parameter(word.names[0])
            if first.name not in self.values:
                refuse_default_like_option(first, [text], self.known.flags)
        if secret:
            text = SecretWord(text, shown=word.filled(masked), of=secret)
        self.options.append(text)
        self.embedded |= noted.keys()
        self.params |= noted

    def _take_apart(self, word: Word, *, missing: str) -> None:
        """Keep the values given for an omitted word; raises MissingParameterError."""
        for parameter in map(self.parameter, word.names):
            if self.values.get(parameter.name) is None:
                continue
            if not (parameter.flag or parameter.positional):
                raise MissingParameterError(
                    sentences.IN_ONE_WORD(name=parameter.name, missing=missing),
                    name=missing,
                )
            self.apart.add(parameter.name)

    def _require(self, parameter: Parameter) -> None:
        if parameter.required and not self._in_extra(parameter):
            needs = sentences.NEEDS_SECRET if parameter.is_secret else sentences.NEEDS_PARAMETER
            raise MissingParameterError(needs(name=parameter.name), name=parameter.name)

    def _in_extra(self, parameter: Parameter) -> bool:
        if parameter.positional:
            return any(not word.startswith("-") for word in self.extra)
        return any(is_flag(word, parameter.flag) for word in self.extra)

    def _drop_option(self, parameter: Parameter) -> None:
        if self._option_before(parameter):
            self.options.pop()

    def _pop_option(self, parameter: Parameter) -> str:
        return self.options.pop() if self._option_before(parameter) else ""

    def _drop_own_flag(self, parameter: Parameter) -> None:
        if self.options and self.options[-1] == parameter.flag:
            self.options.pop()

    def _option_before(self, parameter: Parameter) -> bool:
        """Return whether the last word is an option that takes the value of `parameter`."""
        last = self.options[-1] if self.options else ""
        if not looks_like_option(last) or last == "--" or "=" in last or parameter.positional:
            return False
        behind = self.known.with_flag(last)
        return behind is None or not is_bare(behind)

    def _bare(self, parameter: Parameter, value: Any) -> list[str]:
        words = bare_words(parameter, value)
        is_counted = parameter.action == "count"
        self.params[parameter.name] = value if is_counted else truth(parameter, value)
        return words

    def _option(self, flag: str, parameter: Parameter, value: Any) -> list[str]:
        words, self.params[parameter.name] = option_words(
            flag, parameter, value, flags=self.known.flags, is_given=parameter.name in self.values
        )
        return words

    def add_unread(self, name: str, *, secret: bool | None) -> None:
        """Pass an unknown name to a script whose parameters could not all be read.

        It is passed as `--name value`, unless the known parameters are written in one word.
        """
        value = self.values.pop(name)
        if value is None:
            return
        if not plain_name(name).replace("_", "").replace(".", "").isalnum():
            raise UnknownParameterError(sentences.NO_OPTION_NAME(name=name))
        parameter = Parameter(
            name=name, flag=self.known.flag_like_others(name), nargs="*", secret=secret
        )
        if parameter.is_joined and not isinstance(value, list | tuple):
            parameter = replace(parameter, nargs=None)
        self.unread += self._option(parameter.flag, parameter, value)
        self.params[name] = MASKED if parameter.hides(value) else value
        self.warnings.append(sentences.PASSED_UNCHECKED(name=name, flag=parameter.flag))

    def add_options(self) -> None:
        """Append options that are not in the template: the given and the fixed ones."""
        in_template = (self.in_template - self.apart) | self.placed | self.params.keys()
        for parameter in self.known.all:
            if parameter.positional or parameter.name in in_template:
                continue
            if parameter.name not in self.values and self._is_written(parameter):
                continue
            value = self.value(parameter)
            if value is None:
                self._require(parameter)
            elif not parameter.flag:
                raise CommandError(sentences.NO_OPTION_KNOWN(name=parameter.name))
            elif is_bare(parameter):
                self.options += self._bare(parameter, value)
            else:
                self.options += self._option(parameter.flag, parameter, value)
        self.options += self.unread

    def _is_written(self, parameter: Parameter) -> bool:
        return is_written(parameter, [*self.options, *self.extra])

    def add_positionals(self) -> None:
        """Choose the positional parameters; refuse a missing one."""
        parameters = [
            candidate
            for candidate in self.known.all
            if candidate.positional and candidate.name not in self.embedded
        ]
        for parameter in parameters:
            if self.value(parameter) is None:
                self._require(parameter)
        chosen = chosen_positionals(parameters, value_of=self.value, filler_of=gap_filler_of)
        for parameter, value in chosen:
            self.positionals += self._option("", parameter, value)

    def given(self, requested: Mapping[str, Any]) -> dict[str, Any]:
        """Return the requested values as they are stored: None for a removed parameter."""
        found: dict[str, Any] = {}
        for name, value in requested.items():
            if value is not None:
                found[name] = self.params.get(name, value)
            elif name in self.placed or fixed_of(self.parameter(name)) is not None:
                found[name] = None
        return found

    def left_to_script(self) -> dict[str, Any]:
        """Return the script's own literal defaults by name."""
        return left_to_script(
            self.known, passed=self.params, options=self.options, extra=self.extra
        )

    def arguments(self) -> list[str]:
        words = arranged(self.options, self.positionals, self.extra, known=self.known)
        return marked(words, self.known)


def _begins_like_option(word: Word) -> bool:
    first = word.pieces[0]
    return isinstance(first, str) and first.startswith("-")
