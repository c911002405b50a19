"""Starts one script, watches it, and records how it ended.

Run as `python -I -S supervisor.py FOLDER`, with the environment for the script; the portal imports
this file instead, which Python has compiled already, and calls `main`. It imports
only the standard library, runs on Python 3.8 and newer, and uses only the run folder, whose files
docs/run-folder.md describes, and the files of `isolation` and `guards`.

1. Lock the folder with a lock that is released when this process ends, and reserve space for the
   exit record, so that a full disk cannot prevent writing it.
2. Claim the folder: a file that can be created only once. Hold the lock on the experiment directory
   against runs of other portals: the one that the launcher hands over, or take it and wait for a
   run that is there. Then files that were checked before must not have changed.
3. Start the script in its own session, with its output written directly to files; in its own
   control group if one can be created (cgroup v2), and behind the fence that the spec requests.
4. Wait: heartbeat, sizes of the output, time limit, output limit, requests to stop.
5. End all descendants, also in other sessions: their orphans become our children. After a normal
   end the spec may allow processes that were left behind to continue.
6. Write the exit record under a temporary name, sync, rename; notify the listener; exit. A forked
   process keeps the lock on the directory until the files of the run are collected.

If the folder is deleted meanwhile, only the names of its files are lost: they are held open, and
restored into a new folder.
"""

from __future__ import annotations

import _socket
import ctypes
import fcntl
import json
import os
import signal
import sys
import time

TYPE_CHECKING = False
if TYPE_CHECKING:  # typing itself would cost memory
    from typing import Any

    from runs_app.runner.guards import directory_lock, log_cuts, unchanged
    from runs_app.runner.isolation import fence
    from runs_app.runner.isolation.helper_client import RemoteScript

FORMAT = 1
DISK_FULL, LOCKED, CLAIMED = 74, 75, 76
LOCK_TRIES = 40
RESERVED_BYTES = 4096
# As JSON it grows up to six times, and must fit into the reserved space.
ERROR_BYTES = 500
TICK_S = 1.0
HEARTBEAT_S = 5.0
KILL_POLL_S = 0.05
# A disk that cannot be written may recover, for example a volume mounted read-only.
RECORD_PATIENCE_S = 600
# The index of output sizes gets one line per second for an hour, then one per ten seconds.
FINE_INDEX_S = 3600
COARSE_INDEX_S = 10
# The interval between attempts to reach the helper of another user.
HELPER_RETRY_S = 3.0
# The interval between attempts to lock the experiment directory.
DIRECTORY_RETRY_S = 1.0
# How long a helper may take to end after its script if no process is left.
HELPER_END_S = 5.0
# Files that a process holds open and may still write to after their folder was deleted.
GROWING = ("stdout.log", "stderr.log", "supervisor.log")
# How many commands of processes left behind are recorded; they fit into the space of an error.
MAX_LEFT = 8
COMMAND_WORDS = 8
COMMAND_BYTES = 60
# How much of a file is saved at once: a request to stop must not wait long.
SAVED_BYTES = 2**26
CGROUP_PREFIX = "guardianflow-"
OLD_CGROUP_S = 60
PR_SET_PDEATHSIG, PR_SET_CHILD_SUBREAPER = 1, 36
# Blocked from the start and waited for, so that no signal can end the supervisor half-way.
WATCHED = {signal.SIGCHLD, signal.SIGIO, signal.SIGTERM, signal.SIGINT, signal.SIGHUP}
STOP_SIGNALS = (signal.SIGTERM, signal.SIGINT)


