"""Tries what a script must not be able to do to the portal, and reports the results.

    python -I -S attempts.py TARGETS

TARGETS is a JSON object of the targets below; a missing target is not tried. No attempt changes
anything permanently. Output: a separate line with MARK and `{attempt: "" or the error}`; an empty
text means that the attempt succeeded. Standard library only, Python 3.8.
"""

from __future__ import annotations

import ctypes
import json
import os
import socket
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

MARK = "guardianflow-attempts "
LIMIT_S = 5
_PTRACE_SEIZE = 0x4206


def main(targets: dict[str, Any]) -> None:
    results = {}
    for name, (target, attempt) in ATTEMPTS.items():
        if targets.get(target):
            try:
                attempt(targets[target])
            except OSError as error:
                results[name] = error.strerror or str(error)
            else:
                results[name] = ""
    sys.stdout.write("\n" + MARK + json.dumps(results) + "\n")


def read(path: str) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.read(descriptor, 1)
    finally:
        os.close(descriptor)


def open_to_write(path: str) -> None:
    os.close(os.open(path, os.O_WRONLY | os.O_APPEND))


def create_in(folder: str) -> None:
    path = os.path.join(folder, ".guardianflow-attempt-%d" % os.getpid())
    os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    os.unlink(path)


def keep_mode(path: str) -> None:
    os.chmod(path, os.stat(path).st_mode & 0o7777)


def read_environment(pid: int) -> None:
    read("/proc/%d/environ" % pid)


def open_memory(pid: int) -> None:
    os.close(os.open("/proc/%d/mem" % pid, os.O_RDWR))


def trace(pid: int) -> None:
    """Attach without stopping the process; it is detached when this process ends."""
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.ptrace(_PTRACE_SEIZE, pid, None, None):
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))


def may_signal(pid: int) -> None:
    os.kill(pid, 0)


def reach_datagrams(path: str) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sender:
        sender.connect(path)


def reach_abstract(name: str) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as client:
        client.connect("\0" + name)


def reach_port(address: list[Any]) -> None:
    socket.create_connection((address[0], address[1]), LIMIT_S).close()


# The attempts by name: the target that each needs, and its function.
ATTEMPTS: dict[str, tuple[str, Callable[[Any], None]]] = {
    "read_secret_key": ("secret_key", read),
    "read_database": ("database", read),
    "write_database": ("database", open_to_write),
    "write_home": ("home", create_in),
    "read_other_run": ("other_run", read),
    "write_other_run": ("other_run", open_to_write),
    "write_own_record": ("own_run", create_in),
    "read_environment": ("process", read_environment),
    "open_memory": ("process", open_memory),
    "trace": ("process", trace),
    "signal_portal": ("process", may_signal),
    "signal_supervisor": ("supervisor", may_signal),
    "write_code": ("code", create_in),
    "write_packages": ("packages", create_in),
    "write_other_experiment": ("other_experiment", open_to_write),
    "change_mode_of_home": ("home", keep_mode),
    "reach_worker_socket": ("worker_socket", reach_datagrams),
    "reach_abstract_socket": ("abstract_socket", reach_abstract),
    "reach_mlflow": ("mlflow", reach_port),
}


if __name__ == "__main__":
    wanted = json.loads(sys.argv[1])
    main(dict(wanted, supervisor=os.getppid()))
