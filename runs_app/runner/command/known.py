"""Finds the parameter that a given name means."""

from __future__ import annotations

import difflib
from collections.abc import Sequence

from registry_app.arguments.parameters import Parameter, plain_name
from runs_app.runner.exceptions import UnknownParameterError
from runs_app.runner.language import gettext as _


class KnownParameters:
    """The parameters of one script by name; `batch-size` and `--batch-size` mean `batch_size`."""

    def __init__(self, parameters: Sequence[Parameter]) -> None:
        self.all = tuple(parameters)
        self.flags = tuple(one.flag for one in parameters if one.flag)
        self._by_name = {one.name: one for one in parameters}
        self._by_flag = {one.flag: one for one in parameters if one.flag}
        self._by_plain: dict[str, Parameter] = {}
        for one in parameters:
            for alias in filter(None, (plain_name(one.name), plain_name(one.flag))):
                self._by_plain.setdefault(alias, one)

    def named(self, name: str) -> Parameter | None:
        """Return the parameter of this name or, failing that, of this flag."""
        return (
            self._by_name.get(name)
            or self._by_flag.get(name)
            or self._by_plain.get(plain_name(name))
        )

    def with_flag(self, flag: str) -> Parameter | None:
        """Return the parameter that stands behind an option of the command line."""
        return self._by_flag.get(flag)

    def flag_like_others(self, name: str) -> str:
        """Return a flag for a name that is not known, made like those that are."""
        bare = name.lstrip("-")
        if any(one.is_override for one in self.all):
            return f"{bare}="
        return f"--{bare}=" if any(one.is_joined for one in self.all) else f"--{bare}"

    def unknown(self, name: str) -> UnknownParameterError:
        """Return the refusal of a name, with the nearest ones."""
        names = [one.name for one in self.all]
        near = difflib.get_close_matches(plain_name(name), names, n=3, cutoff=0.5)
        if near:
            told = _("The script has no parameter '{name}'; did you mean {names}?")
        elif names:
            told = _("The script has no parameter '{name}'; it takes {names}.")
        else:
            told = _("The script has no parameter '{name}'; it takes none.")
        listed = _(" or ").join(near) if near else ", ".join(names)
        cure = _("Arguments that the portal does not know can be given after --.")
        return UnknownParameterError(f"{told.format(name=name, names=listed)} {cure}")
