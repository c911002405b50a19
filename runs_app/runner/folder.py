"""The run folder: everything that is known about one run, readable without the database.

docs/run-folder.md describes the files. They are written under a temporary name and renamed, so
that each is complete or missing.
"""

from __future__ import annotations

import os
from contextlib import suppress
from dataclasses import asdict
from enum import StrEnum
from pathlib import Path

from registry_app.files.mounts import has_lasting_inodes
from runs_app.runner.exceptions import FolderError
from runs_app.runner.folder_records import (
    FORMAT,
    Claim,
    ExitRecord,
    Spec,
    Started,
    made,
    made_or_none,
    read,
    write,
)
from runs_app.runner.own_file import is_held, is_own
from runs_app.texts import folders as texts


class Observation(StrEnum):
    """What a run folder shows of its run."""

    UNCLAIMED = "unclaimed"  # no supervisor has taken it
    ALIVE = "alive"  # its supervisor holds the lock
    ENDED = "ended"  # there is an exit record
    DEAD = "dead"  # taken, but its supervisor is gone and left no record
    REBOOTED = "rebooted"  # dead, and the machine has rebooted since


class RunFolder:
    """The files of one run by their meaning; the folder need not exist yet."""

    def __init__(self, path: Path) -> None:
        self.path = Path(path)
        self.spec_path = self.path / "spec.json"
        self.stdout = self.path / "stdout.log"
        self.stderr = self.path / "stderr.log"
        self.supervisor_log = self.path / "supervisor.log"
        self.outputs = self.path / "outputs"
        self.metrics = self.path / "metrics.jsonl"
        # What the script itself writes, apart from the portal's records. MLflow must create its
        # store: in an existing folder it would lack the default experiment.
        self.scratch = self.path / "scratch"
        self.child_store = self.scratch / "mlruns"
        # Copies of the runs that the script saved in stores of its own, one folder per store.
        self.own_stores = self.path / "own-stores"
        # Where a trainer of the standard interface writes its record.
        self.trainer = self.scratch / "trainer"
        self.trainer_record = self.path / "trainer.jsonl"
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
        """Create the folder, readable by its owner only, and write the spec; raises FolderError."""
        try:
            self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
            # Created before the script starts: a fence can name only what exists.
            self.scratch.mkdir(mode=0o700, exist_ok=True)
            write(self.spec_path, {"format": FORMAT, **asdict(spec)})
        except (OSError, ValueError) as error:  # full, read-only, or an invalid name
            raise FolderError(texts.FOLDER_NOT_WRITTEN(error=str(error))) from error

    def written_store(self) -> Path:
        """Return the store of the script's own MLflow calls; older folders have no scratch."""
        return self.child_store if self.scratch.is_dir() else self.path / "mlruns"

    def child_stores(self) -> list[Path]:
        """Return every store with runs that the script opened itself."""
        own = sorted(self.own_stores.iterdir()) if self.own_stores.is_dir() else []
        return [self.written_store(), *(path for path in own if path.is_dir())]

    def spec(self) -> Spec:
        """Return the spec; raises FolderError if there is none."""
        row = read(self.spec_path)
        if row is None:
            raise FolderError(texts.FILE_NOT_THERE(path=self.spec_path))
        return made(Spec, row, self.spec_path)

    def started(self) -> Started | None:
        """Return the start record, None before the start or if it cannot be read."""
        return made_or_none(Started, self._started)

    def started_at(self) -> float | None:
        """Return when the script was started, in seconds since 1970; None before that.

        If the start record is corrupt, it is the time of the claim, a moment earlier.
        """
        started = self.started()
        if started is not None:
            return started.started_at
        return _modified_at(self._claimed) if os.path.lexists(self._started) else None

    def claim(self) -> Claim | None:
        """Return the supervisor that claimed the folder, None if none has.

        The existence of the file is the claim: on a full disk the file may be empty.
        """
        if not os.path.lexists(self._claimed):
            return None
        return made_or_none(Claim, self._claimed) or Claim()

    def exit_record(self) -> ExitRecord | None:
        """Return how the run ended, None until its supervisor has recorded it.

        A supervisor releases its lock only after it has written the record, so a file that is there
        before that is not the supervisor's.
        """
        return None if self.is_locked() else made_or_none(ExitRecord, self._exit)

    def has_bad_exit_record(self) -> bool:
        """Return whether a file that is not an exit record has the name of one."""
        return os.path.lexists(self._exit) and made_or_none(ExitRecord, self._exit) is None

    def was_restored(self) -> bool:
        """Return whether it was deleted during the run and recreated by its supervisor."""
        return is_own(self._restored)

    def heartbeat_at(self) -> float | None:
        """Return the time of the supervisor's last heartbeat, in seconds since 1970."""
        return _modified_at(self._lock)

    def recorded_at_ns(self) -> int | None:
        """Return when the exit record was written, in nanoseconds since 1970; None without one."""
        return self._exit.lstat().st_mtime_ns if is_own(self._exit) else None

    def has_directory(self, directory: str) -> bool:
        """Return whether an experiment directory is there, and is the one that the script had.

        By its inode alone: the number of a device changes when it is mounted again. Where inodes
        do so too, it is believed to be the same.
        """
        if not os.path.isdir(directory):
            return False
        return not self.has_new_inode(directory) or not has_lasting_inodes(
            os.stat(directory).st_dev
        )

    def has_new_inode(self, directory: str) -> bool:
        """Return whether a directory has another inode than the script saw there."""
        started = self.started()
        inode = started.directory_id.rpartition(":")[2] if started is not None else ""
        return inode not in {"", str(os.stat(directory).st_ino)}

    def is_on_disk_of(self, directory: str) -> bool:
        """Return whether a directory has the clock of this folder: that of one file system."""
        try:
            return self.path.stat().st_dev == os.stat(directory).st_dev
        except OSError:
            return False

    def output_bytes(self) -> int:
        """Return the present total size of both outputs."""
        written = 0
        for path in (self.stdout, self.stderr):
            if is_own(path):
                with suppress(FileNotFoundError):
                    written += path.lstat().st_size
        return written

    def request_cancel(self) -> None:
        """Save the request to stop where the supervisor looks for it."""
        path = self.path / "cancel"
        if not os.path.lexists(path):
            os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_NOFOLLOW, 0o600))

    def fence(self) -> bool:
        """Claim the folder, so that no late supervisor starts; return whether it was unclaimed."""
        try:
            os.close(os.open(self._claimed, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
        except FileExistsError:
            return False
        return True

    def observe(self, *, boot_id: str) -> Observation:
        """Return the state that the folder shows; `boot_id` is the machine's current one."""
        if self.exit_record() is not None:
            return Observation.ENDED
        if self.is_locked():
            return Observation.ALIVE
        # The record may have been written, and the lock released, since the first check.
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
        return is_held(self._lock)


def boot_id() -> str:
    """Return the id of this machine's current boot, '' if there is none."""
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
    except OSError:
        return ""


def _modified_at(path: Path) -> float | None:
    try:
        return path.lstat().st_mtime
    except OSError:
        return None
