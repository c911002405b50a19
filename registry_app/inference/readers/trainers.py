"""Read the command line of a trainer of the standard interface: the fields of its `Config`."""

from __future__ import annotations

import ast
import dataclasses

from registry_app.inference.code.project import Project
from registry_app.inference.code.source import Source
from registry_app.inference.code.trainer_classes import trainer_nodes
from registry_app.inference.parameters.command_line import CommandLine, literal
from registry_app.inference.parameters.objects import Class, Names
from registry_app.inference.parameters.signatures import Declared, described, of_class

CONFIG = "Config"


def read_trainer(source: Source, project: Project) -> CommandLine:
    """Return the command line of the first trainer class of a script, unknown without one."""
    for node, _experiment, _kind in trainer_nodes(source.tree):
        config = next(
            (
                inner
                for inner in node.body
                if isinstance(inner, ast.ClassDef) and inner.name == CONFIG
            ),
            None,
        )
        if config is None:
            return CommandLine(known=True)
        names = Names(project)
        fields, is_whole = of_class(Class(source=source, node=config), names)
        parameters = []
        for field in fields:
            read = described(field, names)
            about = _metadata(field)
            if about.get("positional") is True:
                parameters.append(dataclasses.replace(read, flag="", positional=True))
                continue
            flag = str(about.get("flag") or f"--{field.name}")
            if read.type == "bool" and read.nargs is None:
                switch = dataclasses.replace(read, flag=flag, type="")
                parameters.append(dataclasses.replace(switch, action="boolean_optional"))
            else:
                parameters.append(dataclasses.replace(read, flag=flag))
        return CommandLine(
            parameters=tuple(parameters), known=is_whole, owners=("",) * len(parameters)
        )
    return CommandLine()


def _metadata(field: Declared) -> dict[str, object]:
    """Return what `field(metadata={…})` says in literals."""
    for keyword in field.call.keywords if field.call is not None else ():
        if keyword.arg == "metadata":
            found = literal(keyword.value, {})
            return found if isinstance(found, dict) else {}
    return {}
