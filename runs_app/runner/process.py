"""Starts supervisors, asks them to stop, and finds processes that a dead supervisor left."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

from runs_app.runner.exceptions import FolderError, LaunchError
from runs_app.runner.folder import RunFolder, boot_id
from runs_app.runner.other_user import OtherUser, current
from runs_app.runner.process_end import is_readable, open_process, wait_for_child
from runs_app.runner.supervisor import (
    CGROUP_PREFIX,
    kill_cgroup,
    make_cgroup,
    start_ticks,
    state_and_parent,
)
from runs_app.texts.folders import STOP_NOT_WRITTEN, SUPERVISOR_ENDED, SUPERVISOR_NOT_STARTED

SUPERVISOR = Path(__file__).with_name("supervisor.py")
# Imported, as Python would compile a file that it runs by path again for every run. The folder is
# on the path for this import alone: nothing in it may stand in for the standard library.
START = (
    "import sys; sys.path.insert(0, sys.argv.pop(1)); import supervisor; del sys.path[0]; "
    "supervisor.main()"
)
DETACH_LIMIT_S = 30
CGROUP_LIMIT_S = 2
# States in which /proc shows a process that has ended.
_ENDED = frozenset({"Z", "X", ""})


def spawn_supervisor(
    folder: RunFolder, environment: Mapping[str, str], *, directory_lock: int | None = None
) -> None:
    """Start the supervisor of a folder, detached, and return; raises LaunchError.

    It outlives this process and is not its child; `environment` is the script's. `directory_lock`
    is a descriptor that holds the lock on the experiment directory, which it goes on holding.
    """
    words = (START, str(SUPERVISOR.parent), str(folder.path.absolute()))
    locks = () if directory_lock is None else (directory_lock,)
    argv = [sys.executable, "-I", "-S", "-c", *words, *map(str, locks)]
    try:
        with folder.supervisor_log.open("ab") as log:
            parent = subprocess.Popen(
                argv,
                env=dict(environment),
                cwd="/",
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                pass_fds=locks,
            )
        status = _end_of(parent)
    except (OSError, subprocess.SubprocessError) as error:
        raise LaunchError(SUPERVISOR_NOT_STARTED(error=str(error))) from error
    if status:
        raise LaunchError(SUPERVISOR_ENDED(status=status, log=folder.supervisor_log))


def _end_of(parent: subprocess.Popen[bytes]) -> int:
    """Return the exit status of what detaches a supervisor; it is killed if that takes too long."""
    try:
        return wait_for_child(parent, DETACH_LIMIT_S)
    except BaseException:
        parent.kill()
        parent.wait()
        raise


def wait_for_supervisor(folder: RunFolder, limit_s: float) -> bool:
    """Return as soon as the supervisor of a folder ends: True; False after `limit_s` seconds.

    It waits for the whole time if there is no supervisor, as before it has claimed the folder.
    """
    pid = supervisor_pid(folder)
    descriptor = open_process(pid) if pid else None
    if descriptor is None:
        time.sleep(limit_s)
        return False
    try:
        # If it has ended meanwhile, another process may have its number.
        return supervisor_pid(folder) != pid or is_readable(descriptor, limit_s)
    finally:
        os.close(descriptor)


def ask_to_stop(folder: RunFolder) -> None:
    """Save the request to stop in the folder, and signal its supervisor if that is running.

    Either is enough: a full disk may prevent writing the file. Raises FolderError if neither was
    possible.
    """
    try:
        folder.request_cancel()
    except OSError as error:
        if not _signal_supervisor(folder):
            raise FolderError(STOP_NOT_WRITTEN(error=str(error))) from error
    else:
        _signal_supervisor(folder)


def _signal_supervisor(folder: RunFolder) -> bool:
    """Send the signal to stop; return whether the supervisor was there to receive it."""
    pid = supervisor_pid(folder)
    # In a copy of a folder no process holds the lock: the supervisor is another portal's.
    if not pid or not folder.is_locked():
        return False
    try:
        os.kill(pid, signal.SIGTERM)
        os.kill(pid, signal.SIGCONT)  # a user may have stopped it together with the run
    except OSError:  # it has ended
        return False
    return True


def supervisor_pid(folder: RunFolder) -> int:
    """Return the pid of the process that claimed the folder while it is alive, else 0.

    In a copy of a folder, for example from a backup, it is the supervisor of the original.
    """
    claim = folder.claim()
    if claim is None or not claim.pid or claim.boot_id != boot_id():
        return 0
    try:
        state, _parent = state_and_parent(claim.pid)
        lives = state not in _ENDED and start_ticks(claim.pid) == claim.start_ticks
    except (OSError, IndexError):
        return 0
    return claim.pid if lives else 0


def end_leftovers(folder: RunFolder, run_id: str) -> int:
    """Kill the processes that a dead supervisor left; return how many were found.

    They are found by their control group, and by the run's id in their environment; a process that
    cleared its environment is found only by the control group.
    """
    found = _emptied_cgroup(folder)
    while killed := _killed(run_id) - found:  # until a pass finds no newly forked process
        found |= killed
    user = _other_user(folder)
    return len(found) + (0 if user is None else user.sweep(run_id))


def _other_user(folder: RunFolder) -> OtherUser | None:
    """Return the user that the script of a folder runs as; None for the portal's own."""
    try:
        spec = folder.spec()
    except FolderError:  # deleted
        return current()
    return OtherUser(name=spec.run_as, socket=spec.scripts_socket) if spec.run_as else None


def is_left_alive(run_id: str) -> bool:
    """Return whether a process of the run is alive, also its supervisor; raises HelperError."""
    user = current()
    is_ours = any(True for _pid in _processes(run_id))
    return is_ours or (user is not None and bool(user.processes_of(run_id)))


def _emptied_cgroup(folder: RunFolder) -> set[int]:
    """Kill all processes in a run's control group and remove it; return their pids."""
    try:
        started = folder.started()
        group = Path(started.cgroup) if started and started.cgroup else None
        # A copied or edited folder must not name another group.
        if group is None or not group.name.startswith(CGROUP_PREFIX):
            return set()
        found = {int(word) for word in (group / "cgroup.procs").read_text().split()}
        kill_cgroup(str(group))
        _remove_cgroup(group)
    except (OSError, FolderError):  # it is gone, or never existed
        return set()
    return found


def _remove_cgroup(group: Path) -> None:
    until = time.monotonic() + CGROUP_LIMIT_S
    while True:
        try:
            group.rmdir()
        except OSError:
            if time.monotonic() > until or not group.exists():
                return
            time.sleep(0.02)
        else:
            return


def own_cgroups() -> bool:
    """Return whether scripts started from this process get their own control group."""
    path = make_cgroup(f"probe-{os.getpid()}")
    if not path:
        return False
    _remove_cgroup(Path(path))
    return True


def _killed(run_id: str) -> set[int]:
    killed = set()
    for pid in _processes(run_id):
        try:
            os.kill(pid, signal.SIGKILL)
        except OSError:  # gone, or not ours
            continue
        killed.add(pid)
    return killed


def _processes(run_id: str) -> Iterator[int]:
    mark = f"GUARDIANFLOW_RUN_ID={run_id}".encode()
    for environ in Path("/proc").glob("[0-9]*/environ"):
        try:
            if mark in environ.read_bytes().split(b"\0"):
                yield int(environ.parent.name)
        except OSError:  # gone, or not ours
            continue
