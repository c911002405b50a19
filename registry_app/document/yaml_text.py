"""How plain values are written as YAML, always in the same form."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import yaml

NO_WRAP = 2**31 - 1


class Flow(list[Any]):
    """A list written in one line: [a, b]."""


class Quoted(str):
    """A text always written in double quotes, because it is full of YAML's special characters."""

    __slots__ = ()


class FileDumper(yaml.SafeDumper):
    """Write our two kinds, and texts of several lines as blocks; no aliases."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


FileDumper.add_representer(
    Flow,
    lambda dumper, data: dumper.represent_sequence("tag:yaml.org,2002:seq", data, flow_style=True),
)
FileDumper.add_representer(
    Quoted,
    lambda dumper, data: dumper.represent_scalar("tag:yaml.org,2002:str", str(data), style='"'),
)
FileDumper.add_representer(
    str,
    lambda dumper, data: dumper.represent_scalar(
        "tag:yaml.org,2002:str", data, style="|" if "\n" in data else None
    ),
)


def dump_plain(data: Mapping[str, Any] | list[Any]) -> str:
    """Return plain values as YAML, in the given order."""
    text: str = yaml.dump(
        data, Dumper=FileDumper, allow_unicode=True, sort_keys=False, width=NO_WRAP
    )
    return text


def dump_in_line(value: Any, *, quote: str | None = None) -> str:
    """Return a value as it is written inside brackets, in one line."""
    text: str = yaml.dump(
        [value],
        Dumper=FileDumper,
        default_flow_style=True,
        default_style=quote,
        allow_unicode=True,
        width=NO_WRAP,
    )
    return text.strip("\n")[1:-1]
