"""The registry file: read with every problem at once, written always in the same form."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _

from registry_app.arguments.parameters import Parameter
from registry_app.arguments.problems import syntax_problem
from registry_app.arguments.template import LONGEST_TEMPLATE
from registry_app.choices import EntryPointType
from registry_app.document import yaml_nodes
from registry_app.document.model import (
    CustomerDocument,
    EntryPointDocument,
    Evidence,
    ExperimentDocument,
    RegistryDocument,
    ResourcesDocument,
    SiteDocument,
    TaskDocument,
)
from registry_app.document.nodes import Reader
from registry_app.document.writer import dump
from registry_app.document.yaml_nodes import MAX_BYTES, Mapping, Node, plain
from registry_app.exceptions import PathRefusedError, Problem, RegistryFileError
from registry_app.files.interpreter_check import checked_interpreter, in_words
from registry_app.files.interpreters import InterpreterRefusedError
from registry_app.files.paths import leads_out, resolve_directory, script_inside
from registry_app.progress import Progress, followed

SITE_KEYS = ("customer", "region", "plant", "zone")
CUSTOMER_KEYS = ("display_name", "aliases")
EXPERIMENT_KEYS = ("path", "site", "task", "entry_points", "stage", "owner", "notes", "aliases")
ENTRY_POINT_KEYS = (
    "default", "patterns", "args_template", "parameters", "interpreter", "resources"
)  # fmt: skip
RESOURCE_KEYS = (
    "gpus", "gpu_memory_mib", "timeout_s", "grace_s", "overlap", "log_limit_mib", "background"
)  # fmt: skip
_FLAGS = frozenset({"overlap", "background"})
_LIMITS = {
    "gpus": (0, 32_767),
    "timeout_s": (1, 2**31 - 1),
    "grace_s": (0, 86_400),
    "log_limit_mib": (1, 2**31 - 1),
}
PARAMETER_KEYS = (
    "name", "flag", "positional", "type", "action",
    "nargs", "default", "required", "choices", "help", "secret",
)  # fmt: skip


def load(
    data: bytes,
    *,
    name: str = "experiments.yaml",
    roots: Sequence[Path] | None = None,
    progress: Progress | None = None,
) -> RegistryDocument:
    """Return what a registry file says.

    Raises RegistryFileError with every problem and its line; `name` is the file's name in the
    problem of an empty file and in the evidence. `roots` are those of the settings unless given.
    """
    top = yaml_nodes.read(data)
    if top is None:
        problem = _("{name} is empty; it needs the key experiments.").format(name=name)
        raise RegistryFileError([Problem(message=problem, line=1)])
    reader = DocumentReader(settings.GUARDIANFLOW_ROOTS if roots is None else roots, progress)
    document = reader.document(top)
    if reader.problems:
        raise RegistryFileError(sorted(reader.problems, key=lambda one: one.line or 0))
    experiments = tuple(with_evidence(one, Path(name).name) for one in document.experiments)
    return replace(document, experiments=experiments)


def with_evidence(document: ExperimentDocument, name: str) -> ExperimentDocument:
    """Say of each field in which line of the file it stands."""
    evidence = {
        field: Evidence(confidence="", source=f"{name}:{line}")
        for field, line in document.lines.items()
    }
    return replace(document, evidence=evidence)


def parameter_problems(rows: list[dict[str, Any]]) -> list[str]:
    """Return why a registry file could not say these parameters, which came by another door."""
    reader = DocumentReader(())
    try:
        # JSON is YAML, so that one rule holds for all doors; halves of a sign are refused there.
        text = json.dumps(rows, ensure_ascii=False, allow_nan=False)
    except ValueError:
        # Python reads NaN and 1e999 where JSON knows neither, and a database keeps JSON.
        return [_("{text} cannot be read. Put it in quotes.").format(text="NaN, Infinity")]
    try:
        node = yaml_nodes.read(text.encode(errors="surrogatepass"))
    except RegistryFileError as error:
        return [one.message for one in error.problems]
    if node is not None:
        reader.parameters(node, "parameters")
    return [one.message for one in reader.problems]


class DocumentReader(Reader):
    """The sections of a registry file, one method each; the rows of a sheet are read as one too."""

    def __init__(self, roots: Sequence[Path], progress: Progress | None = None) -> None:
        super().__init__()
        self._roots = roots
        self._progress = progress
        self._directories: dict[Path, str] = {}

    def document(self, node: Node) -> RegistryDocument:
        top = self.mapping(node, _("The file"), known=("experiments", "customers"))
        if not isinstance(node, Mapping) or "experiments" not in top.keys:
            self.say(_("The file needs the key experiments."), node.line)
        experiments = self.mapping(top.entries.get("experiments"), "experiments")
        customers = self.mapping(top.entries.get("customers"), "customers")
        return RegistryDocument(
            experiments=tuple(
                self._experiment(name, entry, experiments.keys[name])
                for name, entry in followed(sorted(experiments.entries.items()), self._progress)
            ),
            customers=tuple(
                customer
                for name, entry in sorted(customers.entries.items())
                if (customer := self._customer(name, entry)) is not None
            ),
        )

    def _customer(self, name: str, node: Node) -> CustomerDocument | None:
        """Return what people call a customer; None where the file does not say."""
        if len(name) > 100 or not name.isprintable():
            self.say(_("A customer's name has at most 100 printable characters."), node.line)
        entries = self.mapping(node, name, known=CUSTOMER_KEYS).entries
        said: dict[str, Any] = {}
        if "display_name" in entries:
            said["display_name"] = self.text(
                entries["display_name"], f"{name}.display_name", limit=200
            )
        if "aliases" in entries:
            said["aliases"] = self.texts(entries["aliases"], f"{name}.aliases")
        return CustomerDocument(name=name, **said) if said else None

    def _experiment(self, name: str, node: Node, line: int) -> ExperimentDocument:
        self._check_name(name, line)
        mapping = self.mapping(node, name, known=EXPERIMENT_KEYS)
        entries, lines = mapping.entries, dict(mapping.keys)
        directory = self._directory(name, entries.get("path"), line)
        document = ExperimentDocument(
            name=name,
            path=self.text(entries.get("path"), f"{name}.path"),
            site=self._site(name, entries.get("site"), lines),
            task=self._task(name, entries.get("task"), lines),
            entry_points=self._entry_points(name, entries.get("entry_points"), directory, lines),
            lines=lines,
        )
        said: dict[str, Any] = {}
        if "stage" in entries:
            said["stage"] = self.number(entries["stage"], f"{name}.stage", least=1, most=5)
        if "owner" in entries:
            said["owner"] = self.text(entries["owner"], f"{name}.owner", limit=150)
        if "notes" in entries:
            said["notes"] = self.text(entries["notes"], f"{name}.notes", limit=20_000, lines=True)
        if "aliases" in entries:
            said["aliases"] = self.texts(entries["aliases"], f"{name}.aliases")
        return replace(document, **said)

    def _check_name(self, name: str, line: int) -> None:
        if not name.strip() or len(name) > 200 or not name.isprintable():
            self.say(_("An experiment's name has 1 to 200 printable characters."), line)

    def _directory(self, name: str, node: Node | None, line: int) -> Path | None:
        """Check where an experiment lies; None where nobody can say."""
        written = self.text(node, f"{name}.path")
        line = node.line if node is not None else line
        try:
            directory = resolve_directory(written, self._roots)
        except PathRefusedError as error:
            self.say(f"{name}: {error}", line)
            return None
        other = self._directories.setdefault(directory, name)
        if other != name:
            self.say(
                _(
                    "{name} and {other} name the same directory; each directory is one experiment."
                ).format(name=name, other=other),
                line,
            )
        return directory

    def _site(self, name: str, node: Node | None, lines: dict[str, int]) -> SiteDocument:
        section = self.mapping(node, f"{name}.site", known=SITE_KEYS)
        lines |= {f"site.{key}": line for key, line in section.keys.items()}
        return SiteDocument(
            **{
                key: self.text(entry, f"{name}.site.{key}", limit=100)
                for key, entry in section.entries.items()
                if key in SITE_KEYS
            }
        )

    def _task(self, name: str, node: Node | None, lines: dict[str, int]) -> TaskDocument:
        section = self.mapping(node, f"{name}.task", known=("type", "classes"))
        lines |= {f"task.{key}": line for key, line in section.keys.items()}
        said: dict[str, Any] = {}
        if "type" in section.entries:
            said["type"] = self.text(section.entries["type"], f"{name}.task.type", limit=60)
        if "classes" in section.entries:
            said["classes"] = self.texts(section.entries["classes"], f"{name}.task.classes")
        return TaskDocument(**said)

    def _entry_points(
        self, name: str, node: Node | None, directory: Path | None, lines: dict[str, int]
    ) -> dict[str, EntryPointDocument]:
        section = self.mapping(node, f"{name}.entry_points", known=EntryPointType.values)
        found = {}
        for kind in EntryPointType.values:
            if kind in section.entries:
                prefix = f"entry_points.{kind}"
                lines[prefix] = section.keys[kind]
                where = f"{name}.{prefix}"
                found[kind] = self._entry_point(
                    where, prefix, section.entries[kind], directory, lines
                )
        return found

    def _entry_point(
        self, where: str, prefix: str, node: Node, directory: Path | None, lines: dict[str, int]
    ) -> EntryPointDocument:
        section = self.mapping(node, where, known=ENTRY_POINT_KEYS)
        lines |= {f"{prefix}.{key}": line for key, line in section.keys.items()}
        entries = section.entries
        said: dict[str, Any] = {}
        if "default" in entries:
            said["default"] = self._script(entries["default"], f"{where}.default", directory)
        if "patterns" in entries:
            said["patterns"] = self._patterns(entries["patterns"], f"{where}.patterns")
        if "args_template" in entries:
            said["args_template"] = self._template(entries["args_template"], where)
        if "parameters" in entries:
            said["parameters"] = self.parameters(entries["parameters"], f"{where}.parameters")
        if "interpreter" in entries:
            said["interpreter"] = self._interpreter(entries["interpreter"], where, directory)
        if "resources" in entries:
            said["resources"] = self._resources(entries["resources"], where, prefix, lines)
        return EntryPointDocument(**said)

    def _script(self, node: Node, where: str, directory: Path | None) -> str:
        script = self.text(node, where, limit=500)
        if script:
            try:
                script_inside(directory or Path("/nowhere"), script)
            except PathRefusedError as error:
                self.say(f"{where}: {error}", node.line)
        return script

    def _patterns(self, node: Node, where: str) -> tuple[str, ...]:
        patterns = self.texts(node, where)
        for pattern in patterns:
            if leads_out(pattern):
                text = _("The pattern “%(pattern)s” leads out of the directory.")
                self.say(f"{where}: {text % {'pattern': pattern}}", node.line)
        return patterns

    def _template(self, node: Node, where: str) -> str:
        template = self.text(node, f"{where}.args_template", limit=LONGEST_TEMPLATE)
        problem = syntax_problem(template)
        if problem:
            self.say(f"{where}.args_template: {problem}", node.line)
        return template

    def _interpreter(self, node: Node, where: str, directory: Path | None) -> str:
        """Return an interpreter in its stored form; who may set which, the plan knows."""
        written = self.text(node, f"{where}.interpreter", limit=500)
        try:
            return checked_interpreter(written, directory, anywhere=True)
        except InterpreterRefusedError as error:
            self.say(f"{where}.interpreter: {in_words(error)}", node.line)
            return written

    def _resources(
        self, node: Node, where: str, prefix: str, lines: dict[str, int]
    ) -> ResourcesDocument:
        section = self.mapping(node, f"{where}.resources", known=RESOURCE_KEYS)
        lines |= {f"{prefix}.resources.{key}": line for key, line in section.keys.items()}
        said: dict[str, Any] = {}
        for key, entry in section.entries.items():
            if key in _FLAGS:
                said[key] = self.flag(entry, f"{where}.resources.{key}")
            elif key in RESOURCE_KEYS:
                least, most = _LIMITS.get(key, (0, 2**31 - 1))
                said[key] = self.number(entry, f"{where}.resources.{key}", least=least, most=most)
        return ResourcesDocument(**said)

    def parameters(self, node: Node, where: str) -> tuple[Parameter, ...]:
        found = [self._parameter(item, where) for item in self.items(node, where)]
        names = [one.name for one in found]
        for double in sorted({one for one in names if names.count(one) > 1}):
            self.say(_("{where} names {name} twice.").format(where=where, name=double), node.line)
        return tuple(found)

    def _parameter(self, node: Node, where: str) -> Parameter:
        section = self.mapping(node, where, known=PARAMETER_KEYS)
        entries = section.entries
        if not self.text(entries.get("name"), f"{where}.name"):
            self.say(_("A parameter needs a name."), node.line)
        said: dict[str, Any] = {
            key: self.text(entries[key], f"{where}.{key}", limit=4000, lines=key == "help")
            for key in ("name", "flag", "type", "action", "help")
            if key in entries
        }
        for key in ("positional", "required", "secret"):
            if key in entries:
                said[key] = bool(self.flag(entries[key], f"{where}.{key}"))
        if "nargs" in entries:
            said["nargs"] = self.scalar(entries["nargs"], f"{where}.nargs")
        if "default" in entries:
            said["default"] = plain(entries["default"])
            if isinstance(said["default"], dict):
                self.say(_("A default is a value or a list."), entries["default"].line)
        if "choices" in entries:
            choices = self.items(entries["choices"], f"{where}.choices")
            said["choices"] = tuple(self.scalar(one, f"{where}.choices") for one in choices)
        return Parameter(**{"name": "", **said})


__all__ = ["MAX_BYTES", "dump", "load", "parameter_problems"]
