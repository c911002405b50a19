"""Starts, watches and ends scripts as the Linux user whose program this is.

`guardianflow script-helper` prints this file as one program with `fence.py` inside, to be
installed owned by root outside of the portal's code. systemd starts it for each connection of a
socket unit, or the portal by `sudo -n -u USER`. It takes no arguments: descriptor 0 is a socket
(AF_UNIX, SOCK_SEQPACKET) to the portal, and every packet is a JSON object. The user of the scripts
never needs access to the portal's files: open descriptors are passed over the socket.

Standard library only, Python 3.8 and newer. docs/run-folder.md has the messages, and
docs/operations.md the set-up.
"""

# The public module imports `enum`, which takes as long as the rest of the start.
import _signal as signal  # type: ignore[import-not-found]
import _socket
import ctypes
import os
import pwd
import stat
import sys
import time

TYPE_CHECKING = False
if TYPE_CHECKING:  # typing itself would cost time at every start
    from typing import Any, Callable, Dict, Iterator, List, Optional, Tuple

    Message = Dict[str, Any]
    Answer = Tuple[Message, List[int]]

FORMAT = 1
# Both are filled in when the file is printed.
DIGEST = ""
FENCE_SOURCE = ""
PR_SET_PDEATHSIG, PR_SET_DUMPABLE, PR_SET_CHILD_SUBREAPER = 1, 4, 36
MSG_CMSG_CLOEXEC = 0x40000000
MAX_PACKET_BYTES = 2**17
MAX_DESCRIPTORS = 32
# A helper that is idle for this long ends; the next request starts another.
IDLE_S = 60
TICK_S = 1.0
KILL_POLL_S = 0.05
SWEEP_LIMIT_S = 20
# More than any answer to a query needs; a script's own files are not limited.
ASKED_BYTES = 2**26
SCRATCH_MODE = 0o2770
RUN_MARK = b"GUARDIANFLOW_RUN_ID="
WAKES = (signal.SIGCHLD, signal.SIGIO)


def json_tools() -> "Tuple[Callable[[Any], str], Callable[[str], Any]]":
    """Return the functions that write and read JSON.

    The public module imports `re`, which would take half of the start time. It is used only if the
    internals of this Python are not as expected.
    """
    try:
        import _json

        class Rules:
            strict, object_hook, object_pairs_hook, memo = True, None, None, {}  # type: ignore[var-annotated]
            parse_float, parse_int, parse_constant = float, int, float

        scan = _json.make_scanner(Rules)  # type: ignore[arg-type]
        escaped = _json.encode_basestring_ascii
        write = _json.make_encoder(None, None, escaped, None, ": ", ", ", False, False, True)  # type: ignore[arg-type]
        sample = {"a": [1, "\ud55c\udcff", None, True, 0.5]}
        if scan("".join(write(sample, 0)), 0)[0] != sample:
            raise TypeError
    except (ImportError, AttributeError, TypeError):
        import json

        return json.dumps, json.loads

    def read(text: str) -> "Any":
        try:
            return scan(text, 0)[0]
        except StopIteration:
            raise ValueError("no JSON") from None

    return lambda value: "".join(write(value, 0)), read


to_json, from_json = json_tools()


