"""Talks to the helper that starts scripts as another Linux user.

Used by the portal, and by the supervisor, which loads it by path: standard library only, Python
3.8 and newer. `helper.py` is the other end and documents the messages.
"""

import _socket
import fcntl
import json
import os
import signal
import sys
import time

TYPE_CHECKING = False
if TYPE_CHECKING:  # typing itself would cost memory
    from typing import Any, Callable, Dict, List, Optional, Tuple

    Message = Dict[str, Any]

PROGRAM = "/usr/local/libexec/guardianflow-script"
SUDO = "/usr/bin/sudo"
# sudo may have to look up the user in a directory server.
ANSWER_LIMIT_S = 30.0
# Whether a script can be executed is known at once, unless the machine is busy or it stopped its
# helper: then it counts as begun.
BEGIN_LIMIT_S = 5.0
MAX_PACKET_BYTES = 2**17
MAX_DESCRIPTORS = 4
MAX_INPUTS = 16
MSG_CMSG_CLOEXEC = 0x40000000
MAX_COMPLAINT_BYTES = 500
# Variables of the portal user's session, which the user of the scripts must not get.
SESSION_NAMES = frozenset(
    (
        *("DBUS_SESSION_BUS_ADDRESS", "INVOCATION_ID", "JOURNAL_STREAM", "MAIL", "MANAGERPID"),
        *("SSH_AUTH_SOCK", "SSH_CLIENT", "SSH_CONNECTION", "SSH_TTY", "STATE_DIRECTORY"),
        *("SYSTEMD_EXEC_PID", "USERNAME", "XAUTHORITY", "DISPLAY"),
    )
)
SESSION_PREFIXES = ("SUDO_", "XDG_", "LISTEN_")


class HelperError(OSError):
    """The helper cannot be reached; the text says why and what to do."""


class RefusedError(OSError):
    """The helper refused a request; `errno` is set if the system refused it."""


class Channel:
    """One connection to a helper of one user, by socket or by sudo."""

    def __init__(
        self, connection: "_socket.socket", *, sudo: int = 0, complaints: int = -1
    ) -> None:
        self.socket = connection
        self.sudo = sudo
        self._complaints = complaints

    def send(self, message: "Message", descriptors: "Tuple[int, ...]" = ()) -> None:
        """Send a message; raises HelperError if the helper no longer listens."""
        extra = []
        if descriptors:
            raw = b"".join(descriptor.to_bytes(4, sys.byteorder) for descriptor in descriptors)
            extra = [(_socket.SOL_SOCKET, _socket.SCM_RIGHTS, raw)]
        data = json.dumps(message).encode()
        try:
            self.socket.sendmsg([data], extra, _socket.MSG_NOSIGNAL)
        except OSError as error:
            raise HelperError(error.errno, self.reason() or error.strerror) from None

    def receive(self, timeout_s: "Optional[float]") -> "Optional[Tuple[Message, List[int]]]":
        """Return the next answer and its descriptors, None if the helper has ended.

        Raises BlockingIOError (0 s) or TimeoutError if there is none in time.
        """
        self.socket.settimeout(timeout_s)
        try:
            data, extra, _flags, _ = self.socket.recvmsg(
                MAX_PACKET_BYTES, _socket.CMSG_SPACE(4 * MAX_DESCRIPTORS), MSG_CMSG_CLOEXEC
            )
        except ConnectionError:
            return None
        if not data:
            return None
        descriptors = []  # type: List[int]
        for _level, _kind, raw in extra:
            for at in range(0, len(raw) - 3, 4):
                descriptors.append(int.from_bytes(raw[at : at + 4], sys.byteorder))
        return json.loads(data.decode()), descriptors

    def ask(
        self,
        message: "Message",
        descriptors: "Tuple[int, ...]" = (),
        timeout_s: float = ANSWER_LIMIT_S,
    ) -> "Tuple[Message, List[int]]":
        """Return the answer to one message; raises HelperError, RefusedError."""
        self.send(message, descriptors)
        try:
            came = self.receive(timeout_s)
        except OSError:
            raise HelperError(0, "the helper did not respond in %d s" % timeout_s) from None
        if came is None:
            raise HelperError(0, self.reason() or "the helper ended without an answer")
        if "error" in came[0]:
            raise RefusedError(came[0].get("errno", 0), came[0]["error"])
        return came

    def reason(self) -> str:
        """Return the message of sudo, '' if it printed nothing."""
        if self._complaints < 0:
            return ""
        if self.sudo:
            wait_for(self.sudo, 1.0)
        text = os.pread(self._complaints, 2**14, 0).decode("utf-8", "replace")
        return " ".join(text.split())[:MAX_COMPLAINT_BYTES]

    def close(self) -> None:
        """Close the connection: the helper kills what it started for it."""
        self.socket.close()
        if self._complaints >= 0:
            os.close(self._complaints)
            self._complaints = -1
        if self.sudo:
            wait_for(self.sudo, ANSWER_LIMIT_S)
            self.sudo = 0


