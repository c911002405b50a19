"""Read the command line of `LightningCLI`: its sub-commands, and what model and data take.

Every sub-command takes a configuration file, the arguments of the model as `--model.width`, and
those of the data as `--data.batch_size`. Further ones (`--trainer.max_epochs`) are not listed, so
the command line counts as not wholly known.
"""

from __future__ import annotations

import ast
import dataclasses
from collections.abc import Iterator, Sequence

from registry_app.arguments.parameters import Parameter
from registry_app.inference.code.project import Project
from registry_app.inference.code.source import Source
from registry_app.inference.parameters.command_line import CommandLine
from registry_app.inference.parameters.objects import Class, Names
from registry_app.inference.parameters.signatures import described, of_function

CLI = "LightningCLI"
COMMANDS = ("fit", "validate", "test", "predict")
_PREDICT = "predict"
_PREDICTING = ("predict_dataloader", "predict_step")
# The base that gives no pictures to predict.
_DATA = "LightningDataModule"
_LIBRARIES = frozenset({"lightning", "pytorch_lightning"})
# The places of model and data in the call, with their keywords and their prefixes.
_PARTS = (("model_class", "model"), ("datamodule_class", "data"))


def read_lightning(source: Source, project: Project) -> CommandLine:
    """Return the command line of a `LightningCLI`, or of a subclass of it in the same file."""
    if not source.outline.libraries & _LIBRARIES:
        return CommandLine()
    own = [
        node.name
        for node in source.nodes(ast.ClassDef)
        if any(_last(base) == CLI for base in node.bases)
    ]
    call = next(iter(source.calls(CLI, *own)), None)
    if call is None:
        return CommandLine()
    names = Names(project)
    parts = dict(_parts(call, source, names))
    parameters = (_config(source, call), *_of_parts(parts, names))
    commands = tuple(name for name in COMMANDS if name != _PREDICT or _may_predict(parts, names))
    commands = () if _only_reads(call) else commands
    owners = commands or ("",)
    return CommandLine(
        parameters=parameters * len(owners),
        commands=commands,
        owners=tuple(owner for owner in owners for _parameter in parameters),
        # A configuration file sets what is not given.
        withheld=tuple((owner, parameter.name) for owner in owners for parameter in parameters),
        needs_command=bool(commands),
    )


def _config(source: Source, call: ast.Call) -> Parameter:
    return Parameter(
        name="config", flag="--config", type="Path", source=f"{source.path}:{call.lineno}"
    )


def _parts(call: ast.Call, source: Source, names: Names) -> Iterator[tuple[str, Class | None]]:
    """Yield the prefix of model and data, if given, and the class of the directory, if found."""
    given = {keyword.arg: keyword.value for keyword in call.keywords}
    for place, (keyword, prefix) in enumerate(_PARTS):
        node = call.args[place] if place < len(call.args) else given.get(keyword)
        if node is not None:
            found = names.dotted(node, source)
            yield prefix, found if isinstance(found, Class) else None


def _may_predict(parts: dict[str, Class | None], names: Names) -> bool:
    """Whether pictures for `predict` may come from anywhere.

    A model or a data module that brings the data of its training itself, and none to predict,
    cannot.
    """
    if (data := parts.get("data")) is not None:
        is_whole = all(
            isinstance(base, Class) or _last_word(base.name) == _DATA
            for base in names.line_of(data)
        )
        owners = [found for found in parts.values() if found is not None]
        return not is_whole or _brings(owners, names)
    if set(parts) != {"model"} or (model := parts["model"]) is None:
        return True
    brings = names.method(model, "train_dataloader") is not None
    return not brings or _brings([model], names)


def _brings(owners: Sequence[Class], names: Names) -> bool:
    """Whether a class of model or data has a method of its own for `predict`."""
    return any(
        names.method(owner, method) is not None for owner in owners for method in _PREDICTING
    )


def _last_word(name: str) -> str:
    return name.rpartition(".")[2]


def _of_parts(parts: dict[str, Class | None], names: Names) -> Iterator[Parameter]:
    for prefix, found in parts.items():
        if found is None:
            continue
        start = names.method(found, "__init__")
        for field in of_function(start.node, start.source) if start is not None else ():
            read = described(field, names)
            name = f"{prefix}.{field.name}"
            # A configuration file may give it, so that the command line need not.
            yield dataclasses.replace(
                read, name=name, flag=f"--{name}", nargs=None, positional=False, required=False
            )


def _only_reads(call: ast.Call) -> bool:
    """Whether the call only reads the command line: `LightningCLI(..., run=False)`."""
    return any(
        keyword.arg == "run"
        and isinstance(keyword.value, ast.Constant)
        and keyword.value.value is False
        for keyword in call.keywords
    )


def _last(node: ast.expr) -> str:
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""