class Channel:
    """The socket to the portal."""

    def __init__(self, descriptor: int) -> None:
        self.socket = _socket.socket(fileno=descriptor)
        if self.socket.family != _socket.AF_UNIX or self.socket.type != _socket.SOCK_SEQPACKET:
            raise OSError("descriptor 0 is no socket of the portal")

    def receive(self, timeout_s: "Optional[float]") -> "Optional[Answer]":
        """Return the next message and its descriptors; None if the portal has hung up.

        Raises BlockingIOError (0 s) or TimeoutError if there is none in time.
        """
        self.socket.settimeout(timeout_s)
        try:
            data, extra, flags, _ = self.socket.recvmsg(
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
        if flags & (_socket.MSG_TRUNC | _socket.MSG_CTRUNC):
            raise ValueError("a message is too long")
        message = from_json(data.decode())
        if not isinstance(message, dict):
            raise ValueError("a message is no object")
        return message, descriptors

    def send(self, message: "Message", descriptors: "Tuple[int, ...]" = ()) -> None:
        """Send an answer; ignored if the portal has hung up."""
        self.socket.settimeout(None)
        extra = []
        if descriptors:
            raw = b"".join(descriptor.to_bytes(4, sys.byteorder) for descriptor in descriptors)
            extra = [(_socket.SOL_SOCKET, _socket.SCM_RIGHTS, raw)]
        try:
            self.socket.sendmsg([to_json(message).encode()], extra, _socket.MSG_NOSIGNAL)
        except OSError:
            pass

    def wake_by_signal(self) -> None:
        """Make data on the socket raise SIGIO."""
        import fcntl

        number = self.socket.fileno()
        fcntl.fcntl(number, fcntl.F_SETOWN, os.getpid())
        fcntl.fcntl(number, fcntl.F_SETFL, fcntl.fcntl(number, fcntl.F_GETFL) | os.O_ASYNC)


def main() -> None:
    """Serve the messages on descriptor 0 until it ends."""
    signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())
    prctl(PR_SET_DUMPABLE, 0)
    prctl(PR_SET_CHILD_SUBREAPER, 1)
    try:
        channel = Channel(0)
    except OSError:
        sys.stderr.write("The portal starts this program, over a socket; see docs/operations.md.\n")
        sys.exit(2)
    while True:
        try:
            came = channel.receive(IDLE_S)
        except (OSError, ValueError):
            return
        if came is None:
            return
        message, descriptors = came
        if "run" in message or "ask" in message:
            keep(channel, message, descriptors)
            return
        try:
            answer, given = serve(message)
        except (OSError, ValueError, TypeError, LookupError) as error:
            answer, given = refusal(error), []
        finally:
            close(descriptors)
        channel.send(answer, tuple(given))
        close(given)


def refusal(error: BaseException) -> "Message":
    """Return the message about an error, with its errno if it has one."""
    number = getattr(error, "errno", None) or 0
    return {"error": str(getattr(error, "strerror", None) or error), "errno": number}


def serve(message: "Message") -> "Answer":
    """Return the answer to one query; raises OSError, ValueError."""
    for word, answer in ANSWERS.items():
        if word in message:
            return answer(message)
    raise ValueError("this helper is older than the portal; install it again")


def say_hello(_message: "Message") -> "Answer":
    me = pwd_of_user()
    facts = {"hello": FORMAT, "uid": os.getuid(), "user": me["USER"], "digest": DIGEST}
    return dict(facts, scratch=scratch_base()), []


def count_unwritable(message: "Message") -> "Answer":
    count, first = unwritable(message["unwritable"])
    return {"count": count, "first": first}, []


def pwd_of_user() -> "Dict[str, str]":
    """Return HOME, USER, LOGNAME and SHELL; for a user without an account, the uid as name."""
    try:
        row = pwd.getpwuid(os.getuid())
        name, home, shell = row.pw_name, row.pw_dir, row.pw_shell or "/bin/sh"
    except KeyError:
        name, home, shell = str(os.getuid()), "/", "/bin/sh"
    return {"HOME": home, "USER": name, "LOGNAME": name, "SHELL": shell}


# Starting scripts, and ending them when requested


