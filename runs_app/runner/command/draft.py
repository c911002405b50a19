"""A command line while it grows; `command` says in which order it does."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

from registry_app.arguments.parameters import Parameter, plain_name
from registry_app.arguments.secret_names import MASKED
from registry_app.arguments.template import Word
from runs_app.runner.command.known import KnownParameters
from runs_app.runner.command.overrides import override_text
from runs_app.runner.command.positionals import arranged, chosen_positionals
from runs_app.runner.command.secret_words import SecretWord, hide, marked
from runs_app.runner.command.values import (
    bare_words,
    checked_text,
    default_of,
    is_bare,
    joined,
    looks_like_option,
    repeats,
    texts,
    truth,
    typed,
)
from runs_app.runner.exceptions import (
    CommandError,
    MissingParameterError,
    ParameterValueError,
    UnknownParameterError,
)
from runs_app.runner.language import gettext as _


@dataclass(kw_only=True)
class Draft:
    """The command line while it grows."""

    known: KnownParameters
    words: tuple[Word, ...]
    values: dict[str, Any]
    extra: list[str]
    unknown: tuple[str, ...] = ()
    options: list[str] = field(default_factory=list)
    positionals: list[str] = field(default_factory=list)
    embedded: set[str] = field(default_factory=set)
    unread: list[str] = field(default_factory=list)
    params: dict[str, Any] = field(default_factory=dict)
    warnings: list[str] = field(default_factory=list)

    @property
    def in_template(self) -> set[str]:
        return {self.parameter(name).name for word in self.words for name in word.names}

    def knows(self, name: str) -> bool:
        if self.known.named(name) is not None:
            return True
        return name in self.in_template and name not in self.unknown

    def warn_of_unknown(self) -> None:
        """Say of the template what is left out, because the script has no such parameter."""
        self.warnings += [
            _(
                "'{{{name}}}' in the argument template is left out: the script has no parameter "
                "'{name}'."
            ).format(name=name)
            for name in dict.fromkeys(self.unknown)
            if name not in self.values
        ]

    def parameter(self, name: str) -> Parameter:
        """A name that only the template knows is an option that takes one text."""
        return self.known.named(name) or Parameter(name=name, nargs="*")

    def value(self, parameter: Parameter) -> Any:
        """Return what was given, else a default that the script would accept, else None."""
        if parameter.name in self.values:
            return self.values[parameter.name]
        default = default_of(parameter)
        if default is None:
            return None
        try:
            if not is_bare(parameter):
                texts(parameter, default)
        except ParameterValueError:
            return None  # the script sets it by itself, and would refuse it on its command line
        return default

    def fill_template(self) -> None:
        for word in self.words:
            if not word.names:
                self.options.append(checked_text(_("The argument template"), word.filled({})))
            elif word.alone:
                self._place(self.parameter(word.alone))
            else:
                self._embed(word)

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
        """Fill a word that holds more than one placeholder; each needs exactly one value."""
        filled: dict[str, str] = {}
        masked: dict[str, str] = {}
        secret = ""
        for name in word.names:
            parameter = self.parameter(name)
            value = self.value(parameter)
            if value is None:
                self._require(parameter)
                if not (_begins_like_option(word) or parameter.is_override):
                    self._drop_option(parameter)
                return
            found = self._texts(parameter, value)
            if parameter.is_override and word.pieces[:-1] == (parameter.flag,):
                filled[name] = override_text(parameter, found)
            elif len(found) == 1:
                filled[name] = found[0]
            else:
                raise ParameterValueError(
                    _(
                        "{name}: the argument template takes one value here, not {count}. Write "
                        "{{{name}}} as a word of its own."
                    ).format(name=name, count=len(found))
                )
            self.embedded.add(parameter.name)
            self.params[parameter.name] = self._noted(parameter, found)
            hides = parameter.hides(found)
            masked[name] = MASKED if hides else filled[name]
            secret = secret or (parameter.name if hides else "")
        text = word.filled(filled)
        if not isinstance(word.pieces[0], str):
            self._refuse_option(self.parameter(word.names[0]), [text])
        if secret:
            text = SecretWord(text, shown=word.filled(masked), of=secret)
        self.options.append(text)

    def _require(self, parameter: Parameter) -> None:
        if parameter.required and not self._in_extra(parameter):
            told = (
                _("The script needs the secret {name}; give it as --secret {name} or in the form.")
                if parameter.is_secret
                else _("The script needs {name}; give it as --param {name}=VALUE or in the form.")
            )
            raise MissingParameterError(told.format(name=parameter.name), name=parameter.name)

    def _in_extra(self, parameter: Parameter) -> bool:
        if parameter.positional:
            return any(not one.startswith("-") for one in self.extra)
        return any(_is_flag(one, parameter.flag) for one in self.extra)

    def _drop_option(self, parameter: Parameter) -> None:
        if self._option_before(parameter):
            self.options.pop()

    def _pop_option(self, parameter: Parameter) -> str:
        return self.options.pop() if self._option_before(parameter) else ""

    def _drop_own_flag(self, parameter: Parameter) -> None:
        if self.options and self.options[-1] == parameter.flag:
            self.options.pop()

    def _option_before(self, parameter: Parameter) -> bool:
        """Whether the last word is an option that takes the value of `parameter`."""
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
        found = self._texts(parameter, value)
        if not (flag or parameter.is_override):
            self._refuse_option(parameter, found)
        self.params[parameter.name] = self._noted(parameter, found)
        words = self._words(flag, parameter, found)
        return hide(words, flag, parameter, found) if parameter.hides(found) else words

    def _texts(self, parameter: Parameter, value: Any) -> list[str]:
        """Return the checked texts; what is wrong with a secret is told without its value."""
        if not parameter.hides(value):
            return texts(parameter, value)
        try:
            return texts(parameter, value)
        except ParameterValueError:
            raise ParameterValueError(
                _(
                    "{name}: the script does not take this value, which is secret and not shown. "
                    "Check its kind ({kind}), its choices and how many values it takes."
                ).format(name=parameter.name, kind=parameter.type or "str")
            ) from None

    def _noted(self, parameter: Parameter, found: list[str]) -> Any:
        """Return what is recorded of a parameter that is passed."""
        return MASKED if parameter.hides(found) else typed(parameter, found)

    def _refuse_option(self, parameter: Parameter, found: list[str]) -> None:
        """Refuse a default that would stand on the command line as an option of its own.

        What is given for this run may begin with a dash: its command is shown.
        """
        for text in found:
            if parameter.name not in self.values and looks_like_option(text, self.known.flags):
                raise CommandError(
                    _(
                        "{name}: its default '{value}' begins with a dash and would be taken for "
                        "an option. Correct the default, or give a value."
                    ).format(name=parameter.name, value=MASKED if parameter.hides(found) else text)
                )

    def _words(self, flag: str, parameter: Parameter, found: list[str]) -> list[str]:
        if parameter.is_override:
            return [joined(parameter.flag, override_text(parameter, found))]
        if flag and (repeats(parameter) or flag.endswith("=")):
            return [word for one in found for word in self._pair(flag, one)]
        if flag and len(found) == 1:
            return self._pair(flag, found[0])
        for text in found:
            if flag and looks_like_option(text, self.known.flags):
                text = MASKED if parameter.hides(text) else text  # noqa: PLW2901
                raise ParameterValueError(
                    _(
                        "{name}: '{value}' would be taken for an option, because it stands among "
                        "several values. Give one value, or write it after --."
                    ).format(name=parameter.name, value=text)
                )
        return [flag, *found] if flag else found

    def _pair(self, flag: str, text: str) -> list[str]:
        if flag.endswith("=") or looks_like_option(text, self.known.flags):
            return [joined(flag, text)]
        return [flag, text]

    def add_unread(self, name: str, *, secret: bool | None) -> None:
        """Pass a name of a script whose parameters could not all be read, as the script would.

        That is `--name value`, unless the parameters that are known are written in one word.
        """
        value = self.values.pop(name)
        if value is None:
            return
        if not plain_name(name).replace("_", "").replace(".", "").isalnum():
            raise UnknownParameterError(
                _("'{name}' cannot be the name of an option.").format(name=name)
            )
        parameter = Parameter(
            name=name, flag=self.known.flag_like_others(name), nargs="*", secret=secret
        )
        if parameter.is_joined and not isinstance(value, list | tuple):
            parameter = replace(parameter, nargs=None)
        self.unread += self._option(parameter.flag, parameter, value)
        self.params[name] = MASKED if parameter.hides(value) else value
        self.warnings.append(
            _(
                "The parameters of this script could not be read; {name} is passed as {flag}, "
                "unchecked."
            ).format(name=name, flag=parameter.flag)
        )

    def add_given_options(self) -> None:
        """Append options that are not in the template: those given, and required defaults."""
        for parameter in self.known.all:
            if parameter.positional or parameter.name in self.in_template:
                continue
            if parameter.name not in self.values and not parameter.required:
                continue
            if parameter.name not in self.values and self._is_written(parameter):
                continue
            value = self.value(parameter)
            if value is None:
                self._require(parameter)
            elif not parameter.flag:
                raise CommandError(
                    _(
                        "{name} has no known option. Put {{{name}}} into the argument template, or "
                        "write the argument after --."
                    ).format(name=parameter.name)
                )
            elif is_bare(parameter):
                self.options += self._bare(parameter, value)
            else:
                self.options += self._option(parameter.flag, parameter, value)
        self.options += self.unread

    def _is_written(self, parameter: Parameter) -> bool:
        written = [*self.options, *self.extra]
        return bool(parameter.flag) and any(_is_flag(word, parameter.flag) for word in written)

    def add_positionals(self) -> None:
        """Choose the positional parameters; refuse one that is missing."""
        parameters = [
            one for one in self.known.all if one.positional and one.name not in self.embedded
        ]
        for parameter in parameters:
            if self.value(parameter) is None:
                self._require(parameter)
        wanted = self.values.keys() | self.in_template
        for parameter, value in chosen_positionals(parameters, wanted=wanted, value_of=self.value):
            self.positionals += self._option("", parameter, value)

    def arguments(self) -> list[str]:
        words = arranged(self.options, self.positionals, self.extra, known=self.known)
        return marked(words, self.known)


def _begins_like_option(word: Word) -> bool:
    first = word.pieces[0]
    return isinstance(first, str) and first.startswith("-")


def _is_flag(word: str, flag: str) -> bool:
    option = flag.removesuffix("=")
    return bool(option) and (word == option or word.startswith(f"{option}="))
