"""Read the possible overrides of a script that Hydra configures: the keys of its YAML files.

An override is an argument `optimizer.lr=0.1`; a choice among the files of a folder is
`model=resnet`. Only missing values (`???`) are required.
"""

from __future__ import annotations

import ast
import posixpath
from collections.abc import Iterator

from registry_app.arguments.parameters import Parameter
from registry_app.arguments.template import NAME
from registry_app.inference.code.config_values import Setting, read_settings
from registry_app.inference.code.project import Project
from registry_app.inference.code.source import Source
from registry_app.inference.parameters.arguments import name_of, written
from registry_app.inference.parameters.command_line import CommandLine, literal
from registry_app.inference.parameters.known_parsers import ultralytics_overrides
from registry_app.inference.parameters.objects import Class, Names
from registry_app.inference.parameters.signatures import described, of_class
from registry_app.words import Confidence

MAX_PARAMETERS = 300
DEEPEST = 4
SUFFIXES = (".yaml", ".yml")


def read_hydra(source: Source, project: Project) -> CommandLine:
    """Return the overrides of a script, empty and unknown if Hydra does not configure it."""
    if not source.outline.libraries & {"hydra", "omegaconf"}:
        return CommandLine()
    for function in source.outline.functions.values():
        for decorator in function.decorator_list:
            if isinstance(decorator, ast.Call) and name_of(decorator.func) == "hydra.main":
                return _of_main(decorator, source, project)
    if source.calls("from_cli"):
        return _of_loaded(source, project)
    return CommandLine()


def _of_main(decorator: ast.Call, source: Source, project: Project) -> CommandLine:
    names = source.outline.constants
    given = dict(zip(("config_path", "config_name"), decorator.args, strict=False))
    given |= {keyword.arg: keyword.value for keyword in decorator.keywords if keyword.arg}
    folder, name = (literal(given.get(key), names) for key in ("config_path", "config_name"))
    reading = _Reading(project)
    known = isinstance(name, str)
    if isinstance(name, str):
        here = posixpath.dirname(source.path)
        reading.root = posixpath.normpath(posixpath.join(here, str(folder or ".")))
        stored = _stored(name, source, project)
        if stored:
            for parameter in stored:
                reading.found.setdefault(parameter.name, parameter)
        else:
            reading.file(name, package="", depth=0)
        known = reading.is_whole
    elif "DEFAULT_C" in written(decorator):
        where = f"{source.path}:{decorator.lineno}"
        reading.found = {override.name: override for override in ultralytics_overrides(where)}
    reading.found.setdefault("hydra.run.dir", _OUTPUT)
    return _line(reading, known=known)


_OUTPUT = Parameter(
    name="hydra.run.dir",
    flag="hydra.run.dir=",
    type="str",
    default_expr="outputs/DATE/TIME",
    confidence=str(Confidence.SURE),
)


def _stored(name: str, source: Source, project: Project) -> list[Parameter]:
    """Return the overrides of a structured configuration: `cs.store(node=Config)`."""
    names = Names(project)
    found: list[Parameter] = []
    for call in source.calls("store"):
        given = dict(zip(("name", "node"), call.args, strict=False))
        given |= {keyword.arg: keyword.value for keyword in call.keywords if keyword.arg}
        node = given.get("node")
        if node is None or literal(given.get("name"), source.outline.constants) != name:
            continue
        kind = names.dotted(node.func if isinstance(node, ast.Call) else node, source)
        if isinstance(kind, Class):
            for declared in of_class(kind, names)[0]:
                read = described(declared, names)
                found.append(_override(read, read.name))
    return found


def _of_loaded(source: Source, project: Project) -> CommandLine:
    """Return the keys of the YAML files that a script merges with `OmegaConf.from_cli()`."""
    reading = _Reading(project)
    here = posixpath.dirname(source.path)
    for call in source.calls("load"):
        path = literal(call.args[0], source.outline.constants) if call.args else None
        if isinstance(path, str) and path.endswith(SUFFIXES):
            for candidate in (posixpath.normpath(path), posixpath.normpath(f"{here}/{path}")):
                if candidate in project:
                    reading.settings(candidate, package="")
                    break
    return _line(reading, known=False)


