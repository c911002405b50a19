"""The run folder: everything that is known of one run, for whoever comes later.

docs/run-folder.md describes the files. They are written aside and renamed, so that each is there
whole or not at all. The script can write here too: a file that its writer cannot have written, or
one of a newer format than ours, counts as not there rather than being misread.
"""

from __future__ import annotations

import fcntl
import json
import os
from contextlib import suppress
from dataclasses import asdict, dataclass, field, fields
from enum import StrEnum
from pathlib import Path
from typing import Any, Self, TypeVar, get_type_hints

from runs_app.runner.exceptions import FolderError
from runs_app.runner.own_file import is_own, read_own

FORMAT = 1
MAX_STATUS = 255
# 31 December 9999, the last day that a date can hold.
MAX_TIME_S = 253_402_214_400
MAX_NUMBER = 2**53


class Observation(StrEnum):
    """What a run folder shows of its run."""

    UNCLAIMED = "unclaimed"  # no supervisor has taken it
    ALIVE = "alive"  # its supervisor holds the lock
    ENDED = "ended"  # there is an exit record
    DEAD = "dead"  # taken, but its supervisor is gone and left no record
    REBOOTED = "rebooted"  # dead, and the machine has started anew since


class _Record:
    """A file of the folder as a frozen dataclass; keys that are unknown here are passed over."""

    @classmethod
    def from_json(cls, row: dict[str, Any]) -> Self:
        kinds = get_type_hints(cls)
        names = [one.name for one in fields(cls)]  # type: ignore[arg-type]
        known = {name: row[name] for name in names if name in row}
        for name, value in known.items():
            if not _fits(value, kinds[name]):
                raise TypeError(f"{name} is not {kinds[name]}")
            if isinstance(value, int | float) and not 0 <= value <= _largest(name):
                raise TypeError(f"{name} cannot be {value}")
        return cls(**known)


def _fits(value: object, kind: Any) -> bool:
    """Whether a value that was read from JSON is of the kind that a field is annotated with."""
    if kind == dict[str, Any]:
        return isinstance(value, dict)
    if kind == tuple[str, ...]:
        return isinstance(value, list) and all(isinstance(word, str) for word in value)
    if isinstance(value, bool):  # which Python takes for a number
        return kind is bool
    # JSON may write a whole number of seconds without its point.
    return isinstance(value, kind) or (isinstance(value, int) and isinstance(0.0, kind))


def _largest(name: str) -> float:
    """Return the largest value that a number of a record can have."""
    if name in {"exit_code", "signal"}:
        return MAX_STATUS
    return MAX_TIME_S if name.endswith("_at") else MAX_NUMBER


_R = TypeVar("_R", bound=_Record)


@dataclass(frozen=True, kw_only=True)
class Spec(_Record):
    """What the supervisor is to start; `run` is the run's uuid, `token` names this launch of it.

    `grace_s` is the time between interrupt, terminate and kill; no `timeout_s` and no
    `log_limit_bytes` (of both outputs together) mean no limit. With `background`, processes that
    the script leaves behind go on after its ordinary end. No `umask` leaves the supervisor's own.
    `secrets` is the file that holds the words of `argv` that are masked here,
    `{"format": 1, "words": {PLACE: WORD}}`. `fence` is what the script is kept away from, as
    `isolation.fence.restrict` takes it; empty for nothing. With `run_as` another Linux user runs
    the script, whose helper listens on `scripts_socket` (else sudo starts it) and first creates
    the folder `scratch_folder`; the files `inputs`, named in `argv`, are copied into it.
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

    def __post_init__(self) -> None:
        object.__setattr__(self, "argv", tuple(self.argv))
        object.__setattr__(self, "inputs", tuple(self.inputs))


@dataclass(frozen=True, kw_only=True)
class Started(_Record):
    """Written when the script is running; `started_at` in seconds since 1970.

    `cgroup` is the control group that the script is in, '' where it has none of its own.
    `isolation` is what `isolation.fence.restrict` reported, empty where no fence was asked for.
    """

    token: str
    pid: int
    start_ticks: int
    script_pid: int
    boot_id: str
    started_at: float
    cgroup: str = ""
    isolation: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Claim(_Record):
    """The supervisor that took the folder; a fence has none."""

    pid: int = 0
    start_ticks: int = 0
    boot_id: str = ""


@dataclass(frozen=True, kw_only=True)
class ExitRecord(_Record):
    """How a run ended.

    `why` is exited, signalled, cancelled, timed_out, log_limit or launch_failed. `exit_code` is
    what a shell shows, 128 + signal for a script that was killed. Times in seconds since 1970;
    `started_at` is None where the script never ran. `stragglers` counts the processes that the
    script left behind; with `background` they go on, else they were ended. `replaced`: something
    lay under the name of this record before, which only the script can have put there.
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
    error: str = ""
    replaced: bool = False


