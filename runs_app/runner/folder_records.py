"""The records of a run folder: JSON files as frozen dataclasses, read with suspicion.

The script can write here too: a file that its writer cannot have written, or one of a newer format
than ours, counts as missing rather than being misread.
"""

from __future__ import annotations

import json
import os
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, Self, TypeVar, get_type_hints

from runs_app.runner.exceptions import FolderError
from runs_app.runner.own_file import read_own
from runs_app.texts import folders as texts

FORMAT = 1
MAX_STATUS = 255
# 31 December 9999, the last day that a date can represent.
MAX_TIME_S = 253_402_214_400
MAX_NUMBER = 2**53


class Record:
    """A file of the folder as a frozen dataclass; unknown keys are ignored."""

    @classmethod
    def from_json(cls, row: dict[str, Any]) -> Self:
        kinds = get_type_hints(cls)
        names = [field.name for field in fields(cls)]  # type: ignore[arg-type]
        known = {name: row[name] for name in names if name in row}
        for name, value in known.items():
            if not _fits(value, kinds[name]):
                raise TypeError(f"{name} is not {kinds[name]}")
            if isinstance(value, int | float) and not 0 <= value <= _largest(name):
                raise TypeError(f"{name} cannot be {value}")
        return cls(**known)


def _fits(value: object, kind: Any) -> bool:
    """Return whether a value read from JSON has the annotated type of its field."""
    if kind == dict[str, Any]:
        return isinstance(value, dict)
    if kind == tuple[str, ...]:
        return isinstance(value, list) and all(isinstance(word, str) for word in value)
    if isinstance(value, bool):  # in Python a bool is an int
        return kind is bool
    # JSON may contain a whole number of seconds without a decimal point.
    return isinstance(value, kind) or (isinstance(value, int) and isinstance(0.0, kind))


def _largest(name: str) -> float:
    """Return the largest value that a number in a record can have."""
    if name in {"exit_code", "signal"}:
        return MAX_STATUS
    return MAX_TIME_S if name.endswith("_at") else MAX_NUMBER


@dataclass(frozen=True, kw_only=True)
class Spec(Record):
    """What the supervisor must start; `run` is the run's uuid, `token` names this launch of it.

    `grace_s` is the time between interrupt, terminate and kill. No `timeout_s` or no
    `log_limit_bytes` (of both outputs together) means no limit. With `background`, processes that
    the script leaves behind continue after its normal end. `umask` defaults to the supervisor's.
    `before` are words that go before `argv`: a program that prepares the environment and becomes
    the command. `secrets` is the file with the words of `argv` that are masked here,
    `{"format": 1, "words": {PLACE: WORD}}`. `fence` describes what the script has no access to, as
    `isolation.fence.restrict` takes it; empty for no fence. With `run_as` another Linux user runs
    the script. Its helper listens on `scripts_socket` (else sudo starts it) and first creates the
    folder `scratch_folder`; the files `inputs`, named in `argv`, are copied into it.
    `directory_lock` is the lock on the experiment directory `directory`: `exclusive`, `shared`, or
    `shared_later` (as soon as it is free: another run of this portal has it). After the end it is
    kept until the run is collected, for `keep_lock_s` if no process does so: where no worker is.
    `unchanged` maps paths to the state, as `guards.unchanged` writes it, that they must have then.
    """

    run: str
    token: str
    argv: tuple[str, ...]
    cwd: str
    timeout_s: int | None = None
    grace_s: int = 10
    log_limit_bytes: int | None = None
    background: bool = False
    umask: int | None = None
    notify_socket: str | None = None
    secrets: str | None = None
    fence: dict[str, Any] = field(default_factory=dict)
    run_as: str = ""
    run_as_uid: int | None = None
    scripts_socket: str = ""
    scratch_folder: str = ""
    inputs: tuple[str, ...] = ()
    before: tuple[str, ...] = ()
    directory: str = ""
    directory_lock: str = ""
    keep_lock_s: float = 60.0
    unchanged: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        object.__setattr__(self, "argv", tuple(self.argv))
        object.__setattr__(self, "before", tuple(self.before))
        object.__setattr__(self, "inputs", tuple(self.inputs))


