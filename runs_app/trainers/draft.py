"""Draft an adapter: a trainer that starts an unmodified script, as deep as its code allows.

- *native*: one function of the script is called
- *lifted*: the lines of its main guard are taken over, see `lifting`
- *script*: the script runs as a process of its own

The rules read the syntax tree; nothing is imported. What could not be lifted is in the head of the
draft, with the lines.
"""

from __future__ import annotations

import ast
import keyword
import posixpath
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from registry_app.arguments.parameters import Parameter
from registry_app.inference.code.project import Project
from registry_app.inference.code.source import PYTHON, SHELL, Source
from registry_app.inference.code.trainer_classes import LIFTED, NATIVE, SCRIPT
from registry_app.inference.parameters.command_line import CommandLine
from registry_app.inference.parameters.fixed_values import fixed_values
from registry_app.inference.purpose.entry_points import does_work
from registry_app.inference.readers.all import read_command_line
from registry_app.messages import MessageError
from runs_app.texts import drafts as texts
from runs_app.trainers.lifting import (
    MODULE,
    NotLiftedError,
    lifted,
    main_guard,
    module_names,
)

MAX_NAMED = 12
WIDTH = 96
EXPORTS = ("*.pt", "*.pth", "*.onnx", "*.h5", "*.keras", "*.npz", "*.safetensors", "*.pkl")
# Libraries that find their configuration by the file that was started.
_BY_FILE = ("hydra",)
_PARSING = frozenset({"parse_args", "parse_known_args", "parse_args_into_dataclasses"})


class DraftError(MessageError):
    """No adapter can be drafted; the message says why, with the line."""


@dataclass(frozen=True, kw_only=True)
class Draft:
    """A drafted adapter: its kind, its text, and what could not be lifted, in English."""

    kind: str
    text: str
    lacks: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class _Plan:
    """How the script is called: the lines of `train`, and the fields of `Config`."""

    kind: str
    how: str
    lines: tuple[str, ...] = ()
    fields: tuple[str, ...] = ()
    lacks: tuple[str, ...] = ()


def draft(project: Project, script: str, *, experiment: str, folder: str = "") -> Draft:
    """Return the adapter of a script of an experiment, which starts in `folder` of its directory.

    Raises DraftError for a kind of file for which there is none, or that cannot be read.
    """
    source = project.source(script)
    if source is None:
        raise DraftError(texts.CANNOT_READ(script=script))
    if not script.lower().endswith((*PYTHON, *SHELL)):
        raise DraftError(texts.NO_ADAPTER_FOR_KIND(script=script))
    plan = _plan(source, project)
    started = posixpath.relpath(script, folder or ".")
    text = _text(plan, source, started, experiment)
    ast.parse(text)
    return Draft(kind=plan.kind, text=text, lacks=plan.lacks)


def _plan(source: Source, project: Project) -> _Plan:
    if not source.path.lower().endswith(PYTHON):
        reason = f"{source.path} is a shell launcher: positional words and variables only"
        return _script((), [reason])
    if source.tree is None:
        problem = "; ".join(str(message) for message in source.warnings)
        reason = f"{source.path} cannot be parsed, so its parameters are unknown: {problem}"
        return _script((), [reason])
    command_line = read_command_line(source, project)
    fields = () if command_line.commands else tuple(_fields(command_line.parameters))
    lacks = list(_hindrances(source, source.tree))
    if command_line.commands:
        lacks.append("its sub-commands are passed as they are given, after the options")
    guard = main_guard(source.tree)
    if guard is None:
        return _script(fields, lacks or ["no main guard starts its work"])
    if any(not lack.startswith("its sub-") for lack in lacks):
        return _script(fields, lacks)
    own = _of_function(source.tree, guard, command_line)
    if own is not None:
        return own
    return _of_guard(source, source.tree, guard, fields, lacks)


def _script(fields: Sequence[str], lacks: Sequence[str]) -> _Plan:
    return _Plan(
        kind=SCRIPT,
        how="the script runs unmodified, as a process of its own",
        fields=tuple(fields),
        lacks=tuple(lacks),
    )