class Supervisor:
    """One run; `folder` holds everything that it reads and writes."""

    def __init__(self, folder: str, directory: int | None = None) -> None:
        self.folder = folder
        self.spec: dict[str, Any] = {}
        self.script_pid = 0
        self.remote: RemoteScript | None = None  # set if another user runs the script
        self.cgroup = ""
        self.isolation: dict[str, Any] = {}
        self.status: int | None = None
        self.oom_kills = 0
        self.started_at: float | None = None
        self.finished_at = 0.0
        self.why_stopped = ""
        self.stop_requested = False
        self.ended_by_script = False
        self.complained = False
        self.childless = True
        self.next_heartbeat = 0.0
        self.next_index = 0.0
        self.last_sizes = (0, 0)
        self.log_watch: log_cuts.LogWatch | None = None
        self.monotonic = time.monotonic()
        self.directory = directory  # holds the lock on the experiment directory
        self.directory_refused = ""
        self.directory_shared = False
        self.held: dict[str, int] = {}
        self.is_restored = False

    def path(self, name: str) -> str:
        return os.path.join(self.folder, name)

    def claim(self) -> None:
        """Ensure that no other supervisor has started, or ever will start, this folder's script."""
        self.place = os.open(self.folder, os.O_RDONLY | os.O_DIRECTORY)
        self.lock = os.open(self.path("supervisor.lock"), os.O_RDWR | os.O_CREAT, 0o600)
        if not taken(self.lock):
            sys.exit(LOCKED)
        if os.path.exists(self.path("claimed")):
            sys.exit(CLAIMED)
        try:
            self.reserve()
        except OSError as error:  # not claimed, so that it can be tried again
            complain("no disk space for the exit record: %s" % error)
            sys.exit(DISK_FULL)
        try:
            claimed = os.open(self.path("claimed"), os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except FileExistsError:
            sys.exit(CLAIMED)
        me = {
            "format": FORMAT,
            "pid": os.getpid(),
            "start_ticks": start_ticks(os.getpid()),
            "boot_id": boot_id(),
        }
        try:
            os.write(claimed, json.dumps(me).encode())
        except OSError as error:  # a full disk: the file itself is the claim
            complain("claimed was not written: %s" % error)
        finally:
            os.close(claimed)

    def run(self) -> None:
        ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
        try:
            self.read_spec()
            self.out = self.open_output("stdout.log")
            self.err = self.open_output("stderr.log")
            self.hold_files()
            self.log_watch = log_cuts.LogWatch([self.out, self.err])
            wanted = self.hold_directory()
            if wanted:
                self.check_unchanged()
            if wanted and self.spec.get("run_as"):
                wanted = self.start_as_other_user()
            elif wanted:
                self.start()
        except (OSError, ValueError) as error:
            self.finished_at = time.time()
            code = 127 if isinstance(error, FileNotFoundError) else 126
            self.record("launch_failed", code, None, error="%s" % error)
            return
        if not wanted:
            self.finished_at = time.time()
            self.record("cancelled", 128 + signal.SIGINT, None)
            return
        self.note_start()
        self.wait()
        left = 0 if self.why_stopped else self.left_behind()
        commands = self.left_commands() if left else []
        self.oom_kills = oom_kills(self.cgroup) - self.oom_kills
        stays = bool(left and self.spec.get("background"))
        if stays and self.remote is not None:
            self.remote.leave()
        if not stays and not self.why_stopped and not self.has_helper_gone(left):
            self.end_all([signal.SIGTERM])
        self.index(force=True)
        self.record_end(left, stays, commands)
        if not stays:
            self.remove_cgroup()

    def read_spec(self) -> None:
        with open(self.path("spec.json"), encoding="utf-8") as file:
            spec = json.load(file)
        if not isinstance(spec, dict) or spec.get("format") != FORMAT:
            raise ValueError("spec.json is not of format %d" % FORMAT)
        self.spec = spec

    def hold_directory(self) -> bool:
        """Lock the experiment directory; return whether that was before a request to stop.

        Where the file system has no such lock, the script starts without it.
        """
        mode = self.spec.get("directory_lock")
        while not self.wants_stop():
            try:
                if self.directory is None and mode in (
                    directory_lock.EXCLUSIVE,
                    directory_lock.SHARED,
                ):
                    self.directory = directory_lock.hold(self.spec["directory"], mode)
            except BlockingIOError:
                self.complain_once("waiting for a run of another portal in this directory")
                self.pause(DIRECTORY_RETRY_S)
                continue
            except OSError as error:
                self.directory_refused = shortened(error.strerror or "%s" % error)
                complain("the directory is not locked: %s" % error)
            return True
        return False

    def hold_directory_later(self) -> None:
        """Take the lock that another run of the same portal held at the start, once it is free."""
        if (
            self.directory is None
            and self.spec.get("directory_lock") == directory_lock.SHARED_LATER
        ):
            try:
                self.directory = directory_lock.hold(self.spec["directory"], directory_lock.SHARED)
            except OSError:  # still held, or there is no such lock
                pass

    def look_for_others(self) -> None:
        """Note if a process of another run has the lock on the directory as well."""
        if self.directory is not None and not self.directory_shared:
            try:
                self.directory_shared = directory_lock.is_shared(self.directory)
            except (OSError, LookupError):  # no /proc
                pass

    def check_unchanged(self) -> None:
        """Refuse to start if a run of another portal has changed what was checked before."""
        path = unchanged.changed(self.spec.get("unchanged") or {})
        if path:
            raise ValueError("%s was changed after it was checked, before the start" % path)

    def reserve(self) -> None:
        """Allocate the blocks of the exit record now."""
        self.exit_file = os.open(self.path("exit.json.tmp"), os.O_RDWR | os.O_CREAT, 0o600)
        try:
            os.posix_fallocate(self.exit_file, 0, RESERVED_BYTES)
        except OSError:  # not supported by some file systems; a full disk fails here too
            os.pwrite(self.exit_file, b"\0" * RESERVED_BYTES, 0)

    def open_output(self, name: str) -> int:
        flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND
        return os.open(self.path(name), flags, 0o600)

    def start(self) -> None:
        """Fork and execute; raises OSError with the reason if the program cannot be executed."""
        reader, writer = os.pipe()
        self.started_at = time.time()
        self.monotonic = time.monotonic()
        self.cgroup = make_cgroup(self.spec.get("run", ""))
        parent = os.getpid()
        self.script_pid = os.fork()
        if self.script_pid == 0:
            try:
                os.close(reader)
                enter_cgroup(self.cgroup)
                become_the_script(with_secrets(self.spec), self.out, self.err, parent, writer)
            except BaseException as error:  # noqa: BLE001 - nothing may return into the supervisor's own code
                number = getattr(error, "errno", None) or 0
                os.write(writer, ("%d %s" % (number, error)).encode("utf-8", "replace"))
            finally:
                os._exit(127)
        os.close(writer)
        report = b""
        while True:
            part = os.read(reader, 4096)
            if not part:
                break
            report += part
        os.close(reader)
        if report.startswith(b"{"):  # the isolation, then why it cannot be executed
            isolation, _, report = report.partition(b"\n")
            self.isolation = json.loads(isolation)
        if report:
            os.waitpid(self.script_pid, 0)
            self.script_pid, self.started_at = 0, None
            self.remove_cgroup()
            number, text = report.decode("utf-8", "replace").split(" ", 1)
            raise FileNotFoundError(text) if number == "2" else OSError(text)

    def start_as_other_user(self) -> bool:
        """Let a helper start the script; return whether it was started before a request to stop.

        An unreachable helper is waited for: the script never runs as this user.
        Raises OSError with the reason if the program cannot be executed.
        """
        import helper_client

        for log in (self.out, self.err):
            try:
                helper_client.let_user_write(log, self.spec["run_as_uid"])
            except OSError as error:
                complain("no access list, so /dev/stderr cannot be opened by path: %s" % error)
        self.cgroup = "" if self.spec.get("scripts_socket") else make_cgroup(self.spec["run"])
        remote = helper_client.RemoteScript(self.spec, lambda: enter_cgroup(self.cgroup))
        spec = with_secrets(self.spec)  # goes to the helper through memory alone
        while not self.wants_stop():
            self.started_at, self.monotonic = time.time(), time.monotonic()
            try:
                remote.start(spec, self.out, self.err)
            except helper_client.HelperError as error:
                self.complain_once("waiting for the helper of %s: %s" % (remote.user, error))
                self.pause(HELPER_RETRY_S)
            except helper_client.RefusedError as error:
                self.started_at = None
                self.remove_cgroup()
                text = error.strerror or "%s" % error
                raise FileNotFoundError(text) if error.errno == 2 else OSError(text) from None
            else:
                self.remote, self.script_pid = remote, remote.pid
                self.isolation = remote.isolation
                return True
        self.started_at = None
        self.remove_cgroup()
        return False

    def has_helper_gone(self, left: int) -> bool:
        """Return whether the helper ends by itself, as it should if no process is left."""
        return self.remote is not None and not left and self.is_alone_within(HELPER_END_S)

    def left_behind(self) -> int:
        """Return how many processes of the script are still alive."""
        if self.remote is not None:
            return self.remote.left
        # Every descendant descends from a child: without one, /proc need not be searched.
        return 0 if self.childless else len(self.descendants())

    def left_commands(self) -> list[str]:
        """Return the commands of the processes that the script left alive."""
        if self.remote is not None:  # of another user: only the helper can read them
            return []
        place = os.path.realpath(self.spec["cwd"])
        commands = [command_of(pid, place) for pid in self.descendants()[:MAX_LEFT]]
        return [command for command in commands if command]

    def note_start(self) -> None:
        facts = {
            "format": FORMAT,
            "token": self.spec.get("token", ""),
            "pid": os.getpid(),
            "start_ticks": start_ticks(os.getpid()),
            "script_pid": self.script_pid,
            "cgroup": self.cgroup,
            "boot_id": boot_id(),
            "started_at": self.started_at,
            "isolation": self.isolation,
            "directory_refused": self.directory_refused,
            "directory_id": self.directory_id(),
        }
        try:
            write_aside(self.path("started.json"), json.dumps(facts).encode())
        except OSError as error:  # a full disk: the lock and the exit record are enough
            complain("started.json was not written: %s" % error)

    def directory_id(self) -> str:
        """Return device and inode of the experiment directory: another may get its path."""
        try:
            held = self.directory
            facts = os.stat(self.spec.get("directory", "") if held is None else held)
        except OSError:
            return ""
        return "%d:%d" % (facts.st_dev, facts.st_ino)

    def wait(self) -> None:
        """Wait until the script has ended; stop it at a limit or on request."""
        self.oom_kills = oom_kills(self.cgroup)
        limit_s = self.spec.get("timeout_s")
        while not self.reaped():
            if self.wants_stop():
                is_requested = os.path.lexists(self.path("cancel")) or not self.ended_by_script
                self.stop("cancelled" if is_requested else "ended_by_script")
                return
            if limit_s and time.monotonic() - self.monotonic >= limit_s:
                self.stop("timed_out")
                return
            if self.has_written_too_much():
                self.stop("log_limit")
                return
            pause = TICK_S
            if limit_s:
                pause = min(pause, max(0.0, self.monotonic + limit_s - time.monotonic()))
            self.pause(pause)

    def has_written_too_much(self) -> bool:
        """Return whether both outputs together are longer than the spec allows."""
        limit_bytes = self.spec.get("log_limit_bytes")
        return limit_bytes is not None and sum(self.sizes()) > limit_bytes

    def sizes(self) -> tuple[int, int]:
        return os.fstat(self.out).st_size, os.fstat(self.err).st_size

    def stop(self, why: str) -> None:
        """Send the polite signals, then kill, until no process is left."""
        self.why_stopped = why
        self.end_all([signal.SIGINT, signal.SIGTERM])
        self.reaped()

    def end_all(self, polite: list[signal.Signals]) -> None:
        """Send each polite signal to every descendant, with a grace after each, then kill.

        Returns only when no process is left. Processes that fork while being killed, or do not die
        at once because they wait for a disk, are killed in the next round.
        """
        grace_s = float(self.spec.get("grace_s", 10))
        for number in polite:
            if self.is_alone():
                return
            self.send(number)
            if self.is_alone_within(grace_s):
                return
        round_s = KILL_POLL_S
        while not self.is_alone():
            kill_cgroup(self.cgroup)
            self.send(signal.SIGKILL)
            if self.is_alone_within(round_s):
                return
            round_s = min(TICK_S, 2 * round_s)

    def is_alone_within(self, seconds: float) -> bool:
        until = time.monotonic() + seconds
        while not self.is_alone():
            rest = until - time.monotonic()
            if rest <= 0:
                return False
            self.pause(min(TICK_S, rest))
        return True

    def is_alone(self) -> bool:
        """Return whether no descendant is left: each one descends from a child of ours.

        An orphan becomes our child, so that the end of the last one wakes us by SIGCHLD.
        """
        self.reaped()
        return self.childless and (self.remote is None or self.remote.is_alone())

    def send(self, number: int) -> None:
        if self.remote is not None:
            try:
                self.remote.send(number, self.descendants)
            except OSError as error:
                self.complain_once("the helper cannot be reached: %s" % error)
            return
        for pid in self.descendants():
            try:
                os.kill(pid, number)
                if state_and_parent(pid)[0] == "T":  # else it would not receive the signal
                    os.kill(pid, signal.SIGCONT)
            except ProcessLookupError:
                pass
            except OSError as error:  # it now runs as another user, for example by sudo
                self.complain_once("process %d cannot be ended: %s" % (pid, error))

    def descendants(self) -> list[int]:
        """Return every living descendant of this process, the nearest first."""
        children: dict[int, list[int]] = {}
        for name in os.listdir("/proc"):
            if name.isdigit():
                state, parent = state_and_parent(int(name))
                if state not in ("Z", "X", ""):
                    children.setdefault(parent, []).append(int(name))
        found, front = [], [os.getpid()]
        while front:
            front = [pid for parent in front for pid in children.get(parent, ())]
            found += front
        return found

    def reaped(self) -> bool:
        """Reap ended children; return whether the script has ended."""
        while True:
            try:
                pid, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                self.childless = True
                break
            if pid == 0:
                self.childless = False
                break
            if pid == self.script_pid:
                self.note_end(status)
        if self.remote is not None and self.status is None:
            self.remote.look()
            if self.remote.status is not None:
                self.note_end(self.remote.status)
        return self.status is not None

    def note_end(self, status: int) -> None:
        self.status = status
        # The clock may be set while a script runs; its duration must stay correct.
        self.finished_at = (self.started_at or 0.0) + time.monotonic() - self.monotonic

    def pause(self, seconds: float) -> None:
        """Wait for a signal, at most `seconds`, and do what is due."""
        came = signal.sigtimedwait(WATCHED, seconds)
        self.note_signal(came)
        if self.log_watch is not None:
            self.log_watch.look()
        self.hold_directory_later()
        now = time.monotonic()
        if now >= self.next_heartbeat:
            self.next_heartbeat = now + HEARTBEAT_S
            try:
                os.utime(self.lock)
            except OSError as error:
                complain("no heartbeat: %s" % error)
            self.look_for_others()
            self.hold_files()
        if self.is_restored or self.is_deleted():
            self.try_to_restore(SAVED_BYTES)
        if now >= self.next_index:
            fine = now - self.monotonic < FINE_INDEX_S
            self.next_index = now + (TICK_S if fine else COARSE_INDEX_S)
            self.index()

    def note_signal(self, came: signal.struct_siginfo | None) -> None:
        """Note a request to stop, and whether a process of the script sent it."""
        if came is not None and came.si_signo in STOP_SIGNALS:
            self.stop_requested = True
            self.ended_by_script = self.is_of_script(came.si_pid)

    def is_of_script(self, sender: int) -> bool:
        """Return whether a signal came from a process of the script, which may have ended since.

        `kill $PPID` is a program that has ended before anybody looks. A person's shell, a service
        manager and init are still there; 0 is a process of another PID namespace.
        """
        if sender == 0 or sender in self.descendants():
            return sender != 0
        return state_and_parent(sender)[0] in ("Z", "X", "")

    def wants_stop(self) -> bool:
        self.note_signal(signal.sigtimedwait(STOP_SIGNALS, 0))
        return self.stop_requested or os.path.lexists(self.path("cancel"))

    def index(self, force: bool = False) -> None:
        """Record the present sizes of both outputs, so that they can be shown in order."""
        sizes = self.sizes()
        if sizes == self.last_sizes and not force:
            return
        self.last_sizes = sizes
        try:
            write_down(
                self.path("output.index"),
                b"%.3f %d %d\n" % (time.time(), sizes[0], sizes[1]),
                os.O_APPEND,
            )
        except OSError:  # a full disk: the outputs themselves are enough
            pass

    def hold_files(self) -> None:
        """Hold every new file of the folder open."""
        try:
            with os.scandir(self.folder) as entries:
                for entry in entries:
                    if entry.name not in self.held and is_worth_holding(entry):
                        flags = os.O_RDONLY | os.O_NOFOLLOW
                        self.held[entry.name] = os.open(entry.path, flags)
        except OSError:  # deleted at this moment
            pass

    def is_deleted(self) -> bool:
        return os.fstat(self.lock).st_nlink == 0

    def is_ours(self) -> bool:
        """Return whether the folder is still the one that this process claimed or recreated."""
        return leads_to(self.folder, self.place)

    def restore_if_gone(self) -> None:
        """Recreate the folder if it was deleted, or at the end also if it was moved."""
        if self.is_restored or not os.path.exists(self.path("supervisor.lock")):
            self.try_to_restore()

    def try_to_restore(self, most: int | None = None) -> None:
        """Recreate a deleted folder, now or at a later call, and save the output since then."""
        try:
            self.restore(most)
        except OSError as error:  # its parent may be missing as well
            self.complain_once("the deleted folder cannot be created again yet: %s" % error)

    def restore(self, most: int | None = None) -> None:
        """Restore all missing files; of growing files, at most `most` bytes at once."""
        if not os.path.exists(self.path("supervisor.lock")):
            self.move_in()
        if not leads_to(self.path("supervisor.lock"), self.lock):
            raise OSError("another has its place")
        if not leads_to(self.path("exit.json.tmp"), self.exit_file):
            self.reserve()
        if not os.path.exists(self.path("restored.json")):
            facts = {"format": FORMAT, "restored_at": time.time()}
            write_aside(self.path("restored.json"), json.dumps(facts).encode())
        if self.started_at and not os.path.exists(self.path("started.json")):
            self.note_start()
        for name in self.held:
            if name in GROWING:
                self.save(self.path(name), self.held[name], most)
            elif not os.path.exists(self.path(name)):
                self.save(self.path(name + ".tmp"), self.held[name])
                os.rename(self.path(name + ".tmp"), self.path(name))

    def move_in(self) -> None:
        """Create the folder and lock it, so that the run does not count as lost."""
        try:
            os.mkdir(self.folder, 0o700)
            complain("the run folder was deleted; it is created again")
        except FileExistsError:  # only its files were deleted
            pass
        lock = os.open(self.path("supervisor.lock"), os.O_RDWR | os.O_CREAT, 0o600)
        if not taken(lock):
            os.close(lock)
            raise OSError("another has its place")
        os.close(self.lock)
        self.lock, self.is_restored = lock, True
        os.close(self.place)
        self.place = os.open(self.folder, os.O_RDONLY | os.O_DIRECTORY)

    def save(self, path: str, source: int, most: int | None = None) -> None:
        """Extend a file to the length of the held one, by at most `most` bytes."""
        target = os.open(path, os.O_WRONLY | os.O_CREAT, 0o600)
        try:
            at, end = os.lseek(target, 0, os.SEEK_END), os.fstat(source).st_size
            if most is not None:
                end = min(end, at + most)
            while at < end:
                sent = os.sendfile(target, source, at, end - at)
                at = at + sent if sent else end  # shorter than before: no more data will come
        finally:
            os.close(target)

    def complain_once(self, text: str) -> None:
        if not self.complained:
            complain(text)
        self.complained = True

    def remove_cgroup(self) -> None:
        """Remove the control group; its last process may need a moment to leave it."""
        for _ in range(LOCK_TRIES if self.cgroup else 0):
            try:
                os.rmdir(self.cgroup)
            except FileNotFoundError:
                return
            except OSError:
                time.sleep(KILL_POLL_S)
            else:
                return

    def record_end(self, stragglers: int, stay: bool, commands: list[str]) -> None:
        status = self.status if self.status is not None else 0
        number = os.WTERMSIG(status) if os.WIFSIGNALED(status) else None
        code = 128 + number if number else os.WEXITSTATUS(status)
        why = self.why_stopped or ("signalled" if number else "exited")
        self.record(why, code, number, stragglers=stragglers, background=stay, left=commands)

    def record(self, why: str, code: int, number: int | None, **more: Any) -> None:
        """Write the exit record into its reserved space, sync, rename, and notify the listener."""
        self.restore_if_gone()
        remove_secrets(self.spec)
        self.look_for_others()
        keeper = self.leave_keeper()
        watch = self.log_watch
        if watch is not None:
            watch.end(is_written=bool(more.get("background")))
        facts = {
            "format": FORMAT,
            "token": self.spec.get("token", ""),
            "why": why,
            "exit_code": int(code),
            "signal": number,
            "started_at": self.started_at,
            "finished_at": self.finished_at,
            "stdout_bytes": size_of(self.path("stdout.log")),
            "stderr_bytes": size_of(self.path("stderr.log")),
            "stragglers": more.get("stragglers", 0),
            "background": more.get("background", False),
            "left": more.get("left", []),
            "oom_kills": max(0, self.oom_kills),
            "error": shortened(more.get("error", "")),
            "stdout_cut_bytes": watch.cut_bytes[0] if watch is not None else 0,
            "stderr_cut_bytes": watch.cut_bytes[1] if watch is not None else 0,
            "log_may_be_cut": watch is not None and any(watch.may_be_cut),
            "directory_shared": self.directory_shared,
            "lock_keeper": keeper,
            "lock_keeper_start_ticks": start_ticks(keeper) if keeper else 0,
            # No other process writes a record before this, so the script wrote it.
            "replaced": os.path.lexists(self.path("exit.json")),
        }
        self.put_record(json.dumps(facts).encode())
        if self.directory is not None:
            os.close(self.directory)
        # A record counts once the lock is free: before that it may be the script's. What was forked
        # may not have closed it yet.
        fcntl.flock(self.lock, fcntl.LOCK_UN)
        os.close(self.lock)
        announce(self.spec.get("notify_socket"), self.spec.get("run", ""))

    def leave_keeper(self) -> int:
        """Let another process go on holding the lock on the directory; return its pid, 0 for none.

        Without it a run of another portal may change what this script made before it is copied.
        """
        if self.directory is None or not self.started_at:
            return 0
        try:
            return directory_lock.leave_keeper(self.directory, self.spec.get("keep_lock_s", 0))
        except OSError as error:  # no more processes
            complain("the lock on the directory is not kept: %s" % error)
            return 0

    def put_record(self, data: bytes) -> None:
        """Write the record; while the disk refuses, keep this process and its lock."""
        until = time.monotonic() + RECORD_PATIENCE_S
        while True:
            try:
                self.write_record(data)
            except OSError as reason:
                self.complain_once("exit.json cannot be written yet: %s" % reason)
                if time.monotonic() > until:
                    raise
                time.sleep(TICK_S)
            else:
                return

    def write_record(self, data: bytes) -> None:
        self.restore_if_gone()
        if not leads_to(self.path("exit.json.tmp"), self.exit_file):
            if not self.is_ours():
                raise OSError("the run folder is away, or another has its place")
            put_out_of_the_way(self.path("exit.json.tmp"))
            self.reserve()
        if os.path.isdir(self.path("exit.json")):  # a file cannot be renamed over a directory
            put_out_of_the_way(self.path("exit.json"))
        os.pwrite(self.exit_file, data, 0)
        os.ftruncate(self.exit_file, len(data))
        try:
            os.fsync(self.exit_file)
        except OSError as reason:  # a record that may be lost in a power cut is better than none
            complain("exit.json was not synced: %s" % reason)
        os.rename(self.path("exit.json.tmp"), self.path("exit.json"))
        try:
            sync_folder(self.folder)
        except OSError as reason:  # not supported by all file systems; the record exists
            complain("the run folder was not synced: %s" % reason)


def make_cgroup(run: str) -> str:
    """Return a new control group of this run below our own, '' if none can be created."""
    try:
        home = own_cgroup()
        remove_old_cgroups(home)
        path = os.path.join(home, CGROUP_PREFIX + run)
        os.mkdir(path, 0o755)
    except (OSError, LookupError):
        return ""
    # Kernels before 5.14 have no such file; the group would be useless there.
    if os.path.exists(os.path.join(path, "cgroup.kill")):
        return path
    os.rmdir(path)
    return ""


def own_cgroup() -> str:
    """Return the folder of our own control group; raises OSError, LookupError."""
    with open("/proc/self/cgroup", encoding="utf-8") as file:
        own = [line[3:].rstrip("\n") for line in file if line.startswith("0::")]
    with open("/proc/self/mountinfo", encoding="utf-8") as file:
        mounts = [line.split() for line in file if " - cgroup2 " in line]
    # Field 4 is the root of the mount within the hierarchy, field 5 the mount point.
    root, where = mounts[0][3].rstrip("/"), mounts[0][4]
    if not own[0].startswith(root):
        raise LookupError("our group is outside of what is mounted")
    return os.path.join(where, own[0][len(root) :].strip("/"))


def remove_old_cgroups(home: str) -> None:
    """Remove the groups of runs whose supervisor is gone; a group with processes stays.

    A new group may belong to another supervisor that has not entered it yet.
    """
    for name in os.listdir(home):
        if not name.startswith(CGROUP_PREFIX):
            continue
        path = os.path.join(home, name)
        try:
            if time.time() - os.stat(path).st_mtime > OLD_CGROUP_S:
                os.rmdir(path)
        except OSError:  # in use, another user's, or already gone
            pass


def enter_cgroup(path: str) -> None:
    """Move this process into a control group; the script also runs without it."""
    if path:
        try:
            with open(os.path.join(path, "cgroup.procs"), "w", encoding="ascii") as file:
                file.write("0")
        except OSError as error:
            complain("no control group: %s" % error)


def kill_cgroup(path: str) -> None:
    """Kill every process of a control group, including those forked meanwhile."""
    if path:
        try:
            with open(os.path.join(path, "cgroup.kill"), "w", encoding="ascii") as file:
                file.write("1")
        except OSError:
            pass


def become_the_script(spec: dict[str, Any], out: int, err: int, parent: int, reporter: int) -> None:
    """Turn this forked child into the script; it dies with the supervisor.

    Its isolation is written to `reporter` first, as a line of JSON.
    """
    os.setsid()
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, int(signal.SIGKILL), 0, 0, 0)
    if os.getppid() != parent:
        os._exit(127)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.dup2(out, 1)
    os.dup2(err, 2)
    for number in signal.valid_signals() - {signal.SIGKILL, signal.SIGSTOP}:
        signal.signal(number, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_SETMASK, ())
    try:
        os.chdir(spec["cwd"])
    except OSError as error:
        raise OSError(error.errno, "%s: %s" % (error.strerror, spec["cwd"])) from None
    if spec.get("umask") is not None:  # the supervisor's own keeps the run folder private
        os.umask(spec["umask"])
    report = fence.restrict(spec.get("fence") or {})
    os.write(reporter, json.dumps(report).encode("ascii") + b"\n")
    argv = spec["argv"]
    try:
        os.execvpe(argv[0], argv, os.environ)  # noqa: S606 - no shell is the point
    except OSError as error:
        raise OSError(error.errno, "%s: %s" % (error.strerror, argv[0])) from None


