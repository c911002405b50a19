"""The keys and values of a YAML file, each with its line."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import yaml

from registry_app.arguments.parameters import Parameter
from registry_app.words import Confidence

MAX_TEXT_LENGTH = 512 * 1024
DEEPEST = 8
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
# YAML 1.1 reads `1e-3` as a string; the programs that read such files do not.
_FLOAT = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")


@dataclass(frozen=True, kw_only=True)
class Setting:
    """One value; `keys` is its path from the top of the file, `line` the line of its key."""

    keys: tuple[str, ...]
    value: Any
    line: int

    @property
    def choice(self) -> tuple[str, str]:
        """The value as a line of Hydra's list of defaults: a group or '', and a name."""
        if isinstance(self.value, tuple):
            return self.value
        return "", "" if self.value is None else str(self.value)

    def parameter(self, *, source: str) -> Parameter:
        """Return the value as a parameter with this default; `???` means required."""
        value = self.value
        is_missing = value == "???"
        is_computed = isinstance(value, str) and "${" in value
        first = value[0] if isinstance(value, list) and value else value
        return Parameter(
            name=".".join(self.keys),
            type=_type(None if is_missing or is_computed else first),
            nargs="*" if isinstance(value, list) else None,
            default=None if is_missing or is_computed else value,
            default_expr=value if is_computed else "",
            required=is_missing,
            confidence=str(Confidence.SURE),
            source=source,
        )


def read_settings(text: str) -> list[Setting]:
    """Return the values of a file in its order, none if it is not a readable mapping.

    A list of scalars is one value. The lines of a list named `defaults` at the top are one
    setting each.
    """
    if len(text) > MAX_TEXT_LENGTH:
        return []
    try:
        root = yaml.compose(text, Loader=_LOADER)
    except (yaml.YAMLError, ValueError, RecursionError):
        return []
    if not isinstance(root, yaml.MappingNode):
        return []
    return list(_settings(root, ()))


def _settings(node: yaml.MappingNode, above: tuple[str, ...]) -> Iterator[Setting]:
    for key, value in node.value:
        if not isinstance(key, yaml.ScalarNode):
            continue
        keys, line = (*above, key.value), key.start_mark.line + 1
        if isinstance(value, yaml.MappingNode):
            if len(keys) < DEEPEST:
                yield from _settings(value, keys)
        elif keys == ("defaults",) and isinstance(value, yaml.SequenceNode):
            yield from _choices(value)
        elif isinstance(value, yaml.SequenceNode):
            items = [_scalar(item) for item in value.value if isinstance(item, yaml.ScalarNode)]
            if len(items) == len(value.value):
                yield Setting(keys=keys, value=items, line=line)
        else:
            yield Setting(keys=keys, value=_scalar(value), line=line)


def _choices(node: yaml.SequenceNode) -> Iterator[Setting]:
    for item in node.value:
        line = item.start_mark.line + 1
        if isinstance(item, yaml.ScalarNode):
            yield Setting(keys=("defaults",), value=item.value, line=line)
        elif isinstance(item, yaml.MappingNode) and item.value:
            key, value = item.value[0]
            name = value.value if isinstance(value, yaml.ScalarNode) else ""
            name = "" if name in {"null", "~"} else name
            yield Setting(keys=("defaults",), value=(key.value, name), line=line)


def _scalar(node: yaml.Node) -> Any:
    if not isinstance(node, yaml.ScalarNode):
        return None
    if node.style in {"'", '"', "|", ">"}:
        return node.value
    if node.tag.endswith(":str"):
        return float(node.value) if _FLOAT.fullmatch(node.value) else node.value
    try:
        value = yaml.safe_load(node.value)
    except (yaml.YAMLError, ValueError):
        return node.value
    return value if isinstance(value, str | int | float | bool) or value is None else node.value


def _type(value: Any) -> str:
    """Return the type of a value. Numbers have none: for a 1, a run may also pass 0.5 or null."""
    if isinstance(value, bool):
        return "bool"
    return "str" if isinstance(value, str) else ""
