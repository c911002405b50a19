"""YAML with line numbers, and without YAML's dangerous features.

Only plain data is read: no tags that create objects, no anchors (a few lines can expand to
gigabytes), no duplicate keys. The text is composed to nodes, which have line numbers, and PyYAML's
safe constructor turns the nodes into values.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import yaml

from registry_app.exceptions import Problem, RegistryFileError
from registry_app.messages import Message
from registry_app.texts import problems as texts

# The C loader is ten times as fast; wheels of PyYAML include it.
LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
MAX_BYTES = 5 * 2**20
MAX_DEPTH = 20
_SCALARS = frozenset(
    f"tag:yaml.org,2002:{name}" for name in ("str", "int", "float", "bool", "null")
)
_COLLECTIONS = frozenset({"tag:yaml.org,2002:map", "tag:yaml.org,2002:seq"})


@dataclass(frozen=True, kw_only=True)
class Value:
    """A scalar as a Python value, with its line."""

    line: int
    value: str | int | float | bool | None


@dataclass(frozen=True, kw_only=True)
class Items:
    """A list."""

    line: int
    items: tuple[Node, ...]


@dataclass(frozen=True, kw_only=True)
class Mapping:
    """A mapping; `keys` gives the line of each key."""

    line: int
    entries: dict[str, Node]
    keys: dict[str, int]


Node = Value | Items | Mapping


def read(data: bytes) -> Node | None:
    """Return the document in `data`, None if it is empty.

    Raises RegistryFileError with every problem that prevents reading it.
    """
    if len(data) > MAX_BYTES:
        raise _refused(texts.TOO_LARGE(most=MAX_BYTES // 2**20))
    root = _compose(_text(data))
    if root is None:
        return None
    reader = _Reader()
    node = reader.read(root)
    if reader.problems:
        raise RegistryFileError(sorted(reader.problems, key=lambda problem: problem.line or 0))
    return node


def plain(node: Node) -> Any:
    """Return the data of a node without its lines."""
    match node:
        case Value(value=value):
            return value
        case Items(items=items):
            return [plain(item) for item in items]
        case Mapping(entries=entries):
            return {key: plain(entry) for key, entry in entries.items()}


def _text(data: bytes) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise _refused(texts.NOT_UTF8(), line) from error


def _compose(text: str) -> yaml.Node | None:
    if unreadable := yaml.reader.Reader.NON_PRINTABLE.search(text):
        line = text.count("\n", 0, unreadable.start()) + 1
        raise _refused(texts.CONTROL_IN_FILE(), line)
    loader = LOADER(text)
    try:
        for token in _Tokens(text):
            if isinstance(token, yaml.AnchorToken | yaml.AliasToken):
                raise _refused(texts.ANCHOR(), token.start_mark.line + 1)
        node: yaml.Node | None = loader.get_single_node()
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        problem = " ".join(filter(None, (error.context, error.problem)))
        message = texts.NOT_YAML(problem=problem)
        raise _refused(message, mark.line + 1 if mark else None) from error
    except yaml.YAMLError as error:
        raise _refused(texts.NOT_YAML(problem=str(error))) from error
    except RecursionError as error:
        raise _too_deep() from error
    finally:
        loader.dispose()
    return node


class _Tokens:
    """Yield the tokens of a text; too deep a nesting ends them."""

    def __init__(self, text: str) -> None:
        self._text = text

    def __iter__(self) -> Any:
        depth = 0
        for token in yaml.scan(self._text, Loader=LOADER):
            if isinstance(
                token,
                yaml.FlowMappingStartToken
                | yaml.FlowSequenceStartToken
                | yaml.BlockMappingStartToken
                | yaml.BlockSequenceStartToken,
            ):
                depth += 1
            elif isinstance(
                token, yaml.FlowMappingEndToken | yaml.FlowSequenceEndToken | yaml.BlockEndToken
            ):
                depth -= 1
            if depth > MAX_DEPTH:
                raise _too_deep(token.start_mark.line + 1)
            yield token


class _Reader:
    """Convert PyYAML's nodes to ours, and collect every problem."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []

    def read(self, node: yaml.Node) -> Node:
        line = node.start_mark.line + 1
        if isinstance(node, yaml.CollectionNode) and node.tag not in _COLLECTIONS:
            self._report(texts.TAG(tag=node.tag), line)
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node, line)
        if isinstance(node, yaml.SequenceNode):
            items = tuple(self.read(item) for item in node.value)
            return Items(line=line, items=items)
        return Value(line=line, value=self._scalar(node, line))

    def _mapping(self, node: yaml.MappingNode, line: int) -> Mapping:
        entries: dict[str, Node] = {}
        keys: dict[str, int] = {}
        for key_node, value_node in node.value:
            key_line = key_node.start_mark.line + 1
            if not isinstance(key_node, yaml.ScalarNode):
                self._report(texts.NO_KEY(), key_line)
                continue
            key = str(key_node.value)
            if key in keys:
                self._report(texts.DUPLICATE_KEY(key=key, line=keys[key]), key_line)
                continue
            keys[key] = key_line
            entries[key] = self.read(value_node)
        return Mapping(line=line, entries=entries, keys=keys)

    def _scalar(self, node: yaml.Node, line: int) -> Any:
        if node.tag == "tag:yaml.org,2002:timestamp":
            return str(node.value)
        if node.tag not in _SCALARS:
            self._report(texts.TAG(tag=node.tag), line)
            return ""
        if node.tag == "tag:yaml.org,2002:str":
            return node.value
        constructor = yaml.constructor.SafeConstructor()
        try:
            value = constructor.construct_object(node)
        except (ValueError, LookupError, yaml.YAMLError):
            pass
        else:
            # JSON has no infinite numbers or NaN, and the database stores lists as JSON.
            if not isinstance(value, float) or math.isfinite(value):
                return value
        self._report(texts.UNREADABLE(text=str(node.value)), line)
        return ""

    def _report(self, message: Message, line: int) -> None:
        self.problems.append(Problem(message=message, line=line))


def _refused(message: Message, line: int | None = None) -> RegistryFileError:
    return RegistryFileError([Problem(message=message, line=line)])


def _too_deep(line: int | None = None) -> RegistryFileError:
    return _refused(texts.TOO_DEEP(), line)