def _hindrances(source: Source, tree: ast.Module) -> Iterator[str]:
    """Yield why a script cannot be imported without starting its work."""
    guard = main_guard(tree)
    for node in tree.body:
        if node is guard:
            continue
        for inner in ast.walk(node):
            if isinstance(inner, ast.Call) and _last(inner.func) in _PARSING and _is_top(node):
                yield f"it reads the command line when it is imported (line {inner.lineno})"
                return
    for node in tree.body:
        if node is not guard and does_work(node):
            yield f"it works when it is imported (line {node.lineno})"
            return
    for name in _BY_FILE:
        if name in source.outline.libraries:
            yield f"{name} finds its configuration by the file that is started"
    if guard is not None and guard.orelse:
        yield f"its main guard has an else (line {guard.orelse[0].lineno})"


def _is_top(node: ast.stmt) -> bool:
    return not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)


def _of_function(tree: ast.Module, guard: ast.If, command_line: CommandLine) -> _Plan | None:
    """Return the plan for a guard that only calls a function with keyword defaults."""
    call = _only_call(guard)
    if call is None or not isinstance(call.func, ast.Name) or command_line.parameters:
        return None
    function = next(
        (
            node
            for node in tree.body
            if isinstance(node, ast.FunctionDef) and node.name == call.func.id
        ),
        None,
    )
    if function is None or function.decorator_list or not _has_only_defaults(function, call):
        return None
    arguments = [*function.args.posonlyargs, *function.args.args, *function.args.kwonlyargs]
    if not arguments or _reads_command_line(function):
        return None
    given = {item.arg: ast.unparse(item.value) for item in call.keywords if item.arg is not None}
    given |= {
        argument.arg: ast.unparse(value)
        for argument, value in zip(arguments, call.args, strict=False)
    }
    pairs = "".join(f"{name!r}: {value}, " for name, value in given.items())
    return _Plan(
        kind=NATIVE,
        how=f"{function.name}() is called with its own defaults, line {function.lineno}",
        lines=(f"return {MODULE}.{function.name}(**{{{pairs}**gf_base.given(self.config)}})",),
        fields=tuple(
            _field(
                argument.arg, _annotated(argument, default), {"help": f"{default} in the script"}
            )
            for argument, default in _with_defaults(function)
            if _is_usable(argument.arg)
        ),
    )


def _has_only_defaults(function: ast.FunctionDef, call: ast.Call) -> bool:
    """Whether a function can be called as the guard does, with literals and keywords alone."""
    arguments = function.args
    if arguments.vararg or arguments.kwarg or arguments.posonlyargs:
        return False
    values = [*call.args, *(item.value for item in call.keywords)]
    is_plain = all(_is_literal(value) for value in values)
    names = {item.arg for item in call.keywords}
    return is_plain and None not in names


def _reads_command_line(function: ast.FunctionDef) -> bool:
    return any(
        (isinstance(node, ast.Attribute) and node.attr in {"argv", *_PARSING})
        for node in ast.walk(function)
    )


def _with_defaults(function: ast.FunctionDef) -> Iterator[tuple[ast.arg, str]]:
    arguments = function.args
    plain = arguments.args
    defaults = [None] * (len(plain) - len(arguments.defaults)) + list(arguments.defaults)
    for argument, default in (
        *zip(plain, defaults, strict=True),
        *zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True),
    ):
        yield argument, ast.unparse(default) if default is not None else "required"


def _annotated(argument: ast.arg, default: str) -> str:
    """Return the type of an argument: as annotated, else that of its default."""
    name = ast.unparse(argument.annotation) if argument.annotation is not None else ""
    if name in {"int", "float", "bool", "str"}:
        return name
    try:
        kind = type(ast.literal_eval(default)).__name__
    except (ValueError, SyntaxError):
        return "str"
    return kind if kind in {"int", "float", "bool"} else "str"