@dataclass(frozen=True, kw_only=True)
class Started(Record):
    """Written when the script is running; `started_at` in seconds since 1970.

    `cgroup` is the control group of the script, '' if it has none of its own.
    `isolation` is what `isolation.fence.restrict` reported, empty if no fence was requested.
    `directory_refused` says why the experiment directory could not be locked. `directory_id` is
    its device and inode, `DEVICE:INODE`, '' if not known.
    """

    token: str
    pid: int
    start_ticks: int
    script_pid: int
    boot_id: str
    started_at: float
    cgroup: str = ""
    isolation: dict[str, Any] = field(default_factory=dict)
    directory_refused: str = ""
    directory_id: str = ""


@dataclass(frozen=True, kw_only=True)
class Claim(Record):
    """The supervisor that claimed the folder; a folder closed by `RunFolder.fence` has none."""

    pid: int = 0
    start_ticks: int = 0
    boot_id: str = ""


@dataclass(frozen=True, kw_only=True)
class ExitRecord(Record):
    """How a run ended.

    `why` is exited, signalled, cancelled, ended_by_script (it signalled its supervisor), timed_out,
    log_limit or launch_failed. `exit_code` is what a shell shows, 128 + signal for a script that
    was killed. Times in seconds since 1970;
    `started_at` is None if the script never ran. `stragglers` counts the processes that the
    script left behind; with `background` they continue, else they were ended. `left` names some of
    them: the program, and the script of the directory that it runs. `oom_kills` counts the
    processes that the OOM killer ended meanwhile. `replaced`: a file with the name of this record
    existed before, which only the script can have created. `stdout_cut_bytes` and
    `stderr_cut_bytes` are what the script removed at least from its own logs, by truncating them;
    `log_may_be_cut`: it truncated one, and whether there was anything in it is not known.
    `directory_shared`: another run, of this or another portal, had the lock on the directory
    meanwhile.
    `lock_keeper` is the process that keeps the lock on the directory until the run is collected, 0
    if none does.
    """

    why: str
    exit_code: int
    finished_at: float
    token: str = ""
    signal: int | None = None
    started_at: float | None = None
    stdout_bytes: int = 0
    stderr_bytes: int = 0
    stragglers: int = 0
    background: bool = False
    left: tuple[str, ...] = ()
    oom_kills: int = 0
    error: str = ""
    replaced: bool = False
    stdout_cut_bytes: int = 0
    stderr_cut_bytes: int = 0
    log_may_be_cut: bool = False
    directory_shared: bool = False
    lock_keeper: int = 0
    lock_keeper_start_ticks: int = 0

    def __post_init__(self) -> None:
        object.__setattr__(self, "left", tuple(self.left))


R = TypeVar("R", bound=Record)


def made_or_none(kind: type[R], path: Path) -> R | None:
    """Return a record, None if there is none that its writer can have written."""
    try:
        row = read(path)
        return None if row is None else made(kind, row, path)
    except FolderError:
        return None


def read(path: Path) -> dict[str, Any] | None:
    """Return the JSON object in a file, None if there is no file; raises FolderError."""
    try:
        row = json.loads(read_own(path))
    except FileNotFoundError:
        return None
    except (OSError, ValueError, RecursionError) as error:
        raise FolderError(texts.FILE_NOT_READ(path=path, error=str(error))) from error
    if not isinstance(row, dict) or row.get("format", FORMAT) != FORMAT:
        raise FolderError(texts.FILE_OF_OTHER_VERSION(path=path))
    return row


def made(kind: type[R], row: dict[str, Any], path: Path) -> R:
    try:
        return kind.from_json(row)
    except TypeError as error:
        raise FolderError(texts.FILE_NOT_WHOLE(path=path, error=str(error))) from error


def write(path: Path, row: dict[str, Any]) -> None:
    aside = path.with_name(f"{path.name}.tmp")
    descriptor = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        json.dump(row, file, ensure_ascii=False)
        file.flush()
        os.fsync(descriptor)
    os.replace(aside, path)