class _Reading:
    def __init__(self, project: Project) -> None:
        self._project = project
        self.root = ""
        self.found: dict[str, Parameter] = {}
        self.is_whole = True

    def file(self, name: str, *, package: str, depth: int) -> None:
        """Read one configuration with its defaults list."""
        path = self._path(name)
        if path is None or depth > DEEPEST:
            self.is_whole = False
            return
        text = self._project.text(path) or ""
        if "@package _global_" in text:
            package = ""
        group = posixpath.dirname(posixpath.relpath(path, self.root or "."))
        for setting in read_settings(text):
            if setting.keys[:1] == ("defaults",):
                self._composed(setting, group, path, package=package, depth=depth)
        self.settings(path, package=package)

    def settings(self, path: str, *, package: str) -> None:
        """Read the keys of one file."""
        for setting in read_settings(self._project.text(path) or ""):
            if setting.keys[0] in {"defaults", "hydra"} or setting.keys[-1].startswith("_"):
                continue
            name = ".".join((*package.split("."), *setting.keys) if package else setting.keys)
            if NAME.fullmatch(name) and len(self.found) < MAX_PARAMETERS:
                read = setting.parameter(source=f"{path}:{setting.line}")
                self.found[name] = _override(read, name)

    def _composed(
        self, setting: Setting, group: str, path: str, *, package: str, depth: int
    ) -> None:
        """Read one line of a defaults list: another file, or a choice in a group."""
        key, choice = setting.choice
        if key == "":
            if choice and choice != "_self_":
                self.file(posixpath.join(group, choice), package=package, depth=depth + 1)
            return
        is_optional = key.startswith("optional ")
        key = key.removeprefix("optional ").strip()
        if key.startswith(("override ", "hydra/", "hydra")) or "@" in key:
            return
        folder = key.lstrip("/") if key.startswith("/") else posixpath.join(group, key)
        options = tuple(self._options(folder))
        if NAME.fullmatch(folder) or "/" in folder:
            self._choice(folder, choice, options, f"{path}:{setting.line}")
        if choice and choice not in {"null", "none"}:
            inner = posixpath.join(folder, choice)
            if self._path(inner) is not None or not is_optional:
                self.file(inner, package=folder.replace("/", "."), depth=depth + 1)

    def _choice(self, group: str, choice: str, options: tuple[str, ...], source: str) -> None:
        name = group.replace("/", ".")
        self.found[name] = Parameter(
            name=name,
            flag=f"{group}=",
            type="str" if options else "",
            default=choice if choice in options else None,
            choices=options if choice in options or not choice else (),
            required=choice == "???",
            confidence=str(Confidence.SURE),
            source=source,
        )

    def _options(self, folder: str) -> Iterator[str]:
        start = posixpath.normpath(posixpath.join(self.root, folder)) + "/"
        for path in self._project.paths:
            rest = path.removeprefix(start)
            if rest != path and "/" not in rest and rest.endswith(SUFFIXES):
                yield rest.rpartition(".")[0]

    def _path(self, name: str) -> str | None:
        bare = name.removesuffix(".yaml").removesuffix(".yml")
        stem = posixpath.normpath(posixpath.join(self.root, bare.lstrip("/")))
        return next((stem + end for end in SUFFIXES if stem + end in self._project), None)


def _override(read: Parameter, name: str) -> Parameter:
    return Parameter(
        **{**read.__dict__, "name": name, "flag": f"{name}=", "positional": False, "action": ""}
    )


def _line(reading: _Reading, *, known: bool) -> CommandLine:
    parameters = tuple(reading.found.values())
    return CommandLine(parameters=parameters, known=known, owners=("",) * len(parameters))
