"""The template of a script from its command in an MLproject file.

The parameters that the file declares are those of the script. A literal default is written into the
template: `mlflow run` would pass it, and a literal is part of every registry file. Options come
first, positional values after them, as in the command line of a run.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from registry_app.arguments.parameters import Parameter, plain_name
from registry_app.arguments.secret_names import is_secret
from registry_app.arguments.template import (
    MAX_TEMPLATE_LENGTH,
    TemplateRefusedError,
    parse_template,
)
from registry_app.inference.parameters.command_line import CommandLine, for_command
from registry_app.inference.parameters.literal_words import (
    literal_option,
    literal_word,
    quoted,
)
from registry_app.inference.purpose.mlproject import Declared, ProjectCommand
from registry_app.words import Confidence

_PLACEHOLDER = re.compile(r"\{([^{}]*)\}")
# Doubled braces are no placeholders.
_PIECE = re.compile(r"\{\{|\}\}|\{([^{}]*)\}")
_MANY = frozenset({"*", "+", "...", "A..."})


@dataclass(frozen=True, kw_only=True)
class ProjectStart:
    """How a command starts a script: template and parameters, and their source."""

    args_template: str
    parameters: tuple[Parameter, ...]
    source: str


def start_by(command: ProjectCommand, command_line: CommandLine) -> ProjectStart | None:
    """Return the template and parameters of a command, including the script's own parameters.

    None if the command cannot be expressed as a template.
    """
    sub = next((word for word in command.words if word in command_line.commands), "")
    own = for_command(command_line, sub).parameters
    match = _Match(declared=command.declared, own=own, command=sub)
    for word in command.words:
        match.add(word)
    template = " ".join(map(quoted, match.words()))
    try:
        parse_template(template)
    except TemplateRefusedError:
        return None
    if len(template) > MAX_TEMPLATE_LENGTH:
        return None
    return ProjectStart(
        args_template=template, parameters=match.parameters(), source=command.source
    )


@dataclass(kw_only=True)
class _Match:
    """Matches the words of a command to the parameters of the script.

    `found` are the parameters that the command uses. `renamed` has for a declared name the name
    of its parameter in the script; `shared` are the declared names whose value an option of the
    template holds, for other words to repeat.
    """

    declared: Mapping[str, Declared]
    own: Sequence[Parameter]
    command: str
    options: list[str] = field(default_factory=list)
    places: list[str] = field(default_factory=list)
    found: dict[str, Parameter] = field(default_factory=dict)
    renamed: dict[str, str] = field(default_factory=dict)
    shared: set[str] = field(default_factory=set)
    before: str = ""

    def __post_init__(self) -> None:
        self.by_flag = {
            parameter.flag.rstrip("="): parameter for parameter in self.own if parameter.flag
        }
        self.free = [parameter for parameter in self.own if parameter.positional]

    def add(self, word: str) -> None:
        """Add the next word of the command."""
        name, flag = self._placed(word)
        declared = self.declared.get(name)
        if declared is not None and flag:
            self._add_option(declared, word, flag)
        elif declared is not None:
            self._add_place(declared, word)
        elif self.free and not name and self._is_place(word):
            place = self.free.pop(0)
            self.found.setdefault(place.name, place)
            self.places.append(word)
        else:
            self.options.append(word)
        self.before = word if self._takes_value(word) else ""

    def words(self) -> list[str]:
        """Return the words of the template; declared names are those of the script."""
        options = [self._filled(word) for word in self.options]
        places = [self._filled(word) for word in self.places]
        return [*options, *(["--"] if places and self._ends_open() else []), *places]

    def parameters(self) -> tuple[Parameter, ...]:
        """Return the parameters of the command, and then all others of the script."""
        others = [parameter for parameter in self.own if parameter.name not in self.found]
        return (*self.found.values(), *others)

    def _add_option(self, declared: Declared, word: str, flag: str) -> None:
        if declared.name in self.renamed:
            self.options.append(word)
            return
        meant = self.by_flag.get(flag.rstrip("=")) or self._of_name(declared.name)
        self._use(declared, meant, flag=flag)
        if not _is_written(declared):
            self.options.append(word)
            return
        self.shared.add(declared.name)
        if word == f"{{{declared.name}}}":  # the flag is the word before
            self.options.pop()
        else:
            flag = word.partition("{")[0]
        self.options += literal_option(flag, declared.default)

    def _add_place(self, declared: Declared, word: str) -> None:
        place = self.free.pop(0) if self.free else self._of_name(declared.name)
        if declared.name not in self.renamed:
            self._use(declared, place, is_place=True)
        self.places.append(word)

    def _use(
        self,
        declared: Declared,
        meant: Parameter | None,
        *,
        flag: str = "",
        is_place: bool = False,
    ) -> None:
        """Note that the command uses a parameter of the script for a declared one."""
        parameter = _joined(declared, meant, flag=flag, is_place=is_place)
        self.found.setdefault(parameter.name, parameter)
        self.renamed[declared.name] = parameter.name

    def _placed(self, word: str) -> tuple[str, str]:
        """Return the placeholder in a word, and its flag; '' for none."""
        match = _PLACEHOLDER.fullmatch(word)
        if match:
            return match[1], self.before
        option, sign, value = word.partition("=")
        match = _PLACEHOLDER.fullmatch(value) if sign else None
        if match is None or not (option.startswith("-") or option in self.by_flag):
            return "", ""
        return match[1], option if option.startswith("-") else f"{option}="

    def _takes_value(self, word: str) -> bool:
        if not word.startswith("-") or "=" in word or word == "--":
            return False
        known = self.by_flag.get(word)
        return known is None or not (known.is_switch or known.action in {"count", "append_const"})

    def _is_place(self, word: str) -> bool:
        """Whether a word without a placeholder is the value of a positional parameter."""
        is_option = word.startswith("-") or _PLACEHOLDER.search(word)
        return not (self.before or is_option or word == self.command)

    def _ends_open(self) -> bool:
        """Whether the last option would take the positional values as well."""
        for behind, word in enumerate(reversed(self.options)):
            option = self.by_flag.get(word)
            if option is not None:
                nargs = str(option.nargs)
                return nargs in _MANY or (nargs == "?" and behind == 0)
        return False

    def _filled(self, word: str) -> str:
        """Return a word with the names of the script, and values that no option holds."""
        return _PIECE.sub(lambda hit: hit[0] if hit[1] is None else self._filling(hit[1]), word)

    def _filling(self, name: str) -> str:
        declared = self.declared.get(name)
        if declared is None:
            return f"{{{name}}}"
        if _is_written(declared) and name not in self.shared:
            return literal_word(declared.default)
        if name not in self.renamed:
            self._use(declared, self._of_name(name))
        return f"{{{self.renamed[name]}}}"

    def _of_name(self, name: str) -> Parameter | None:
        return next(
            (parameter for parameter in self.own if plain_name(parameter.name) == plain_name(name)),
            None,
        )


def _is_written(declared: Declared) -> bool:
    """Whether a declared default is written out; a secret does not belong into a registry file."""
    return declared.has_default and not is_secret(declared.name, declared.default)


def _joined(declared: Declared, meant: Parameter | None, *, flag: str, is_place: bool) -> Parameter:
    """Return the file's declaration of a parameter, merged with the script's own if any.

    A default that is not written into the template is a fixed value of the parameter.
    """
    base = meant or Parameter(
        name=declared.name,
        flag=flag,
        positional=is_place,
        type=declared.type,
        confidence=str(Confidence.SURE),
    )
    if not declared.has_default:
        return replace(base, required=True, source=declared.source)
    if _is_written(declared):
        return replace(base, source=declared.source)
    return replace(
        base, default=declared.default, default_expr="", fixed=True, source=declared.source
    )