def with_secrets(spec: dict[str, Any]) -> dict[str, Any]:
    """Return a spec with the secret words in its command; called only in the script's own process.

    The words that prepare the script's environment go before it. Errors about the file do not show
    its content.
    """
    argv, before = list(spec["argv"]), list(spec.get("before") or ())
    if not spec.get("secrets"):
        return dict(spec, argv=before + argv)
    try:
        with open(spec["secrets"], encoding="utf-8") as file:
            kept = json.load(file)
        if kept["format"] != FORMAT:
            raise ValueError
        for place, word in kept["words"].items():
            argv[int(place)] = word
    except OSError as error:
        raise OSError(
            error.errno, "the secret values cannot be read: %s" % error.strerror
        ) from None
    except (ValueError, LookupError, TypeError, AttributeError):
        raise ValueError("the file of the secret values is damaged") from None
    return dict(spec, argv=before + argv)


def remove_secrets(spec: dict[str, Any]) -> None:
    """Remove the file of secret values after the script has ended; the portal does so too."""
    if spec.get("secrets"):
        try:
            os.unlink(spec["secrets"])
        except OSError:  # gone, or the portal will retry
            pass


def taken(lock: int) -> bool:
    """Lock the descriptor; an observer holds it for a moment, a supervisor permanently."""
    for _ in range(LOCK_TRIES):
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            time.sleep(KILL_POLL_S)
        else:
            return True
    return False


