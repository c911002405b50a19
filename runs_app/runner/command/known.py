"""Finds the parameter that a given name means."""

from __future__ import annotations

import difflib
from collections.abc import Sequence

from registry_app.arguments.parameters import Parameter, plain_name
from runs_app.runner.exceptions import UnknownParameterError
from runs_app.texts import command as texts


class KnownParameters:
    """The parameters of one script by name; `batch-size` and `--batch-size` mean `batch_size`."""

    def __init__(self, parameters: Sequence[Parameter]) -> None:
        self.all = tuple(parameters)
        self.flags = tuple(parameter.flag for parameter in parameters if parameter.flag)
        self._by_name = {parameter.name: parameter for parameter in parameters}
        self._by_flag = {parameter.flag: parameter for parameter in parameters if parameter.flag}
        self._by_plain: dict[str, Parameter] = {}
        for parameter in parameters:
            for alias in filter(None, (plain_name(parameter.name), plain_name(parameter.flag))):
                self._by_plain.setdefault(alias, parameter)

    def named(self, name: str) -> Parameter | None:
        """Return the parameter of this name or, failing that, of this flag."""
        return (
            self._by_name.get(name)
            or self._by_flag.get(name)
            or self._by_plain.get(plain_name(name))
        )

    def with_flag(self, flag: str) -> Parameter | None:
        """Return the parameter of an option of the command line."""
        return self._by_flag.get(flag)

    def flag_like_others(self, name: str) -> str:
        """Return a flag for an unknown name, in the style of the known flags."""
        bare = name.lstrip("-")
        if any(parameter.is_override for parameter in self.all):
            return f"{bare}="
        return f"--{bare}=" if any(parameter.is_joined for parameter in self.all) else f"--{bare}"

    def unknown(self, name: str) -> UnknownParameterError:
        """Return the error for an unknown name, with the nearest known names."""
        names = [parameter.name for parameter in self.all]
        near = difflib.get_close_matches(plain_name(name), names, n=3, cutoff=0.5)
        if near:
            return UnknownParameterError(texts.UNKNOWN_NEAR(name=name, names=near))
        if names:
            return UnknownParameterError(texts.UNKNOWN(name=name, names=names))
        return UnknownParameterError(texts.UNKNOWN_OF_NONE(name=name))
