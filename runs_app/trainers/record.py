"""The record that a trainer of the standard interface left in a run folder.

The trainer writes it into the scratch of its run. A copy in the run folder, made when the run is
collected, is what the portal reads: no later process can change it.
"""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from registry_app.results.file_names import TRAINER_RECORD
from runs_app.runner.folder import RunFolder
from runs_app.runner.outputs.copying import NotKeptError, copy, opened
from runs_app.runner.outputs.sources import ResultFile
from runs_app.runner.own_file import is_own, open_own

MAX_HEADER_BYTES = 2**20


@dataclass(frozen=True, kw_only=True)
class Header:
    """The first line of a record: which class of which files ran, by its own word.

    `kind` is native, lifted or script; `sha256` has the digests of `trainer` and `gf_base`.
    """

    interface: int
    class_name: str
    experiment: str
    kind: str
    steps: tuple[str, ...] = ()
    config: dict[str, Any] = field(default_factory=dict)
    interpreter: str = ""
    sha256: dict[str, str] = field(default_factory=dict)


def keep(folder: RunFolder) -> None:
    """Copy the record of a run that has ended into its folder, if it left one. Repeatable."""
    written = (folder.trainer / TRAINER_RECORD).relative_to(folder.path).as_posix()
    kept = folder.trainer_record
    with suppress(NotKeptError), opened(folder.path, written) as source:
        copy(source, kept, aside=kept.with_name(f"{kept.name}.part"))


def result_files(folder: RunFolder) -> list[ResultFile]:
    """Return the kept record as a file of results, in a list of one; empty without a record."""
    kept = folder.trainer_record
    return [ResultFile(path=TRAINER_RECORD, open=lambda: open_own(kept))] if is_own(kept) else []


def header(folder: RunFolder) -> Header | None:
    """Return the header of the kept record, None if there is none that a trainer can have left."""
    try:
        with open_own(folder.trainer_record) as file:
            row = json.loads(file.readline(MAX_HEADER_BYTES))
    except (OSError, ValueError, RecursionError):
        return None
    if not isinstance(row, dict) or row.get("kind") != "header":
        return None
    files: dict[str, Any] = row["files"] if isinstance(row.get("files"), dict) else {}
    try:
        return Header(
            interface=int(row["interface"]),
            class_name=str(row["class"]),
            experiment=str(row["experiment"]),
            kind=str(row["trainer_kind"]),
            steps=tuple(map(str, row.get("steps") or ())),
            config=dict(row.get("config") or {}),
            interpreter=str(row.get("interpreter", "")),
            sha256={str(name): str(facts["sha256"]) for name, facts in files.items()},
        )
    except (LookupError, TypeError, ValueError):
        return None