def state_and_parent(pid: int) -> tuple[str, int]:
    """Return the state letter and the parent of a process, ('', 0) if it is gone.

    If only its first thread has ended, the kernel shows Z for a process that still runs.
    """
    try:
        with open("/proc/%d/stat" % pid, "rb") as file:
            words = file.read().rpartition(b")")[2].split()
    except OSError:
        return "", 0
    state, threads = words[0].decode(), int(words[17])
    return "S" if state == "Z" and threads > 1 else state, int(words[1])


def is_worth_holding(entry: os.DirEntry[str]) -> bool:
    """Return whether a file of the folder is complete, and not for the supervisor only."""
    is_aside = entry.name.endswith((".tmp", ".part")) or entry.name == "supervisor.lock"
    return not is_aside and entry.is_file(follow_symlinks=False)


def leads_to(path: str, descriptor: int) -> bool:
    try:
        return os.path.samestat(os.stat(path), os.fstat(descriptor))
    except OSError:
        return False


def command_of(pid: int, place: str) -> str:
    """Return the program of a process, and the script of `place` that it runs, if any.

    Other words of its command are omitted: an argument may be a secret.
    """
    try:
        with open("/proc/%d/cmdline" % pid, "rb") as file:
            words = file.read(4096).decode("utf-8", "replace").split("\0")
        folder = os.readlink("/proc/%d/cwd" % pid)
    except OSError:
        return ""
    command = os.path.basename(words[0])
    is_module = False
    for number, word in enumerate(words[:COMMAND_WORDS]):
        name = word.replace(".", "/") + ".py" if is_module else word
        path = os.path.normpath(os.path.join(folder, name))
        if is_script_of(path, place, is_program=number == 0):
            command += " " + os.path.relpath(path, place)
            break
        if is_module or (number == 1 and word[:1] == "/"):  # a tool: `python -m yolo`, .../bin/yolo
            command += " " + os.path.basename(word)
            break
        is_module = word == "-m"
    return command.encode("utf-8", "replace")[:COMMAND_BYTES].decode("utf-8", "ignore")


