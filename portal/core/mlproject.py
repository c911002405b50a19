"""Read an MLproject, and report what MLflow would refuse or misread in it."""

from __future__ import annotations

import string
from collections.abc import Mapping as MappingType
from dataclasses import dataclass

from portal.core.run_command import RunCommand, run_command
from registry_app.document.nodes import Reader
from registry_app.document.yaml_nodes import Mapping, Node, Value
from registry_app.texts import core as texts

FILE = "MLproject"
_ENVIRONMENTS = ("python_env", "conda_env", "docker_env")
_KEYS = ("name", "entry_points", *_ENVIRONMENTS, "databricks_spark_job")
_ENTRY_KEYS = ("parameters", "command")
_PARAMETER_KEYS = ("type", "default")
# Signs with which `str.format` looks for a part of a value.
_NO_NAME = frozenset(".[")


@dataclass(frozen=True, kw_only=True)
class Entry:
    """An entry point: its line, and what it runs if it calls `guardianflow run`."""

    line: int
    runs: RunCommand | None


class MlprojectReader(Reader):
    """Collect the problems of an MLproject."""

    def entries(self, node: Node) -> dict[str, Entry]:
        """Return the entry points by name."""
        top = self.mapping(node, texts.MLPROJECT(), known=_KEYS)
        chosen = [key for key in _ENVIRONMENTS if key in top.entries]
        if len(chosen) > 1:
            self.report(texts.SEVERAL_ENVIRONMENTS(names=chosen), top.keys[chosen[1]])
        section = node.entries.get("entry_points") if isinstance(node, Mapping) else None
        if isinstance(section, Value) and section.value is None:
            self.report(texts.NO_ENTRY_POINTS(), section.line)
        entries = self.mapping(top.entries.get("entry_points"), "entry_points")
        return {
            name: self._entry(name, entry, entries.keys[name])
            for name, entry in entries.entries.items()
        }

    def _entry(self, name: str, node: Node, line: int) -> Entry:
        where = f"entry_points.{name}"
        entry = self.mapping(node, where, known=_ENTRY_KEYS)
        parameters = self.mapping(entry.entries.get("parameters"), f"{where}.parameters")
        for key, parameter in parameters.entries.items():
            if isinstance(parameter, Value) and parameter.value is None:
                self.report(texts.NO_PARAMETER_TYPE(name=key), parameters.keys[key])
            elif not (isinstance(parameter, Value) and isinstance(parameter.value, str)):
                self.mapping(parameter, f"{where}.parameters.{key}", known=_PARAMETER_KEYS)
        written = entry.entries.get("command")
        if written is None:
            self.report(texts.NO_COMMAND(name=name), line)
            return Entry(line=line, runs=None)
        command = self.text(written, f"{where}.command", limit=100_000, lines=True)
        self._check_placeholders(name, command, parameters.entries, written.line)
        return Entry(line=line, runs=run_command(command))

    def _check_placeholders(
        self, name: str, command: str, parameters: MappingType[str, Node], line: int
    ) -> None:
        """Report what MLflow could not fill in: its own run would stay open for ever."""
        try:
            fields = [field for _text, field, _form, _sign in string.Formatter().parse(command)]
        except ValueError:
            self.report(texts.LONE_BRACE(name=name), line)
            return
        for field in dict.fromkeys(field for field in fields if field is not None):
            if field not in parameters or field.isdigit() or set(field) & _NO_NAME:
                self.report(texts.UNKNOWN_PLACEHOLDER(name=name, part=f"{{{field}}}"), line)