class Keeper:
    """One script and all that it starts, until no process is left or the portal detaches it."""

    def __init__(self, channel: Channel, pid: int, *, is_question: bool) -> None:
        self.channel = channel
        self.pid = pid
        self.is_question = is_question
        self.status = None  # type: Optional[int]
        self.is_alone = False
        self.is_end_reported = False
        self.is_left = False

    def run(self) -> None:
        """Return when nothing of the script is alive."""
        while True:
            self.reap()
            if self.status is not None and not self.is_end_reported:
                self.is_end_reported = True
                if self.is_question:
                    self.end_all()
                self.channel.send({"status": self.status, "left": len(descendants())})
            if self.is_alone:
                if not self.is_left:
                    self.channel.send({"ended": 1})
                return
            if not self.is_left and not self.obey():
                self.end_all()
                return
            signal.sigtimedwait(WAKES, TICK_S)

    def reap(self) -> None:
        """Reap ended children: orphans are children of this process too."""
        while True:
            try:
                pid, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                self.is_alone = True
                return
            if pid == 0:
                return
            if pid == self.pid:
                self.status = status

    def obey(self) -> bool:
        """Carry out pending messages; return whether the portal is still connected."""
        while True:
            try:
                came = self.channel.receive(0)
            except BlockingIOError:
                return True
            except (OSError, ValueError):
                return False
            if came is None:
                return False
            message, descriptors = came
            close(descriptors)
            if "signal" in message:
                self.signal_all(int(message["signal"]))
            if "leave" in message:
                # Resident until the last process ends: so systemd keeps the unit, and with it them.
                self.is_left = True
                self.channel.socket.close()
                return True

    def signal_all(self, number: int) -> None:
        for pid in descendants():
            signal_process(pid, number)

    def end_all(self) -> None:
        """Kill until no process is left; the next round kills processes forked meanwhile."""
        pause_s = 0.001
        while True:
            self.reap()
            if self.is_alone:
                return
            self.signal_all(signal.SIGKILL)
            signal.sigtimedwait((signal.SIGCHLD,), pause_s)
            pause_s = min(TICK_S, 2 * pause_s)


def keep(channel: Channel, message: "Message", descriptors: "List[int]") -> None:
    """Start what a message describes, and stay until it ends.

    A portal that holds a script back lets it go with a second message. So the portal knows of each
    script that begins, also if that script stops or kills this process at once; without the second
    message nothing has begun, and the portal may ask again.
    """
    is_question = "ask" in message
    reader, writer = os.pipe()
    gate, opener = os.pipe()
    try:
        *streams, described = descriptors
        job = read_job(described)
        if job.get("uid", os.getuid()) != os.getuid():
            raise ValueError(
                "the helper runs as %s, not as user %s; correct the unit or the rule"
                % (pwd_of_user()["USER"], job["uid"])
            )
        if job.get("scratch"):
            make_scratch(job["scratch"])
        inputs = streams[2:] if not is_question else []
        streams = [stream for stream in streams if stream not in inputs]
        take_inputs(job, inputs)
        channel.wake_by_signal()
        parent = os.getpid()
        pid = os.fork()
    except (OSError, ValueError, TypeError, LookupError) as error:
        channel.send(refusal(error))
        return
    if pid == 0:
        os.close(opener)
        try:
            become_the_script(job, streams, parent, report=writer, gate=gate)
        except BaseException as error:  # noqa: BLE001 - nothing may return into the helper's own code
            os.write(writer, (to_json(refusal(error)) + "\n").encode())
        finally:
            os._exit(127)
    close([writer, gate, *descriptors])
    answer = {"pid": pid, "keeper": os.getpid()}  # type: Message
    answer.update(reported(reader, until="ready"))  # the isolation, or why nothing can be executed
    if message.get("held") and "error" not in answer:
        channel.send(dict(answer, held=1))
        if not is_let_go(channel):
            os.close(opener)  # the child ends
            os.waitpid(pid, 0)
            return
        answer = {}
    if "error" not in answer:
        open_gate(opener)
    answer.update(reported(reader, until=""))
    if "error" in answer:
        os.waitpid(pid, 0)
    channel.send(answer or {"begun": 1})
    if "error" in answer:
        return
    Keeper(channel, pid, is_question=is_question).run()


def reported(reader: int, *, until: str) -> "Message":
    """Return what the child reports, until it reports this word or is the script."""
    found = {}  # type: Message
    text = b""
    while not (until and until in found):
        part = os.read(reader, 4096)
        if not part:
            break
        text += part
        *lines, text = text.split(b"\n")
        for line in lines:
            found.update(from_json(line.decode()))
    found.pop("ready", None)
    return found


def is_let_go(channel: Channel) -> bool:
    """Wait until the portal lets the script begin; False if it has hung up instead."""
    try:
        came = channel.receive(None)
    except (OSError, ValueError):
        return False
    return came is not None and "go" in came[0]


def open_gate(opener: int) -> None:
    try:
        os.write(opener, b"\n")
    except OSError:  # the child was killed; its end is reported like that of the script
        pass
    os.close(opener)


