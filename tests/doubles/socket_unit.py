"""Stands for guardianflow-scripts.socket: starts the helper for each connection, as systemd does.

python socket_unit.py SOCKET USER PROGRAM
"""

from __future__ import annotations

import os
import signal
import socket
import sys


def main(path: str, user: int, program: str) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as listener:
        listener.bind(path)
        os.chmod(path, 0o666)  # noqa: S103
        listener.listen(64)
        signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # collected by the kernel
        sys.stdout.write("listens\n")
        sys.stdout.flush()
        while True:
            connection, _address = listener.accept()
            if os.fork() == 0:
                become_helper(connection, user, program)
            connection.close()


def become_helper(connection: socket.socket, user: int, program: str) -> None:
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    os.dup2(connection.fileno(), 0)
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # a helper that is left holds no pipe of the test
    os.setgroups([])
    os.setgid(user)
    os.setuid(user)
    os.execve(program, [program], {"PATH": os.defpath, "LANG": "C"})  # noqa: S606


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), sys.argv[3])
