"""Words of a command line that contain a secret: the script gets them, readers see a mask.

A secret word is the text itself, so that code that builds a command line works unchanged; it also
carries the text that can be shown. Two kinds are found:

1. the values of the script's parameters, at any position (`Draft` makes these);
2. words that a user wrote literally, in the argument template or after `--`: `--password x`,
   `--password=x`, `db.password=x`, and `-p x` or `-px` where `-p` is marked as secret.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from registry_app.arguments.parameters import Parameter, plain_name
from registry_app.arguments.secret_names import MASKED, is_secret
from runs_app.runner.command.known import KnownParameters
from runs_app.runner.command.values import is_bare, looks_like_option, takes_many
from runs_app.runner.exceptions import ParameterValueError
from runs_app.texts import command as texts

# `--name=value` and Hydra's `name=value`, `+name=value`; a word with a space is a sentence.
_ASSIGNED = re.compile(r"(?s)((?:--?|\+{1,2})?[\w.@/-]+=)(.*)")


class SecretWord(str):
    """A word of a command line; `shown` is safe to show, `of` names what is secret in it.

    `of` is the name of a parameter, or for a literal word the option as written.
    """

    __slots__ = ("of", "shown")

    shown: str
    of: str

    def __new__(cls, text: str, *, shown: str, of: str) -> SecretWord:
        word = super().__new__(cls, text)
        word.shown, word.of = shown, of
        return word


def shown(words: Sequence[str]) -> tuple[str, ...]:
    """Return a command line that is safe to show."""
    return tuple(word.shown if isinstance(word, SecretWord) else word for word in words)


def hidden(words: Sequence[str]) -> dict[int, str]:
    """Return the secret words by their index."""
    return {place: str(word) for place, word in enumerate(words) if isinstance(word, SecretWord)}


def names(words: Sequence[str]) -> tuple[str, ...]:
    """Return the names of what is secret in a command line, each once."""
    return tuple(dict.fromkeys(word.of for word in words if isinstance(word, SecretWord)))


def hide(words: Sequence[str], flag: str, parameter: Parameter, values: Sequence[str]) -> list[str]:
    """Mark the words that hold values of a secret parameter; a flag alone is not secret."""
    flags = [option for option in (flag, parameter.flag) if option]
    hidden_words: list[str] = []
    for word in words:
        is_value = word in values
        if word in flags and not is_value:
            hidden_words.append(word)
            continue
        before = "" if is_value else next((flag for flag in flags if word.startswith(flag)), "")
        if before and word.startswith(f"{before}="):
            before = f"{before}="
        hidden_words.append(SecretWord(word, shown=f"{before}{MASKED}", of=parameter.name))
    return hidden_words


def marked(words: Sequence[str], known: KnownParameters) -> list[str]:
    """Return the words, with literally written secrets marked."""
    return list(_marked(words, known))


def refuse_masks(words: Sequence[str]) -> None:
    """Refuse a mask given instead of the secret value; raises ParameterValueError."""
    for word in words:
        if isinstance(word, SecretWord) and word == word.shown:
            raise ParameterValueError(texts.SECRET_IS_MASK(name=word.of))


def _marked(words: Sequence[str], known: KnownParameters) -> Iterator[str]:
    before = ""
    for word in words:
        if isinstance(word, SecretWord):
            before = ""
            yield word
        elif before and not looks_like_option(word) and _hides(before, word, known):
            yield _secret(word, "", before)
            before = before if _takes_more(before, known) else ""
        else:
            glued = _glued(word, known)
            before = "" if glued else _option(word, known)
            yield _secret(word, *glued) if glued else word


def _secret(word: str, shown_before: str, of: str) -> SecretWord:
    return SecretWord(word, shown=f"{shown_before}{MASKED}", of=of)


def _option(word: str, known: KnownParameters) -> str:
    """Return an option whose value is the next word, '' for any other word."""
    if not word.startswith("-") or "=" in word:
        return ""
    parameter = _parameter(word, known)
    return "" if parameter is not None and is_bare(parameter) else word


def _glued(word: str, known: KnownParameters) -> tuple[str, str] | None:
    """Return the shown prefix and the name of a word that holds both option and secret."""
    if (found := _ASSIGNED.fullmatch(word)) and _hides(found[1], found[2], known):
        return found[1], found[1].rstrip("=") if word.startswith("-") else found[1]
    if len(word) > 2 and word[0] == "-" and word[1] != "-":
        parameter = known.with_flag(word[:2])
        if parameter is not None and parameter.hides(word[2:]):
            return word[:2], word[:2]
    return None


def _hides(option: str, value: str, known: KnownParameters) -> bool:
    parameter = _parameter(option, known)
    if parameter is not None:
        return parameter.hides(value)
    return is_secret(option.rstrip("="), value)


def _takes_more(option: str, known: KnownParameters) -> bool:
    """Return whether the following words may be values too; guess by plural if unknown."""
    parameter = _parameter(option, known)
    return takes_many(parameter) if parameter is not None else option.endswith("s")


def _parameter(option: str, known: KnownParameters) -> Parameter | None:
    """Return the parameter of an option as written; argparse also accepts abbreviations."""
    option = option.rstrip("=")
    found = known.with_flag(option) or known.named(plain_name(option.lstrip("+")))
    if found is None and option.startswith("--"):
        longer = [parameter for parameter in known.all if parameter.flag.startswith(option)]
        found = longer[0] if len(longer) == 1 else None
    return found