def read_job(described: int) -> "Message":
    """Read argv, cwd, env, umask, fence and scratch: an environment does not fit in a packet."""
    with open(described, "rb", closefd=False) as file:
        file.seek(0)
        job = from_json(file.read().decode())
    if not isinstance(job, dict):
        raise ValueError("no job was described")
    return job


def become_the_script(
    job: "Message", streams: "List[int]", parent: int, *, report: int, gate: int
) -> None:
    """Turn this forked child into the script once the gate opens; it dies with the helper."""
    os.setsid()
    prctl(PR_SET_PDEATHSIG, int(signal.SIGKILL))
    if os.getppid() != parent:
        os._exit(127)
    is_question = len(streams) == 3
    if not is_question:
        streams = [os.open(os.devnull, os.O_RDONLY), *streams]
    else:
        limit_output()
    for number, stream in enumerate(streams):
        os.dup2(stream, number)
    for number in signal.valid_signals() - {signal.SIGKILL, signal.SIGSTOP}:
        signal.signal(number, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_SETMASK, ())
    os.umask(job.get("umask", 0o002))
    environment = dict(job["env"])
    environment.update(pwd_of_user())
    os.environ.update(pwd_of_user())
    try:
        os.chdir(job["cwd"])
    except OSError as error:
        raise OSError(error.errno, "%s: %s" % (error.strerror, job["cwd"])) from None
    prctl(PR_SET_DUMPABLE, 1)  # else its own folder in /proc belongs to root
    if job.get("fence"):
        isolation = restrict(job["fence"], () if is_question else (1, 2))
        os.write(report, (to_json({"isolation": isolation}) + "\n").encode())
    for name in os.listdir("/proc/self/fd"):
        if int(name) > 2 and int(name) not in (report, gate):
            close([int(name)])
    argv = job["argv"]
    os.write(report, (to_json({"ready": 1}) + "\n").encode())
    if not os.read(gate, 1):
        os._exit(127)
    try:
        os.execvpe(argv[0], argv, environment)  # noqa: S606 - no shell is the point
    except OSError as error:
        raise OSError(error.errno, "%s: %s" % (error.strerror, argv[0])) from None


def restrict(fence: "Message", keep: "Tuple[int, ...]") -> "Message":
    """Put this process, and what it executes, behind the fence; return what is in force.

    The files of the descriptors `keep` stay writable by path. Raises OSError.
    """
    if not FENCE_SOURCE:
        raise OSError("this helper has no fence; print it with `guardianflow script-helper`")
    space = {"__name__": "fence", "__file__": "fence.py"}  # type: Dict[str, Any]
    code = compile(FENCE_SOURCE, "fence.py", "exec", dont_inherit=True)
    exec(code, space)  # noqa: S102 - a part of this file
    return dict(space["restrict"](fence, keep_fds=keep))


def limit_output() -> None:
    """Limit the size of the answer to a query; it is held in memory."""
    import resource

    resource.setrlimit(resource.RLIMIT_FSIZE, (ASKED_BYTES, ASKED_BYTES))


def scratch_base() -> str:
    """Return the parent of the scratch folders of this user's runs."""
    home = pwd_of_user()["HOME"]
    if home not in ("", "/") and os.access(home, os.W_OK | os.X_OK):
        return os.path.join(home, ".cache", "guardianflow")
    return "/var/tmp/guardianflow-%d" % os.getuid()  # noqa: S108 - its owner is checked


def make_scratch(path: str) -> None:
    """Create the scratch folder of a run; raises OSError, ValueError."""
    base = scratch_base()
    if os.path.dirname(path) != base:
        raise ValueError("the scratch folder %s does not lie in %s" % (path, base))
    os.makedirs(base, 0o700, exist_ok=True)
    if os.lstat(base).st_uid != os.getuid() or not stat.S_ISDIR(os.lstat(base).st_mode):
        raise OSError("%s belongs to another user" % base)
    try:
        os.mkdir(path, 0o700)
    except FileExistsError:  # a second try of the same run
        pass
    os.chmod(path, SCRATCH_MODE)


