"""The Linux user that scripts run as, if it is not the portal's own user.

The portal reads files, queries and ends processes through a helper of that user, over one
connection that stays open while it is used. The composition root names the user once
(`let_scripts_run_as`); otherwise scripts run as the portal's own user, and `current()` is None.
"""

from __future__ import annotations

import errno
import json
import logging
import os
import pwd
import stat
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from registry_app.messages import Message, plain
from runs_app.runner.isolation import helper_client
from runs_app.runner.isolation.helper_client import Channel, HelperError, RefusedError
from runs_app.texts import interpreter as texts

logger = logging.getLogger(__name__)

# How long a helper that answered counts as reachable; else each start would ask it again.
TRUST_S = 20.0
# What the helper may open for the portal; anything else counts as missing.
_NO_ACCESS = frozenset({errno.EACCES, errno.EPERM})


class OtherUserError(HelperError):
    """Scripts cannot be started as the user of the settings; `message` says why."""

    def __init__(self, message: Message) -> None:
        super().__init__(0, str(message))
        self.message = message


def reason_of(error: OSError) -> Message:
    """Return why a user or a program was not reached; system messages are left unchanged."""
    if isinstance(error, OtherUserError):
        return error.message
    return plain(str(error.strerror or error))


@dataclass(frozen=True, kw_only=True)
class OtherUser:
    """A user by name; `socket` is where the helper's unit listens, if there is one."""

    name: str
    socket: str

    @property
    def uid(self) -> int:
        """The uid, -1 if this machine does not know the name."""
        entry = self._entry()
        if entry is not None:
            return entry.pw_uid
        return int(self.name) if self.name.isdigit() else -1

    @property
    def home(self) -> Path:
        """The home directory, / for a user without an account."""
        entry = self._entry()
        return Path(entry.pw_dir if entry else "/")

    def _entry(self) -> pwd.struct_passwd | None:
        try:
            return pwd.getpwuid(int(self.name)) if self.name.isdigit() else pwd.getpwnam(self.name)
        except KeyError:
            return None

    @property
    def listening(self) -> str:
        """The socket of the unit if there is one, else '' for sudo."""
        try:
            return self.socket if stat.S_ISSOCK(os.stat(self.socket).st_mode) else ""
        except OSError:
            return ""

    @property
    def way(self) -> str:
        """How the helper is reached: socket or sudo."""
        return "socket" if self.listening else "sudo"

    def hello(self) -> dict[str, Any]:
        """Return the helper's facts about itself, over a new connection.

        Raises HelperError with the reason, also if it runs as a different user.
        """
        if self.uid < 0:
            raise OtherUserError(texts.NO_USER(name=self.name))
        if self.uid == os.geteuid():
            raise OtherUserError(texts.OWN_USER(name=self.name))
        channel = helper_client.dial(self.name, self.listening)
        try:
            answer, _none = channel.ask({"hello": 1})
        except RefusedError as error:
            raise HelperError(error.errno, error.strerror) from None
        finally:
            channel.close()
        if answer["uid"] != self.uid:
            raise OtherUserError(texts.HELPER_OF_ANOTHER(user=answer["user"], name=self.name))
        _scratch_bases[self] = Path(str(answer["scratch"]))
        return answer

    def unreachable(self) -> Message | None:
        """Return why scripts cannot be started as this user now, None if they can."""
        key = (self, self.listening)
        if time.monotonic() < _trusted_until.get(key, 0.0):
            return None
        try:
            self.hello()
        except HelperError as error:
            return reason_of(error)
        _trusted_until[key] = time.monotonic() + TRUST_S
        return None

    def scratch(self, run: str) -> Path:
        """Return the folder for files of a run that do not belong to its experiment.

        Only that user knows where it can write, so the helper is asked once. Raises HelperError.
        """
        if self not in _scratch_bases:
            self.hello()
        return _scratch_bases[self] / run

    def open(self, directory: Path, path: str) -> int:
        """Return a descriptor to read a regular file of a directory; no part of it may be a link.

        Raises OSError.
        """
        return self._ask({"open": [str(directory), path]})[1][0]

    def entries(self, directory: Path, path: str) -> list[tuple[str, str, int, int, int, int]]:
        """Return name, kind (f, d, '' for any other), bytes, mtime, ctime and inode of entries.

        Times in nanoseconds. Raises OSError.
        """
        with os.fdopen(self._ask({"list": [str(directory), path]})[1][0], "rb") as lines:
            lines.seek(0)
            return [tuple(json.loads(line)) for line in lines]

    def processes_of(self, run: str) -> list[int]:
        """Return the processes of a run; raises HelperError."""
        answer, _none = self._ask({"find": run})
        return [int(pid) for pid in answer["found"]]

    def run_of(self, pid: int) -> str:
        """Return the run that a process belongs to, '' for other processes; raises HelperError."""
        answer, _none = self._ask({"run_of": pid})
        return str(answer["run"])

    def sweep(self, run: str) -> int:
        """Kill the processes of a run whose helper died; return how many. Raises HelperError."""
        answer, _none = self._ask({"sweep": run})
        return int(answer["killed"])

    def remove_scratch(self, path: Path) -> None:
        """Remove the scratch folder of a run; raises OSError."""
        self._ask({"remove": str(path)})

    def groups(self) -> list[str]:
        """Return the groups whose rights scripts have; raises HelperError."""
        answer, _none = self._ask({"groups": 1})
        return [str(name) for name in answer["groups"]]

    def unwritable(self, directory: Path) -> tuple[int, str]:
        """Return how many files of a directory scripts cannot write, and the first one."""
        answer, _none = self._ask({"unwritable": str(directory)})
        return int(answer["count"]), str(answer["first"])

    def ask_program(
        self,
        argv: Iterable[str],
        *,
        environment: Mapping[str, str],
        fence: Mapping[str, Any],
        streams: tuple[int, int, int],
        timeout_s: float,
    ) -> int:
        """Run a program that answers a query, to its end; return its exit status.

        All processes that it started are ended. Raises HelperError, RefusedError if it cannot be
        executed, TimeoutError.
        """
        job = {
            "argv": list(argv),
            "cwd": "/",
            "env": dict(environment),
            "fence": dict(fence),
            "uid": self.uid,
        }
        memory = helper_client.described(job)
        channel = helper_client.dial(self.name, self.listening)
        try:
            channel.ask({"ask": 1}, (*streams, memory))
            came = channel.receive(timeout_s)
        finally:
            os.close(memory)
            channel.close()
        if came is None or "status" not in came[0]:
            raise OtherUserError(texts.HELPER_ENDED())
        return os.waitstatus_to_exitcode(int(came[0]["status"]))

    def _ask(self, message: dict[str, Any]) -> tuple[dict[str, Any], list[int]]:
        """Ask over the open connection, or over a new one if it has ended."""
        with _connection.lock:
            kept = _connection.channel_of(self)
            if kept is not None:
                try:
                    return kept.ask(message)
                except HelperError:  # an unused helper ends by itself
                    _connection.drop()
            return _connection.new_channel(self).ask(message)