def dial(user: str, listening: str, prepare: "Optional[Callable[[], None]]" = None) -> Channel:
    """Return a connection to a helper that runs as `user`.

    `listening` is the socket of the unit; if it is '', sudo starts a helper, after `prepare` in
    the forked child. Raises HelperError.
    """
    if listening:
        return Channel(connected(listening))
    return started_by_sudo(user, prepare)


def connected(listening: str) -> "_socket.socket":
    """Return a connection to the socket of the unit; raises HelperError."""
    connection = _socket.socket(_socket.AF_UNIX, _socket.SOCK_SEQPACKET | _socket.SOCK_CLOEXEC)
    try:
        connection.settimeout(ANSWER_LIMIT_S)
        connection.connect(listening)
        # For a unit the kernel reports who listens: systemd. No other process may get a secret.
        raw = connection.getsockopt(_socket.SOL_SOCKET, _socket.SO_PEERCRED, 12)
        owner = int.from_bytes(raw[4:8], sys.byteorder)
        if owner != 0:
            raise HelperError(0, "%s belongs to user %d, not to root" % (listening, owner))
    except OSError as error:
        connection.close()
        if isinstance(error, HelperError):
            raise
        raise HelperError(error.errno, "%s: %s" % (listening, error.strerror or error)) from None
    return connection


def started_by_sudo(user: str, prepare: "Optional[Callable[[], None]]") -> Channel:
    """Return a connection to a helper that sudo starts; raises HelperError."""
    if not os.path.exists(SUDO):
        raise HelperError(2, "neither the socket unit nor %s is there" % SUDO)
    ours, theirs = socket_pair()
    complaints = os.memfd_create("sudo", os.MFD_CLOEXEC)
    parent = os.getpid()
    pid = os.fork()
    if pid == 0:
        try:
            if prepare is not None:
                prepare()
            os.dup2(theirs.fileno(), 0)
            os.dup2(complaints, 1)
            os.dup2(complaints, 2)
            if os.getppid() == parent:
                name = user if not user.isdigit() else "#" + user
                argv = [SUDO, "-n", "-u", name, PROGRAM]
                os.execve(SUDO, argv, {"PATH": os.defpath, "LANG": "C"})  # noqa: S606
        finally:
            os._exit(127)
    theirs.close()
    return Channel(ours, sudo=pid, complaints=complaints)


def socket_pair() -> "Tuple[_socket.socket, _socket.socket]":
    kind = _socket.SOCK_SEQPACKET | _socket.SOCK_CLOEXEC
    first, second = _socket.socketpair(_socket.AF_UNIX, kind)
    return first, second


def described(job: "Message") -> int:
    """Return a file in memory that describes what to start."""
    found = os.memfd_create("job", os.MFD_CLOEXEC)
    data = json.dumps(job).encode()
    while data:
        data = data[os.write(found, data) :]
    return found


def without_session(environment: "Dict[str, str]") -> "Dict[str, str]":
    """Return an environment without the variables of the portal user's session."""
    return {
        name: value
        for name, value in environment.items()
        if name not in SESSION_NAMES and not name.startswith(SESSION_PREFIXES)
    }


def wait_for(pid: int, limit_s: float) -> None:
    """Reap a child that is about to end; raises nothing."""
    until = time.monotonic() + limit_s
    try:
        while os.waitpid(pid, os.WNOHANG)[0] == 0 and time.monotonic() < until:
            time.sleep(0.002)
    except ChildProcessError:
        pass