def is_script_of(path: str, place: str, is_program: bool) -> bool:
    """Return whether a file is a script of a directory, but not of an environment in it."""
    if not path.startswith(place + "/") or not os.path.isfile(path):
        return False
    above = os.path.dirname(os.path.dirname(path))
    is_tool = any(
        os.path.exists(os.path.join(above, marker)) for marker in ("pyvenv.cfg", "conda-meta")
    )
    return not is_tool and (is_program or path.endswith((".py", ".sh", ".bash", ".ipynb", ".R")))


def oom_kills(cgroup: str) -> int:
    """Return the number of OOM kills: of a control group, else of the machine."""
    for path in (cgroup and os.path.join(cgroup, "memory.events"), "/proc/vmstat"):
        try:
            with open(path, encoding="ascii") as file:
                counts = [int(line.split()[1]) for line in file if line.startswith("oom_kill ")]
        except OSError:  # the group has no memory controller
            continue
        if counts:
            return counts[0]
    return 0


def start_ticks(pid: int) -> int:
    """Return when a process started, in clock ticks since boot; unique together with its pid."""
    with open("/proc/%d/stat" % pid, "rb") as file:
        return int(file.read().rpartition(b")")[2].split()[19])


def boot_id() -> str:
    try:
        with open("/proc/sys/kernel/random/boot_id", encoding="ascii") as file:
            return file.read().strip()
    except OSError:
        return ""