def remove_requested(message: "Message") -> "Answer":
    remove(message["remove"])
    return {"removed": 1}, []


def take_inputs(job: "Message", inputs: "List[int]") -> None:
    """Copy files that only the portal can open to the scratch folder; use the copies.

    Raises OSError if there is not enough free space.
    """
    paths = job.get("inputs", ())
    for number, source in enumerate(inputs):
        path = paths[number]
        # Files of one folder stay next to each other: a trainer imports its base.
        first = [os.path.dirname(other) for other in paths].index(os.path.dirname(path))
        folder = os.path.join(job["scratch"], "inputs", str(first))
        os.makedirs(folder, exist_ok=True)
        target = os.path.join(folder, os.path.basename(path))
        with open(target, "wb") as copy:
            at, end = 0, os.fstat(source).st_size
            while at < end:
                sent = os.sendfile(copy.fileno(), source, at, end - at)
                at = at + sent if sent else end
        job["argv"] = [
            word[: -len(path)] + target if word == path or word.endswith("=" + path) else word
            for word in job["argv"]
        ]


def remove(path: str) -> None:
    """Remove a scratch folder; raises OSError, ValueError."""
    import shutil

    if os.path.dirname(path) != scratch_base():
        raise ValueError("%s is no scratch folder" % path)
    if os.path.isdir(path) and not os.path.islink(path):
        shutil.rmtree(path)


# Reading for the portal


def group_names() -> "List[str]":
    """Return the groups whose rights this process has."""
    import grp

    names = []
    for number in os.getgroups():
        try:
            names.append(grp.getgrgid(number).gr_name)
        except KeyError:
            continue
    return names


def open_folder(directory: str, path: str) -> int:
    """Open a folder inside a directory; no part of its path may be a link."""
    flags = os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC
    folder = os.open(directory, flags)
    try:
        for part in filter(None, path.split("/")):
            if part == "..":
                raise ValueError("a path leads out")
            inner = os.open(part, flags | os.O_NOFOLLOW, dir_fd=folder)
            os.close(folder)
            folder = inner
    except BaseException:
        os.close(folder)
        raise
    return folder


def open_inside(directory: str, path: str) -> int:
    """Open a regular file inside a directory for reading."""
    parent, name = os.path.split(path)
    if name in ("", ".", ".."):
        raise ValueError("a path names no file")
    folder = open_folder(directory, parent)
    try:
        flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
        found = os.open(name, flags, dir_fd=folder)
    finally:
        os.close(folder)
    if not stat.S_ISREG(os.fstat(found).st_mode):
        os.close(found)
        raise OSError(22, "not a regular file")
    return found


def listing(directory: str, path: str) -> int:
    """Return a file in memory with a line for each entry: its kind, size, times and inode."""
    folder = open_folder(directory, path)
    lines = []
    try:
        with os.scandir(folder) as entries:
            for entry in entries:
                facts = entry.stat(follow_symlinks=False)
                kind = "d" if stat.S_ISDIR(facts.st_mode) else ""
                kind = "f" if stat.S_ISREG(facts.st_mode) else kind
                row = [entry.name, kind, facts.st_size, facts.st_mtime_ns]
                lines.append(to_json([*row, facts.st_ctime_ns, facts.st_ino]) + "\n")
    finally:
        os.close(folder)
    found = os.memfd_create("listing", os.MFD_CLOEXEC)
    with open(found, "wb", closefd=False) as file:
        file.write("".join(lines).encode())
    return found


def unwritable(directory: str) -> "Tuple[int, str]":
    """Return how many files and folders in a directory this user cannot write, and the first."""
    count, first = 0, ""
    folders = [directory]
    while folders:
        folder = folders.pop()
        try:
            entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
            can_write = os.access(folder, os.W_OK | os.X_OK)
        except OSError:
            entries, can_write = [], False
        if not can_write:
            count, first = count + 1, first or folder
        for entry in entries:
            if entry.is_dir(follow_symlinks=False):
                if entry.name != ".git" and not entry.name.endswith("venv"):
                    folders.append(entry.path)
            elif entry.is_file(follow_symlinks=False) and not os.access(entry.path, os.W_OK):
                count, first = count + 1, first or entry.path
    return count, first