class RemoteScript:
    """A script that a helper started; its supervisor reads its state here."""

    def __init__(self, spec: "Message", cgroup: "Callable[[], None]") -> None:
        self.run = str(spec["run"])
        self.user = str(spec["run_as"])
        self.listening = str(spec.get("scripts_socket", ""))
        self._enter_cgroup = cgroup
        self._channel = None  # type: Optional[Channel]
        self.pid = 0
        self.keeper = 0
        self.isolation = {}  # type: Message
        self.status = None  # type: Optional[int]
        self.left = 0
        self.is_gone = False
        self._is_clean = False
        self._is_killed = False

    def start(self, spec: "Message", out: int, err: int) -> None:
        """Start the script; raises HelperError, and RefusedError if it cannot be executed."""
        job = {
            "argv": spec["argv"],
            "cwd": spec["cwd"],
            "env": without_session(dict(os.environ)),
            "fence": spec.get("fence"),
            "scratch": spec.get("scratch_folder"),
            "uid": spec.get("run_as_uid"),
            "inputs": list(spec.get("inputs", ()))[:MAX_INPUTS],
        }
        memory = described(job)
        inputs = []  # type: List[int]
        channel = None
        try:
            for path in job["inputs"]:
                inputs.append(os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC))
            channel = dial(self.user, self.listening, self._enter_cgroup)
            answer, _none = channel.ask({"run": self.run, "held": 1}, (out, err, *inputs, memory))
            self.pid, self.keeper = int(answer["pid"]), int(answer["keeper"])
            if answer.get("held"):
                self._let_begin(channel)
        except OSError:
            if channel is not None:
                channel.close()
            raise
        finally:
            for descriptor in (memory, *inputs):
                os.close(descriptor)
        # From here on, messages of the helper raise a signal, like the end of a child.
        number = channel.socket.fileno()
        fcntl.fcntl(number, fcntl.F_SETOWN, os.getpid())
        fcntl.fcntl(number, fcntl.F_SETFL, fcntl.fcntl(number, fcntl.F_GETFL) | os.O_ASYNC)
        self._channel = channel
        by = "socket" if self.listening else "sudo"
        self.isolation = dict(answer.get("isolation", {}), run_as=self.user, by=by)

    def _let_begin(self, channel: Channel) -> None:
        """Let the held script begin; raises HelperError if it has not begun, and RefusedError.

        From the message on it may have begun, whatever follows, so it is never started again.
        """
        channel.send({"go": 1})
        try:
            came = channel.receive(BEGIN_LIMIT_S)
        except OSError:
            return
        if came is None:
            self.is_gone, self.status = True, int(signal.SIGKILL)
        elif "error" in came[0]:
            raise RefusedError(came[0].get("errno", 0), came[0]["error"])

    def look(self) -> None:
        """Read pending messages of the helper.

        A helper that ended without a message was killed, and the script with it.
        """
        while self._channel is not None and not self.is_gone:
            try:
                came = self._channel.receive(0)
            except BlockingIOError:
                return
            except OSError:
                came = None
            if came is None:
                self.is_gone = True
                if self.status is None:
                    self.status = int(signal.SIGKILL)
            elif "status" in came[0]:
                self.status, self.left = int(came[0]["status"]), int(came[0]["left"])
            elif "ended" in came[0]:
                self._is_clean = True
            elif "error" in came[0]:  # late news that it cannot be executed: as a shell ends then
                self.status, self._is_clean = 127 << 8, True

    def is_alone(self) -> bool:
        """Return whether no process of the script is alive, as far as helpers know."""
        self.look()
        return self.is_gone and self._is_clean

    def send(self, number: int, orphans: "Callable[[], List[int]]") -> None:
        """Send a signal to all processes that the script started.

        Processes left by a killed or stopped helper are killed by another one. `orphans` returns
        descendants of the supervisor, which it is not permitted to signal. Raises HelperError if
        no helper answers.
        """
        self.look()
        if not self.is_gone:
            self._send_message({"signal": int(number)})
        if self.is_gone or (number == signal.SIGKILL and self._is_killed):
            self._sweep(orphans())
        self._is_killed = number == signal.SIGKILL

    def leave(self) -> None:
        """Let the processes that the script left behind continue."""
        self._send_message({"leave": 1})

    def _send_message(self, message: "Message") -> None:
        if self._channel is not None:
            try:
                self._channel.send(message)
            except HelperError:
                self.look()

    def _sweep(self, orphans: "List[int]") -> None:
        pids = list(orphans) if self.is_gone else [self.keeper, self.pid, *orphans]
        channel = dial(self.user, self.listening)
        try:
            channel.ask({"sweep": self.run, "pids": pids})
            self._is_clean = True
            self._end_sudo()
        except RefusedError as error:
            raise HelperError(error.errno, error.strerror) from None
        finally:
            channel.close()

    def _end_sudo(self) -> None:
        """End sudo, which a stopped helper has stopped as well; it can be signalled."""
        if self._channel is not None and self._channel.sudo:
            try:
                os.kill(self._channel.sudo, signal.SIGKILL)
            except OSError:  # it has ended
                pass


def let_user_write(descriptor: int, uid: int) -> None:
    """Let one more user read and write a file, by an ACL; raises OSError.

    A script may reopen its own log by `/dev/stderr`, which a descriptor alone does not allow.
    """
    # uapi/linux/posix_acl_xattr.h: version 2, then tag, permissions and id of each entry.
    no_id = 0xFFFFFFFF
    entries = (
        (1, 6, no_id),
        (2, 6, uid),
        (4, 0, no_id),
        (16, 6, no_id),
        (32, 0, no_id),
    )
    data = (2).to_bytes(4, "little")
    for tag, rights, who in entries:
        data += tag.to_bytes(2, "little") + rights.to_bytes(2, "little") + who.to_bytes(4, "little")
    os.setxattr(descriptor, "system.posix_acl_access", data)