class _Connection:
    """The connection of this process to the helper of one user."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self._channel: Channel | None = None
        self._user: OtherUser | None = None
        self._pid = 0

    def channel_of(self, user: OtherUser) -> Channel | None:
        if self._pid != os.getpid():  # a connection inherited by fork belongs to the parent
            self._channel = None
        elif self._user != user:
            self.drop()
        return self._channel

    def new_channel(self, user: OtherUser) -> Channel:
        self._channel = helper_client.dial(user.name, user.listening)
        self._user, self._pid = user, os.getpid()
        return self._channel

    def drop(self) -> None:
        if self._channel is not None:
            self._channel.close()
        self._channel = None


_connection = _Connection()
os.register_at_fork(after_in_child=lambda: setattr(_connection, "lock", threading.Lock()))
_trusted_until: dict[tuple[OtherUser, str], float] = {}
_scratch_bases: dict[OtherUser, Path] = {}
_current: list[Callable[[], OtherUser | None]] = [lambda: None]


def let_scripts_run_as(user: Callable[[], OtherUser | None]) -> None:
    """Set the function that returns the user that scripts run as."""
    _current[0] = user


def current() -> OtherUser | None:
    """Return the user that scripts run as, None for the portal's own."""
    return _current[0]()


def script_home() -> Path:
    """Return the home directory of the user that scripts run as."""
    user = current()
    return Path.home() if user is None else user.home


def hang_up() -> None:
    """End the connection of this process, and forget which users were reachable."""
    with _connection.lock:
        _connection.drop()
    _trusted_until.clear()
    _scratch_bases.clear()


def opened_by_script_user(directory: Path, path: str, refusal: OSError) -> int:
    """Open a file that the portal's user cannot read, as the user of scripts.

    Raises `refusal` if it has another reason or there is no other user; OSError.
    """
    user = current()
    if user is None or refusal.errno not in _NO_ACCESS:
        raise refusal
    return user.open(directory, path)