def _of_guard(
    source: Source, tree: ast.Module, guard: ast.If, fields: Sequence[str], lacks: list[str]
) -> _Plan:
    """Return the plan that calls `main()`, or takes over the lines of the guard."""
    call = _only_call(guard)
    names = module_names(tree)
    if call is not None and not call.args and not call.keywords and isinstance(call.func, ast.Name):
        return _Plan(
            kind=NATIVE,
            how=f"{call.func.id}() is called, which reads the command line itself",
            lines=(f"return {MODULE}.{call.func.id}()",),
            fields=tuple(fields),
            lacks=tuple(lacks),
        )
    first, last = guard.body[0].lineno, guard.body[-1].end_lineno or guard.body[-1].lineno
    try:
        lines = lifted(guard, names)
    except NotLiftedError as error:
        reason = f"line {error.line} of its main guard {error.reason}"
        return _script(fields, [*lacks, reason])
    return _Plan(
        kind=LIFTED,
        how=f"lines {first}-{last} of its main guard are taken over",
        lines=tuple(lines),
        fields=tuple(fields),
        lacks=(*lacks, *_why_not_native(source, guard)),
    )


def _why_not_native(source: Source, guard: ast.If) -> Iterator[str]:
    first = guard.body[0].lineno
    yield f"its main guard prepares what is called (line {first})"
    set_there = {
        name.id
        for statement in guard.body
        for name in ast.walk(statement)
        if isinstance(name, ast.Name) and isinstance(name.ctx, ast.Store)
    }
    read: dict[str, int] = {}
    for function in source.nodes(ast.FunctionDef):
        for node in ast.walk(function):
            if not isinstance(node, ast.Name) or not isinstance(node.ctx, ast.Load):
                continue
            if node.id in set_there and node.id not in _own_names(function):
                read[node.id] = min(node.lineno, read.get(node.id, node.lineno))
    for name, line in sorted(read.items())[:MAX_NAMED]:
        yield f"functions read {name}, which only the main guard sets (line {line})"


def _own_names(function: ast.FunctionDef) -> set[str]:
    arguments = function.args
    own = {item.arg for item in (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs)}
    return own | {
        node.id
        for node in ast.walk(function)
        if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load)
    }


def _only_call(guard: ast.If) -> ast.Call | None:
    if len(guard.body) != 1 or not isinstance(guard.body[0], ast.Expr):
        return None
    value = guard.body[0].value
    return value if isinstance(value, ast.Call) else None


def _is_literal(node: ast.expr) -> bool:
    try:
        ast.literal_eval(node)
    except (ValueError, TypeError, SyntaxError, RecursionError):
        return False
    return True


def _last(node: ast.expr) -> str:
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""


# The fields of Config


def _fields(parameters: Sequence[Parameter]) -> Iterator[str]:
    """Yield a field for each parameter; None leaves an option out."""
    seen: set[str] = set()
    for parameter in sorted(parameters, key=lambda row: row.positional):
        name = re.sub(r"\W", "_", parameter.name.lstrip("-"))
        if not _is_usable(name) or name in seen or parameter.action in {"count", "append_const"}:
            continue  # passed as it is given
        seen.add(name)
        yield _field(name, _kind(parameter), _metadata(parameter))


def _is_usable(name: str) -> bool:
    is_plain = name.isidentifier() and not keyword.iskeyword(name)
    return is_plain and not name.startswith(("gf_", "_")) and name not in {"help", "h"}


def _kind(parameter: Parameter) -> str:
    if parameter.is_switch:
        return "bool"
    plain = parameter.type if parameter.type in {"int", "float"} else "str"
    return f"list[{plain}]" if _is_several(parameter) else plain


def _is_several(parameter: Parameter) -> bool:
    nargs = parameter.nargs
    is_number = isinstance(nargs, int) or str(nargs or "").isdigit()
    return parameter.action in {"append", "extend"} or nargs in {"*", "+"} or is_number


