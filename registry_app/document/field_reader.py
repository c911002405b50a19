"""The values of a registry file, one method for each kind of field."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from django.core.exceptions import ImproperlyConfigured

from registry_app.arguments.parameters import Parameter
from registry_app.arguments.problems import syntax_problem
from registry_app.arguments.starts import start_problem
from registry_app.arguments.variables import MAX_VALUE, refusals
from registry_app.document.nodes import Reader
from registry_app.document.yaml_nodes import Node, plain
from registry_app.exceptions import PathRefusedError
from registry_app.files.core_scripts import check_script
from registry_app.files.interpreter_check import checked_interpreter
from registry_app.files.interpreters import InterpreterRefusedError
from registry_app.files.paths import folder_inside, leads_out
from registry_app.schema.fields import Field, FieldKind
from registry_app.texts import problems as texts

PARAMETER_KEYS = (
    "name", "flag", "positional", "type", "action",
    "nargs", "default", "required", "choices", "help", "secret",
)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Place:
    """The place that is read: `where` for messages, `prefix` of the dotted fields in `lines`.

    `directory` is that of the experiment, None if its path is refused.
    """

    where: str
    lines: dict[str, int]
    prefix: str = ""
    directory: Path | None = None

    def at(self, key: str) -> Place:
        """Return the place of a key in this section."""
        return replace(self, where=f"{self.where}.{key}")


class FieldReader(Reader):
    """Read the value of a field by its kind; every method still returns a usable value."""

    def value_of(self, field: Field, node: Node, place: Place) -> Any:
        """Return the value of a field, in the type of its kind."""
        return _READ[field.kind](self, field, node, place)

    def number_of(self, field: Field, node: Node, place: Place) -> int | None:
        least, most = field.bounds
        return self.number(node, place.where, least=least, most=most)

    def text_of(self, field: Field, node: Node, place: Place) -> str:
        return self.text(node, place.where, limit=field.limit, lines=field.kind is FieldKind.NOTE)

    def texts_of(self, field: Field, node: Node, place: Place) -> tuple[str, ...]:
        return self.texts(node, place.where, limit=field.limit)

    def script(self, field: Field, node: Node, place: Place) -> str:
        script = self.text_of(field, node, place)
        if script:
            try:
                check_script(place.directory or Path("/nowhere"), script)
            except PathRefusedError as error:
                self.report(error.message.at(place.where), node.line)
        return script

    def folder(self, field: Field, node: Node, place: Place) -> str:
        """Return a working directory in its stored form; a run's start checks its existence."""
        written = self.text_of(field, node, place)
        try:
            return folder_inside(place.directory or Path("/nowhere"), written)
        except PathRefusedError as error:
            self.report(error.message.at(place.where), node.line)
            return written

    def start(self, field: Field, node: Node, place: Place) -> str:
        written = self.text_of(field, node, place)
        problem = start_problem(written)
        if problem:
            self.report(problem.at(place.where), node.line)
        return written

    def variables(self, _field: Field, node: Node, place: Place) -> dict[str, str]:
        section = self.mapping(node, place.where)
        found = {
            name: self.text(entry, f"{place.where}.{name}", limit=MAX_VALUE)
            for name, entry in section.entries.items()
        }
        for name, error in refusals(found):
            line = section.keys.get(name, node.line)
            self.report(error.message.at(place.where), line)
        return found

    def patterns(self, field: Field, node: Node, place: Place) -> tuple[str, ...]:
        patterns = self.texts_of(field, node, place)
        for pattern in patterns:
            if leads_out(pattern):
                self.report(texts.PATTERN_LEADS_OUT(pattern=pattern).at(place.where), node.line)
        return patterns

    def template(self, field: Field, node: Node, place: Place) -> str:
        template = self.text_of(field, node, place)
        problem = syntax_problem(template)
        if problem:
            self.report(problem.at(place.where), node.line)
        return template

    def interpreter(self, field: Field, node: Node, place: Place) -> str:
        """Return an interpreter in its stored form; the plan checks who may set it."""
        written = self.text_of(field, node, place)
        try:
            return checked_interpreter(written, place.directory, anywhere=True)
        except InterpreterRefusedError as error:
            self.report(error.message.at(place.where), node.line)
            return written

    def parameters(self, node: Node, where: str) -> tuple[Parameter, ...]:
        found = [self._parameter(item, where) for item in self.items(node, where)]
        names = [parameter.name for parameter in found]
        for double in sorted({name for name in names if names.count(name) > 1}):
            self.report(texts.NAMED_TWICE(where=where, name=double), node.line)
        return tuple(found)

    def _parameter(self, node: Node, where: str) -> Parameter:
        section = self.mapping(node, where, known=PARAMETER_KEYS)
        entries = section.entries
        if not self.text(entries.get("name"), f"{where}.name"):
            self.report(texts.PARAMETER_WITHOUT_NAME(), node.line)
        values: dict[str, Any] = {
            key: self.text(entries[key], f"{where}.{key}", limit=4000, lines=key == "help")
            for key in ("name", "flag", "type", "action", "help")
            if key in entries
        }
        for key in ("positional", "required", "secret"):
            if key in entries:
                values[key] = bool(self.flag(entries[key], f"{where}.{key}"))
        if "nargs" in entries:
            values["nargs"] = self.scalar(entries["nargs"], f"{where}.nargs")
        if "default" in entries:
            values["default"] = plain(entries["default"])
            if isinstance(values["default"], dict):
                self.report(texts.NO_DEFAULT(), entries["default"].line)
        if "choices" in entries:
            choices = self.items(entries["choices"], f"{where}.choices")
            values["choices"] = tuple(self.scalar(choice, f"{where}.choices") for choice in choices)
        return Parameter(**{"name": "", **values})


# The reader of each kind of field; a missing one stops the start.
_READ: dict[FieldKind, Callable[[FieldReader, Field, Node, Place], Any]] = {
    FieldKind.TEXT: FieldReader.text_of,
    FieldKind.NOTE: FieldReader.text_of,
    FieldKind.PLACE: FieldReader.text_of,
    FieldKind.DIRECTORY: FieldReader.text_of,
    FieldKind.WORDS: FieldReader.texts_of,
    FieldKind.NUMBER: FieldReader.number_of,
    FieldKind.FLAG: lambda reader, _field, node, place: reader.flag(node, place.where),
    FieldKind.SCRIPT: FieldReader.script,
    FieldKind.PATTERNS: FieldReader.patterns,
    FieldKind.TEMPLATE: FieldReader.template,
    FieldKind.PARAMETERS: lambda reader, _field, node, place: reader.parameters(node, place.where),
    FieldKind.INTERPRETER: FieldReader.interpreter,
    FieldKind.FOLDER: FieldReader.folder,
    FieldKind.START: FieldReader.start,
    FieldKind.VARIABLES: FieldReader.variables,
    FieldKind.PATHS: FieldReader.texts_of,
}
if _unread := set(FieldKind) - set(_READ):
    raise ImproperlyConfigured(
        f"Fields of the kinds {', '.join(sorted(_unread))} cannot be read. Add them to _READ in "
        "registry_app/document/field_reader.py."
    )