# Ending the processes that another helper left


def sweep(run: str, pids: "List[int]") -> int:
    """Kill the processes of a run whose helper died; return how many there were."""
    found = set()  # type: set[int]
    until = time.monotonic() + SWEEP_LIMIT_S
    while True:
        alive = set(processes_of(run)) | {pid for pid in pids if is_own(pid)}
        if not alive or time.monotonic() > until:  # a process that waits for a disk dies later
            return len(found)
        found |= alive
        kill(sorted(alive))
        time.sleep(KILL_POLL_S)


def kill(pids: "List[int]") -> int:
    """Kill processes by pid; return how many were this user's."""
    killed = 0
    for pid in pids:
        if pid > 1 and pid != os.getpid() and signal_process(pid, signal.SIGKILL):
            killed += 1
    return killed


def processes_of(run: str) -> "Iterator[int]":
    """Yield the pids with a run's id in their environment."""
    for name in os.listdir("/proc"):
        if name.isdigit() and int(name) != os.getpid() and run_of(int(name)) == run:
            yield int(name)


def run_of(pid: int) -> str:
    """Return the run in a process's environment, '' if it has none."""
    try:
        with open("/proc/%d/environ" % pid, "rb") as file:
            words = file.read().split(b"\0")
    except OSError:  # gone, or not ours
        return ""
    found = [word[len(RUN_MARK) :] for word in words if word.startswith(RUN_MARK)]
    return found[0].decode("ascii", "replace") if found else ""


def signal_process(pid: int, number: int) -> bool:
    try:
        os.kill(pid, number)
        if number != signal.SIGKILL and state_and_parent(pid)[0] == "T":
            os.kill(pid, signal.SIGCONT)  # else it would not receive the signal
    except OSError:  # gone, or another user's by a setuid program
        return False
    return True


def is_own(pid: int) -> bool:
    """Return whether a process is alive and belongs to this user."""
    try:
        is_ours = os.stat("/proc/%d" % pid).st_uid == os.getuid()
    except OSError:
        return False
    return is_ours and state_and_parent(pid)[0] not in ("Z", "X", "")


def descendants() -> "List[int]":
    """Return every living descendant of this process, the nearest first."""
    children = {}  # type: Dict[int, List[int]]
    for name in os.listdir("/proc"):
        if name.isdigit():
            state, parent = state_and_parent(int(name))
            if state not in ("Z", "X", ""):
                children.setdefault(parent, []).append(int(name))
    found = []  # type: List[int]
    front = [os.getpid()]
    while front:
        front = [pid for parent in front for pid in children.get(parent, ())]
        found += front
    return found


def state_and_parent(pid: int) -> "Tuple[str, int]":
    """Return the state letter and the parent of a process, ('', 0) if it is gone."""
    try:
        with open("/proc/%d/stat" % pid, "rb") as file:
            words = file.read().rpartition(b")")[2].split()
    except OSError:
        return "", 0
    state, threads = words[0].decode(), int(words[17])
    return "S" if state == "Z" and threads > 1 else state, int(words[1])


def close(descriptors: "List[int]") -> None:
    for descriptor in descriptors:
        try:
            os.close(descriptor)
        except OSError:
            pass


def prctl(option: int, value: int) -> None:
    ctypes.CDLL(None).prctl(option, value, 0, 0, 0)


ANSWERS = {
    "hello": say_hello,
    "open": lambda message: ({"open": 1}, [open_inside(*message["open"])]),
    "list": lambda message: ({"list": 1}, [listing(*message["list"])]),
    "find": lambda message: ({"found": sorted(processes_of(message["find"]))}, []),
    "run_of": lambda message: ({"run": run_of(int(message["run_of"]))}, []),
    "groups": lambda _message: ({"groups": group_names()}, []),
    "sweep": lambda message: ({"killed": sweep(message["sweep"], message.get("pids", ()))}, []),
    "kill": lambda message: ({"killed": kill(message["kill"])}, []),
    "remove": remove_requested,
    "unwritable": count_unwritable,
}  # type: Dict[str, Callable[[Message], Answer]]

if __name__ == "__main__":
    main()
