"""Interpreters and environments of scripts; starting and asking their supervisors."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

from registry_app.files.interpreters import CONDA_BASE, CONDA_PREFIX, PORTAL, conda_homes
from runs_app.runner.exceptions import FolderError, InterpreterError, LaunchError
from runs_app.runner.folder import RunFolder, boot_id
from runs_app.runner.language import gettext as _
from runs_app.runner.other_user import OtherUser, current, script_home
from runs_app.runner.supervisor import (
    CGROUP_PREFIX,
    kill_cgroup,
    make_cgroup,
    start_ticks,
    state_and_parent,
)

SUPERVISOR = Path(__file__).with_name("supervisor.py")
DETACH_LIMIT_S = 30
CGROUP_LIMIT_S = 2
ENVIRONMENT_FOLDERS = (".venv", "venv", "env")
# The portal's own settings and interpreter are none of a script's business.
_WITHHELD = frozenset(
    {"DATABASE_URL", "SECRET_KEY", "VIRTUAL_ENV", "PYTHONPATH", "PYTHONHOME", "NOTIFY_SOCKET"}
)
# States in which /proc shows a process that is no more.
_ENDED = frozenset({"Z", "X", ""})
_WITHHELD_PREFIXES = ("DJANGO_", "GUARDIANFLOW_", "MLFLOW_")


def resolve_interpreter(directory: Path, *, configured: str, fallback: str) -> Path:
    """Return the Python for scripts of `directory`.

    `configured` is a path (absolute, or inside the directory), `conda:NAME`, or `portal` for
    `fallback`; without it the directory's own environment is used, else `fallback`. The link of
    an environment is kept: behind it is a Python that does not know the environment's packages.
    Raises InterpreterError.
    """
    if configured == PORTAL:
        return Path(fallback)
    if configured.startswith(CONDA_PREFIX):
        return _conda_python(configured.removeprefix(CONDA_PREFIX))
    if configured:
        path = Path(os.path.normpath(directory / _expanded(configured)))
        # People name the environment as often as the program in it.
        return path / "bin" / "python" if os.path.isdir(path) else path
    for name in ENVIRONMENT_FOLDERS:
        python = directory / name / "bin" / "python"
        try:
            if python.is_file():
                return python
        except OSError as error:  # another Python would not have what the script needs
            raise InterpreterError(
                _("{path} cannot be read: {error}").format(path=python, error=error.strerror)
            ) from error
    return Path(fallback)


def script_environment(
    base: Mapping[str, str],
    *,
    interpreter: Path,
    cwd: Path,
    run_id: str,
    folder: RunFolder,
    context_tags: Mapping[str, str],
) -> dict[str, str]:
    """Return the environment of a script: that of `base` without what is the portal's.

    MLflow calls of its own go to a private store in the run folder, and carry `context_tags`.
    """
    environment = {
        name: value
        for name, value in base.items()
        if name not in _WITHHELD and not name.startswith(_WITHHELD_PREFIXES)
    }
    path = [str(interpreter.parent), base.get("PATH", os.defpath)]
    return environment | {
        "PATH": os.pathsep.join(filter(None, path)),
        # As a shell has it: what we inherited names the folder of the worker.
        "PWD": str(cwd),
        "PYTHONUNBUFFERED": "1",
        "GUARDIANFLOW_RUN_ID": run_id,
        "MLFLOW_TRACKING_URI": folder.child_store.as_uri(),
        "MLFLOW_ALLOW_FILE_STORE": "true",
        "MLFLOW_RUN_CONTEXT": json.dumps(dict(context_tags)),
    }


def spawn_supervisor(folder: RunFolder, environment: Mapping[str, str]) -> None:
    """Start the supervisor of a folder, detached, and return; raises LaunchError.

    It outlives this process and is nobody's child here; `environment` is the script's.
    """
    argv = [sys.executable, "-I", "-S", str(SUPERVISOR), str(folder.path.absolute())]
    try:
        with folder.supervisor_log.open("ab") as log:
            status = subprocess.run(
                argv,
                env=dict(environment),
                cwd="/",
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                timeout=DETACH_LIMIT_S,
                check=False,
            ).returncode
    except (OSError, subprocess.SubprocessError) as error:
        raise LaunchError(f"The supervisor could not be started: {error}") from error
    if status:
        raise LaunchError(
            f"The supervisor ended with exit status {status}; see {folder.supervisor_log}."
        )


def ask_to_stop(folder: RunFolder) -> None:
    """Leave the wish to stop in the folder, and tell its supervisor if it is that very process.

    Either is enough: a full disk may keep the file from being written. Raises FolderError where
    neither was possible.
    """
    try:
        folder.request_cancel()
    except OSError as error:
        if not _tell_supervisor(folder):
            raise FolderError(f"The wish to stop cannot be written: {error}") from error
    else:
        _tell_supervisor(folder)


def _tell_supervisor(folder: RunFolder) -> bool:
    """Send the signal that means stop; return whether the supervisor was there to get it."""
    pid = supervisor_pid(folder)
    # In a copy of a folder nobody holds the lock: the supervisor is another portal's.
    if not pid or not folder.is_locked():
        return False
    try:
        os.kill(pid, signal.SIGTERM)
        os.kill(pid, signal.SIGCONT)  # somebody may have stopped it, with all of the run
    except OSError:  # it has ended
        return False
    return True


def supervisor_pid(folder: RunFolder) -> int:
    """Return the process that took the folder while it lives, else 0.

    In a copy of a folder, from a backup say, that is the supervisor of the original.
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

    They are known by their control group, and by the run's id in their environment; one that
    cleared it is found only where there was a control group.
    """
    found = _emptied_cgroup(folder)
    while killed := _killed(run_id) - found:  # until one look shows nothing forked meanwhile
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
    """Return whether a process of the run lives, its supervisor among them; raises HelperError."""
    user = current()
    is_ours = any(True for _pid in _processes(run_id))
    return is_ours or (user is not None and bool(user.processes_of(run_id)))


def _emptied_cgroup(folder: RunFolder) -> set[int]:
    """Kill whatever is in the control group of a run and remove it; return what was in it."""
    try:
        started = folder.started()
        group = Path(started.cgroup) if started and started.cgroup else None
        # A copy of a folder, or one that somebody edited, must not name another group.
        if group is None or not group.name.startswith(CGROUP_PREFIX):
            return set()
        found = {int(word) for word in (group / "cgroup.procs").read_text().split()}
        kill_cgroup(str(group))
        _remove_cgroup(group)
    except (OSError, FolderError):  # it is gone, or was never there
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
    """Whether scripts that are started from here get a control group of their own."""
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


def _expanded(configured: str) -> Path:
    if configured.startswith("~/"):
        return script_home() / configured.removeprefix("~/")
    try:
        return Path(configured).expanduser()
    except RuntimeError as error:
        raise InterpreterError(
            _(
                "The interpreter {path} names a user that this machine does not know; write the "
                "whole path."
            ).format(path=configured)
        ) from error


def _conda_python(name: str) -> Path:
    for environment in _conda_environments(name):
        python = environment / "bin" / "python"
        if os.path.isfile(python):  # a home that cannot be looked into has none
            return python
    raise InterpreterError(
        _(
            "There is no conda environment {name}. `conda env list` shows those that are there; "
            "the interpreter may also be a path."
        ).format(name=name)
    )


def _conda_environments(name: str) -> Iterator[Path]:
    home = script_home()
    for base in conda_homes(home):
        yield base if name == CONDA_BASE else base / "envs" / name
    try:
        listed = (home / ".conda" / "environments.txt").read_text(encoding="utf-8")
    except OSError:
        return
    for line in listed.splitlines():
        if Path(line).name == name:
            yield Path(line)