class RunFolder:
    """The files of one run by their meaning; the folder need not be there yet."""

    def __init__(self, path: Path) -> None:
        self.path = Path(path)
        self.spec_path = self.path / "spec.json"
        self.stdout = self.path / "stdout.log"
        self.stderr = self.path / "stderr.log"
        self.supervisor_log = self.path / "supervisor.log"
        self.outputs = self.path / "outputs"
        self.metrics = self.path / "metrics.jsonl"
        # What the script itself writes, apart from the portal's records. MLflow makes its store:
        # in a folder that is there already it would lack the default experiment.
        self.scratch = self.path / "scratch"
        self.child_store = self.scratch / "mlruns"
        self.notebook_output = self.scratch / "executed.ipynb"
        self.executed_notebook = self.path / "executed.ipynb"
        self.live_metrics = self.path / "live.jsonl"
        self.manifest_before = self.path / "manifest-before.jsonl"
        self.manifest_after = self.path / "manifest-after.jsonl"
        self._claimed = self.path / "claimed"
        self._started = self.path / "started.json"
        self._exit = self.path / "exit.json"
        self._restored = self.path / "restored.json"
        self._lock = self.path / "supervisor.lock"

    def create(self, spec: Spec) -> None:
        """Write the spec into the folder, which only its owner can read; raises FolderError."""
        try:
            self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
            # There before the script is: a fence can name only what exists.
            self.scratch.mkdir(mode=0o700, exist_ok=True)
            _write(self.spec_path, {"format": FORMAT, **asdict(spec)})
        except (OSError, ValueError) as error:  # full, read-only, or a name that is no text
            raise FolderError(f"The run folder cannot be written: {error}") from error

    def written_store(self) -> Path:
        """Return where the script's own MLflow calls wrote; older folders have no scratch."""
        return self.child_store if self.scratch.is_dir() else self.path / "mlruns"

    def spec(self) -> Spec:
        """Return the spec; raises FolderError where there is none."""
        row = _read(self.spec_path)
        if row is None:
            raise FolderError(f"{self.spec_path} is not there.")
        return _made(Spec, row, self.spec_path)

    def started(self) -> Started | None:
        """Return the note of the start, None before it or where it cannot be read."""
        return _made_or_none(Started, self._started)

    def started_at(self) -> float | None:
        """Return when the script was started, in seconds since 1970; None before that.

        Where the note of the start was spoilt it is the time of the claim, a moment earlier.
        """
        started = self.started()
        if started is not None:
            return started.started_at
        return _modified_at(self._claimed) if os.path.lexists(self._started) else None

    def claim(self) -> Claim | None:
        """Return who took the folder, None where nobody has.

        Its being there is the claim: a disk that was full keeps the file but not its words.
        """
        if not os.path.lexists(self._claimed):
            return None
        return _made_or_none(Claim, self._claimed) or Claim()

    def exit_record(self) -> ExitRecord | None:
        """Return how the run ended, None while its supervisor has not said so.

        A supervisor lets go of its lock only after it has written the record, so whatever lies
        there before that is not the supervisor's.
        """
        return None if self.is_locked() else _made_or_none(ExitRecord, self._exit)

    def has_bad_exit_record(self) -> bool:
        """Return whether something lies in the place of the exit record that is none."""
        return os.path.lexists(self._exit) and _made_or_none(ExitRecord, self._exit) is None

    def was_restored(self) -> bool:
        """Return whether it was deleted while the script ran, and its supervisor made it anew."""
        return is_own(self._restored)

    def heartbeat_at(self) -> float | None:
        """Return when the supervisor last showed life, in seconds since 1970."""
        return _modified_at(self._lock)

    def output_bytes(self) -> int:
        """Return how long both outputs are together by now."""
        written = 0
        for path in (self.stdout, self.stderr):
            if is_own(path):
                with suppress(FileNotFoundError):
                    written += path.lstat().st_size
        return written

    def request_cancel(self) -> None:
        """Leave the wish to stop where the supervisor looks for it."""
        path = self.path / "cancel"
        if not os.path.lexists(path):
            os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_NOFOLLOW, 0o600))

    def fence(self) -> bool:
        """Take the folder, so that no late supervisor starts; return whether nobody had it."""
        try:
            os.close(os.open(self._claimed, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
        except FileExistsError:
            return False
        return True

    def observe(self, *, boot_id: str) -> Observation:
        """Return what the folder shows; `boot_id` is the present one of its machine."""
        if self.exit_record() is not None:
            return Observation.ENDED
        if self.is_locked():
            return Observation.ALIVE
        # The record may have been written, and the lock let go, since the first look.
        if self.exit_record() is not None:
            return Observation.ENDED
        claim = self.claim()
        if claim is None:
            return Observation.UNCLAIMED
        if claim.boot_id and claim.boot_id != boot_id:
            return Observation.REBOOTED
        return Observation.DEAD

    def is_locked(self) -> bool:
        """Return whether a supervisor holds this very folder."""
        if not is_own(self._lock):
            return False
        try:
            descriptor = os.open(self._lock, os.O_RDWR | os.O_CLOEXEC | os.O_NOFOLLOW)
        except FileNotFoundError:
            return False
        try:
            # Shared, so that two observers never take each other for a supervisor. A supervisor
            # that starts in this very moment tries again.
            fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        finally:
            os.close(descriptor)
        return False


def boot_id() -> str:
    """Return what names the present start of this machine, '' where nothing does."""
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
    except OSError:
        return ""


def _modified_at(path: Path) -> float | None:
    try:
        return path.lstat().st_mtime
    except OSError:
        return None


def _made_or_none(kind: type[_R], path: Path) -> _R | None:
    """Return a record, None where there is none that its writer can have written."""
    try:
        row = _read(path)
        return None if row is None else _made(kind, row, path)
    except FolderError:
        return None


def _read(path: Path) -> dict[str, Any] | None:
    """Return the object in a file, None where there is no file; raises FolderError."""
    try:
        row = json.loads(read_own(path))
    except FileNotFoundError:
        return None
    except (OSError, ValueError, RecursionError) as error:
        raise FolderError(f"{path} cannot be read: {error}") from error
    if not isinstance(row, dict) or row.get("format", FORMAT) != FORMAT:
        raise FolderError(f"{path} was written by another version of the portal; upgrade this one.")
    return row


def _made(kind: type[_R], row: dict[str, Any], path: Path) -> _R:
    try:
        return kind.from_json(row)
    except TypeError as error:
        raise FolderError(f"{path} lacks something or holds the wrong kind: {error}") from error


def _write(path: Path, row: dict[str, Any]) -> None:
    aside = path.with_name(f"{path.name}.tmp")
    descriptor = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        json.dump(row, file, ensure_ascii=False)
        file.flush()
        os.fsync(descriptor)
    os.replace(aside, path)