def shortened(text: str) -> str:
    return text.encode("utf-8", "replace")[:ERROR_BYTES].decode("utf-8", "ignore")


def size_of(path: str) -> int:
    try:
        return os.stat(path).st_size
    except OSError:
        return 0


def put_out_of_the_way(path: str) -> None:
    """Move aside what the script created under a name of ours."""
    if os.path.lexists(path):
        os.rename(path, "%s.not-ours-%d" % (path, time.time_ns()))


def write_aside(path: str, data: bytes) -> None:
    write_down(path + ".tmp", data, os.O_TRUNC)
    os.rename(path + ".tmp", path)


def write_down(path: str, data: bytes, how: int) -> None:
    """Write to a regular file; a pipe that the script created there must not block us."""
    flags = os.O_WRONLY | os.O_CREAT | os.O_NONBLOCK | os.O_NOFOLLOW | how
    descriptor = os.open(path, flags, 0o600)
    try:
        os.write(descriptor, data)
        if how == os.O_TRUNC:
            os.fsync(descriptor)
    finally:
        os.close(descriptor)


def sync_folder(path: str) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def announce(socket_path: str | None, run: str) -> None:
    """Notify the listener of the run's id; ignored if no process listens."""
    if not socket_path:
        return
    sender = _socket.socket(_socket.AF_UNIX, _socket.SOCK_DGRAM)
    try:
        sender.setblocking(False)
        sender.sendto(run.encode("ascii"), socket_path)
    except OSError:
        pass
    finally:
        sender.close()


