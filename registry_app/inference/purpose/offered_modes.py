"""Find the types that a script offers as a choice: `--mode train|test`, sub-commands, switches."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from registry_app.inference.code.source import Source
from registry_app.inference.purpose.script_names import QUANT, type_of_function
from registry_app.kinds import KIND_OF, EntryPointType

# A switch with this prefix turns something off.
_LEAVING = re.compile(r"(?:no|not|skip|without|disable)[-_]")
# Words of a switch before what the work is done with.
_MEANS = frozenset({"use", "using", "with"})
# Words of an option whose choice is of data or of pictures, whatever the values are called.
_OF_OTHERS = frozenset(
    "split splits set subset dataset data fold visualize visualization plot log loss metric".split()
)
# Variables that select a script's mode.
MODES = frozenset("mode phase task action command cmd stage run_mode opt_mode subcommand".split())


def names_no_mode(switch: str) -> bool:
    """Whether a switch leaves something out (`no_train`) or names means (`use_train_size`)."""
    words = switch.strip("-").lower().replace("-", "_").split("_")
    return _LEAVING.match(switch) is not None or not _MEANS.isdisjoint(words)


def offered_modes(source: Source, first: EntryPointType) -> list[EntryPointType]:
    """Return the types that a script offers as a choice: `--mode train|test`, sub-commands.

    A switch adds no type that the first one implies: `--infer` of an export tries the result.
    """
    kinds: dict[EntryPointType, None] = {}
    for word, is_switch in _mode_words(source):
        kind = None if names_no_mode(word) else type_of_function(word)
        if kind is not None and not (
            is_switch and kind in KIND_OF[first].implies and first is QUANT
        ):
            kinds[kind] = None
    return list(kinds)


def _mode_words(source: Source) -> Iterator[tuple[str, bool]]:
    """Yield each word that may choose what a script does, and whether it is a switch."""
    for call in source.calls("add_argument"):
        if _is_switch(call):
            yield from ((word, True) for word in _words(call.args[:1]))
    yield from ((word, False) for word in _chosen_words(source))


def _is_switch(call: ast.Call) -> bool:
    return any(
        keyword.arg == "action" and getattr(keyword.value, "value", "") == "store_true"
        for keyword in call.keywords
    )


def _chosen_words(source: Source) -> Iterator[str]:
    for call in source.calls("add_argument", "add_parser"):
        if any(_OF_OTHERS & {*re.split(r"[-_]+", word.lower())} for word in _words(call.args)):
            continue
        nodes = [
            item
            for keyword in call.keywords
            if keyword.arg == "choices" and isinstance(keyword.value, ast.List | ast.Tuple)
            for item in keyword.value.elts
        ]
        if isinstance(call.func, ast.Attribute) and call.func.attr == "add_parser":
            nodes += call.args[:1]
        yield from _words(nodes)
    for call in source.calls("Choice"):  # `click.Choice(["train", "predict"])`
        if call.args and isinstance(call.args[0], ast.List | ast.Tuple):
            yield from _words(call.args[0].elts)
    commands = _decorated_commands(source)
    yield from commands if len(commands) > 1 else ()
    for call in source.calls("Fire"):  # `fire.Fire({"train": train, "predict": predict})`
        if call.args and isinstance(call.args[0], ast.Dict):
            yield from _words([key for key in call.args[0].keys if key is not None])
    for compare in source.nodes(ast.Compare):
        left = compare.left
        name = left.attr if isinstance(left, ast.Attribute) else getattr(left, "id", "")
        if name in MODES:
            yield from _words(compare.comparators)


def _decorated_commands(source: Source) -> list[str]:
    """Return the functions that click or typer turn into sub-commands: `@app.command()`."""
    functions: list[ast.FunctionDef | ast.AsyncFunctionDef] = [
        *source.nodes(ast.FunctionDef),
        *source.nodes(ast.AsyncFunctionDef),
    ]
    return [
        node.name
        for node in functions
        for decorator in node.decorator_list
        if isinstance(decorator, ast.Call)
        and isinstance(decorator.func, ast.Attribute)
        and decorator.func.attr == "command"
    ]


def _words(nodes: list[ast.expr]) -> Iterator[str]:
    for node in nodes:
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value.lstrip("-")
