"""Keep an MLproject true: edits in place, and entry points of a user stay as they are."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from portal.core.entry_points import entry_points
from portal.core.run_command import run_command
from registry_app.document import yaml_nodes
from registry_app.document.spans.edits import differences
from registry_app.document.spans.rewrite import Refusal, content_of, rewrite
from registry_app.exceptions import Problem, RegistryFileError
from registry_app.texts.core import NO_ENTRY_MAPPING

_SECTION = "entry_points"


@dataclass(frozen=True, kw_only=True)
class Exported:
    """An MLproject after an export into it.

    `left` are entry points of the registry whose names a user has given to commands of their own;
    they stay. `refusals` are edits that cannot be made without touching something else.
    """

    data: bytes
    left: tuple[str, ...] = ()
    refusals: tuple[Refusal, ...] = ()


def exported_into(data: bytes) -> Exported:
    """Return the MLproject `data` with the entry points of the registry; raises RegistryFileError.

    An entry point belongs to the portal if it is named like the experiment and the type that its
    command runs. Of these, those that the registry does not have are removed.
    """
    content = content_of(data)
    there = content.get(_SECTION) or {}
    if not isinstance(there, dict):
        raise RegistryFileError([Problem(message=NO_ENTRY_MAPPING(), line=_line_of(data))])
    wanted = entry_points()
    own = {name for name, entry in there.items() if _is_portals(name, entry)}
    left = tuple(sorted(name for name in wanted if name in there and name not in own))
    kept = {name: entry for name, entry in there.items() if name not in own or name in wanted}
    entries = kept | {name: entry for name, entry in wanted.items() if name not in left}
    edits = differences(content, {**content, _SECTION: entries})
    after = rewrite(data, content, edits)
    return Exported(data=after.data, left=left, refusals=after.refusals)


def _is_portals(name: str, entry: Any) -> bool:
    command = entry.get("command") if isinstance(entry, Mapping) else None
    runs = run_command(command) if isinstance(command, str) else None
    return runs is not None and runs.entry_point == name


def _line_of(data: bytes) -> int | None:
    node = yaml_nodes.read(data)
    return node.keys.get(_SECTION) if isinstance(node, yaml_nodes.Mapping) else None