def _metadata(parameter: Parameter) -> dict[str, Any]:
    about: dict[str, Any] = {}
    if parameter.positional:
        about["positional"] = True
    elif parameter.action == "store_false":
        about["off"] = parameter.flag
    elif parameter.flag:
        about["flag"] = parameter.flag
    if parameter.is_switch and parameter.action != "store_false":
        about["switch"] = True
    if parameter.action == "boolean_optional":
        about["off"] = "--no-" + parameter.flag.lstrip("-")
    if parameter.nargs is not None and not parameter.is_switch:
        about["nargs"] = parameter.nargs
    if parameter.action == "append":
        about["each"] = True
    if parameter.secret or parameter.is_secret:
        about["secret"] = True
        return about
    default = parameter.default_expr or parameter.default
    if default is not None and default != "":
        about["help"] = f"{default!r} in the script"[:80]
    return about


def _field(name: str, kind: str, about: dict[str, Any]) -> str:
    metadata = f", metadata={about!r}" if about else ""
    return f"{name}: {kind} = dataclasses.field(default=None{metadata})"


# The text


def _text(plan: _Plan, source: Source, script: str, experiment: str) -> str:
    base = "ScriptTrainer" if plan.kind == SCRIPT else "BaseTrainer"
    lines = [
        f'"""{_safe(_head(plan, source, script, experiment))}"""',
        "",
        "from __future__ import annotations",
        "",
        "import dataclasses",
        "import os",
        "import sys",
        "",
        "sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))",
        "import gf_base  # noqa: E402",
        "",
        f"SCRIPT = {script!r}",
        "",
        "",
        f"class {_class_name(experiment)}(gf_base.{base}):",
        f"    experiment = {experiment!r}",
        f"    kind = {plan.kind!r}",
        "    takes_more = True",
        f"    exports = {EXPORTS!r}",
    ]
    if plan.kind == SCRIPT:
        lines.append("    script = SCRIPT")
    if plan.fields:
        lines += ["", "    @dataclasses.dataclass", "    class Config:"]
        lines += ['        """Options of the script; None leaves one out, so its default holds."""']
        lines += ["", *(f"        {field}" for field in plan.fields)]
    if plan.kind != SCRIPT:
        lines += [
            "",
            "    def train(self):",
            f"        {MODULE} = gf_base.load(SCRIPT)",
            "        words = gf_base.words_of(self.config) + self.more",
            "        with gf_base.as_main_arguments(SCRIPT, words):",
            *(f"            {line}" for line in plan.lines),
        ]
    lines += ["", "", 'if __name__ == "__main__":']
    lines += [f"    raise SystemExit({_class_name(experiment)}.main())", ""]
    return "\n".join(lines)


def _head(plan: _Plan, source: Source, script: str, experiment: str) -> str:
    """Return the docstring of a draft: its kind, what it lacks, and what stays in the script."""
    lines = [
        f"Adapter of {script} of {experiment} to the standard interface: {plan.kind}.",
        "",
        f"The script is unchanged; {plan.how}.",
        "Start it in the folder in which the script starts.",
    ]
    if plan.lacks:
        lines += ["", "Not lifted, because" if plan.kind == SCRIPT else "Not deeper, because"]
        lines += [f"- {lack}" for lack in plan.lacks]
    constants = fixed_values(source)
    if constants:
        lines += ["", "Values in the script itself are not carried over:"]
        lines += [
            f"- {value.name} (line {value.source.rpartition(':')[2]})"
            for value in constants[:MAX_NAMED]
        ]
        if len(constants) > MAX_NAMED:
            lines.append(f"- and {len(constants) - MAX_NAMED} more")
    return "\n".join([*lines, ""])


def _safe(text: str) -> str:
    """Return a text that ends no docstring and escapes nothing."""
    shown = "".join(sign if sign.isprintable() or sign == "\n" else "?" for sign in text)
    return shown.replace("\\", "/").replace('"""', "'''")


def _class_name(experiment: str) -> str:
    words = re.findall(r"[A-Za-z0-9]+", experiment)
    name = "".join(word[:1].upper() + word[1:] for word in words) or "Experiment"
    return f"{name}Trainer" if not name[0].isdigit() else f"Of{name}Trainer"