def complain(text: str) -> None:
    """Write a line to supervisor.log, this process's standard error."""
    try:
        sys.stderr.write(text + "\n")
        sys.stderr.flush()
    except OSError:
        pass


def main() -> None:
    """Detach, then supervise; the caller waits only for the detaching.

    A second word is the descriptor with the lock on the directory, which the script must not get.
    """
    if os.fork():
        os._exit(0)
    signal.pthread_sigmask(signal.SIG_BLOCK, WATCHED)
    directory = int(sys.argv[2]) if len(sys.argv) > 2 else None
    if directory is not None:
        os.set_inheritable(directory, False)
    supervisor = Supervisor(os.path.abspath(sys.argv[1]), directory)
    supervisor.claim()
    supervisor.run()
    # Its lock is free and its end announced. Taking the interpreter apart costs a tenth of all that
    # this process does for an empty script, and a terminal waits for it.
    os._exit(0)


if __name__ != "runs_app.runner.supervisor":
    # Import neighbours by path: the package would import all of its parents.
    for neighbours in ("isolation", "guards"):
        sys.path.append(os.path.join(os.path.dirname(os.path.abspath(__file__)), neighbours))
    import directory_lock  # type: ignore[no-redef]
    import fence  # type: ignore[no-redef]  # the same file
    import log_cuts  # type: ignore[no-redef]
    import unchanged  # type: ignore[no-redef]

if __name__ == "__main__":
    main()
