"""The supervisor starts a script once, leaves nothing alive and writes how it ended."""

from __future__ import annotations

import ast
import errno
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import textwrap
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from runs_app.runner import supervisor
from runs_app.runner.exceptions import FolderError
from runs_app.runner.folder import Observation, RunFolder, boot_id
from runs_app.runner.folder_records import ExitRecord
from runs_app.runner.process import SUPERVISOR, ask_to_stop, own_cgroups, spawn_supervisor
from tests.deleting import delete
from tests.runs_app.runner.scripts import is_alive, prepare, run_to_its_end, spawn, wait_for
from tests.waiting import LIMIT_S

pytestmark = pytest.mark.processes

SLEEPER = "import time; print('ready', flush=True); time.sleep(600)"
# Ignores both polite signals and leaves a child in a session of its own with an empty environment.
STUBBORN = """
import os, signal, subprocess, sys, time
for number in (signal.SIGINT, signal.SIGTERM):
    signal.signal(number, signal.SIG_IGN)
child = subprocess.Popen(
    [sys.executable, "-c", "import time; time.sleep(600)"], start_new_session=True, env={}
)
print(os.getpid(), child.pid, flush=True)
time.sleep(600)
"""
LEAVES_A_DAEMON = """
import subprocess, sys
child = subprocess.Popen(
    [sys.executable, "-c", "import time; time.sleep(600)"], start_new_session=True
)
print(child.pid, flush=True)
"""


def first_line(folder: RunFolder) -> str:
    def look() -> str | None:
        text = folder.stdout.read_text(encoding="utf-8") if folder.stdout.exists() else ""
        return text.partition("\n")[0] if "\n" in text else None

    return wait_for(look)


def test_a_script_that_ends_well_leaves_its_output_and_a_record(tmp_path: Path) -> None:
    folder, record = run_to_its_end(
        tmp_path, "import sys; print('에폭 1\\r에폭 2'); print('경고', file=sys.stderr)"
    )
    assert (record.why, record.exit_code, record.signal) == ("exited", 0, None)
    assert folder.stdout.read_bytes() == "에폭 1\r에폭 2\n".encode()
    assert folder.stderr.read_bytes() == "경고\n".encode()
    assert (record.stdout_bytes, record.stderr_bytes) == (18, 7)
    assert record.started_at is not None
    assert record.started_at < record.finished_at
    assert folder.observe(boot_id=boot_id()) is Observation.ENDED
    assert list(folder.path.glob("*.tmp")) == []


@pytest.mark.parametrize(
    ("code", "why", "exit_code", "number"),
    [
        ("raise SystemExit(3)", "exited", 3, None),
        ("1/0", "exited", 1, None),
        ("import os; os.abort()", "signalled", 134, 6),
        ("import os; os.kill(os.getpid(), 9)", "signalled", 137, 9),
    ],
)
def test_the_record_says_how_a_script_failed(
    tmp_path: Path, code: str, why: str, exit_code: int, number: int | None
) -> None:
    _, record = run_to_its_end(tmp_path, code)
    assert (record.why, record.exit_code, record.signal) == (why, exit_code, number)


@pytest.mark.parametrize(
    ("spec", "exit_code", "names"),
    [
        ({"argv": ("/nowhere/python", "train.py")}, 127, "/nowhere/python"),
        ({"argv": ("/etc/hostname",)}, 126, "/etc/hostname"),
        ({"cwd": "/nowhere"}, 127, "/nowhere"),
    ],
)
def test_what_cannot_be_started_is_no_failure_of_the_script(
    tmp_path: Path, spec: dict[str, object], exit_code: int, names: str
) -> None:
    _, record = run_to_its_end(tmp_path, "", **spec)
    assert (record.why, record.exit_code, record.started_at) == ("launch_failed", exit_code, None)
    assert names in record.error


def test_the_script_sees_an_ordinary_world(tmp_path: Path) -> None:
    folder, _ = run_to_its_end(
        tmp_path,
        textwrap.dedent("""
            import json, os, signal, sys
            print(json.dumps({
                "cwd": os.getcwd(), "argv": sys.argv, "stdin": sys.stdin.read(),
                "own_session": os.getsid(0) == os.getpid(),
                "interrupt": str(signal.getsignal(signal.SIGINT) is signal.default_int_handler),
                "blocked": len(signal.pthread_sigmask(signal.SIG_BLOCK, [])),
                "descriptors": sorted(map(int, os.listdir("/proc/self/fd")))[:3],
                "count": len(os.listdir("/proc/self/fd")),
            }))
        """),
    )
    seen = json.loads(folder.stdout.read_text(encoding="utf-8"))
    assert seen == {
        "cwd": str(tmp_path / "experiment"),
        "argv": ["train.py"],
        "stdin": "",
        "own_session": True,
        "interrupt": "True",
        "blocked": 0,
        "descriptors": [0, 1, 2],
        "count": 4,  # the fourth is the listing itself
    }


def test_a_folder_is_started_once_however_often_it_is_asked_for(tmp_path: Path) -> None:
    folder = prepare(tmp_path, "open('starts', 'a').write('x')")
    for _ in range(3):
        spawn(folder)
    wait_for(folder.exit_record)
    spawn(folder)
    again = subprocess.run(
        [sys.executable, "-I", "-S", str(SUPERVISOR), str(folder.path)], check=False
    )
    assert again.returncode == 0  # the detaching itself went well
    assert (tmp_path / "experiment/starts").read_text() == "x"


def test_a_fenced_folder_is_never_started(tmp_path: Path) -> None:
    folder = prepare(tmp_path, "open('started', 'w')")
    assert folder.fence()
    assert not folder.fence()
    claim = [sys.executable, "-I", "-S", "-c"]
    code = (
        f"import sys; sys.path.insert(0, {str(SUPERVISOR.parent)!r}); import supervisor;"
        f"supervisor.Supervisor({str(folder.path)!r}).claim()"
    )
    assert subprocess.run([*claim, code], check=False).returncode == supervisor.CLAIMED
    assert folder.observe(boot_id=boot_id()) is Observation.DEAD
    assert not (tmp_path / "experiment/started").exists()


@pytest.mark.parametrize("stopped", ["nobody", "script", "supervisor"])
def test_a_cancelled_script_may_end_by_itself(tmp_path: Path, stopped: str) -> None:
    """Even if a user had suspended it to free the machine for a while."""
    folder = prepare(
        tmp_path,
        "import time\ntry:\n    print('ready', flush=True); time.sleep(600)\n"
        "except KeyboardInterrupt:\n    print('checkpoint saved')",
    )
    spawn(folder)
    first_line(folder)
    started = wait_for(folder.started)
    if stopped != "nobody":
        pid = started.script_pid if stopped == "script" else started.pid
        os.kill(pid, signal.SIGSTOP)
        wait_for(lambda: supervisor.state_and_parent(pid)[0] == "T")
    ask_to_stop(folder)
    record = wait_for(folder.exit_record)
    assert (record.why, record.exit_code) == ("cancelled", 0)
    assert "checkpoint saved" in folder.stdout.read_text()


def test_a_stubborn_script_and_its_hidden_child_are_killed(tmp_path: Path) -> None:
    folder = prepare(tmp_path, STUBBORN, grace_s=0)
    spawn(folder)
    pids = [int(pid) for pid in first_line(folder).split()]
    ask_to_stop(folder)
    record = wait_for(folder.exit_record)
    assert (record.why, record.exit_code, record.signal) == ("cancelled", 137, 9)
    assert [pid for pid in pids if is_alive(pid)] == []


def test_a_request_to_stop_that_comes_before_the_start_is_kept(tmp_path: Path) -> None:
    folder = prepare(tmp_path, "open('started', 'w')")
    folder.request_cancel()
    spawn(folder)
    record = wait_for(folder.exit_record)
    assert (record.why, record.started_at) == ("cancelled", None)
    assert not (tmp_path / "experiment/started").exists()


def test_the_time_limit_stops_a_script(tmp_path: Path) -> None:
    # No interpreter, which ends with a status of its own when it is interrupted as it comes up.
    _, record = run_to_its_end(tmp_path, "", argv=("sleep", "600"), timeout_s=1)
    assert (record.why, record.exit_code) == ("timed_out", 130)


def test_what_a_script_leaves_behind_is_ended_and_counted(tmp_path: Path) -> None:
    folder, record = run_to_its_end(tmp_path, LEAVES_A_DAEMON)
    assert (record.why, record.exit_code, record.stragglers) == ("exited", 0, 1)
    assert not is_alive(int(first_line(folder)))


def test_what_was_left_behind_is_named_by_its_script_and_without_arguments(tmp_path: Path) -> None:
    code = """
import os, subprocess, sys
os.makedirs("sub", exist_ok=True)
open("sub/later.py", "w").write("import time; open('ready', 'w'); time.sleep(600)")
subprocess.Popen([sys.executable, "sub/later.py", "--token", "s3cret"], start_new_session=True)
while not os.path.exists("ready"):
    pass
"""
    _folder, record = run_to_its_end(tmp_path, code)
    assert record.stragglers == 1
    [reported] = record.left
    assert reported.startswith("python")
    assert reported.endswith(" sub/later.py")


def test_what_a_script_leaves_behind_goes_on_where_that_is_allowed(tmp_path: Path) -> None:
    folder, record = run_to_its_end(tmp_path, LEAVES_A_DAEMON, background=True)
    assert (record.exit_code, record.stragglers, record.background) == (0, 1, True)
    daemon = int(first_line(folder))
    assert is_alive(daemon)
    os.kill(daemon, signal.SIGKILL)


def test_a_cancel_ends_also_what_might_have_gone_on(tmp_path: Path) -> None:
    folder = prepare(tmp_path, f"{LEAVES_A_DAEMON}\nimport time; time.sleep(600)", background=True)
    spawn(folder)
    daemon = int(first_line(folder))
    ask_to_stop(folder)
    record = wait_for(folder.exit_record)
    assert (record.why, record.stragglers, record.background) == ("cancelled", 0, False)
    assert not is_alive(daemon)


def test_a_script_that_writes_without_end_is_stopped_at_its_limit(tmp_path: Path) -> None:
    code = "import sys\nwhile True:\n    sys.stderr.write('Korean 로그 ' * 500)\n"
    folder, record = run_to_its_end(tmp_path, code, log_limit_bytes=2**20)
    assert (record.why, record.exit_code) == ("log_limit", 130)
    assert folder.output_bytes() == record.stderr_bytes > 2**20


def test_a_clock_that_is_set_back_does_not_turn_a_run_round(tmp_path: Path) -> None:
    folder = prepare(tmp_path, "import time; time.sleep(0.3)")
    # The supervisor as it is, in a process whose clock goes back an hour after the start.
    code = (
        "import runpy, sys, time; real = time.time; told = []\n"
        "def clock():\n    told.append(1); return real() - (3600 if len(told) > 1 else 0)\n"
        f"time.time = clock; sys.argv = ['supervisor.py', {str(folder.path)!r}]\n"
        f"runpy.run_path({str(SUPERVISOR)!r}, run_name='__main__')"
    )
    subprocess.run([sys.executable, "-I", "-S", "-c", code], check=True)
    record = wait_for(folder.exit_record)
    assert record.started_at is not None
    assert 0.3 <= record.finished_at - record.started_at < 3600


def test_each_script_has_a_control_group_of_its_own_where_one_can_be_made(tmp_path: Path) -> None:
    if not own_cgroups():
        pytest.skip("no control group can be made here (cgroup v2, writable)")
    folder = prepare(
        tmp_path, "print(open('/proc/self/cgroup').read()); import time; time.sleep(600)"
    )
    spawn(folder)
    first_line(folder)
    group = Path(wait_for(folder.started).cgroup)
    assert group.name == f"guardianflow-{folder.spec().run}"
    assert group.name in folder.stdout.read_text()
    ask_to_stop(folder)
    wait_for(folder.exit_record)
    wait_for(lambda: not group.exists())


def test_the_control_groups_of_runs_that_outlived_their_supervisor_are_removed(
    tmp_path: Path,
) -> None:
    """Folders stand for groups here: neither can be removed while something is in it."""
    for name in ("guardianflow-ended", "guardianflow-in-use", "guardianflow-young", "sshd"):
        (tmp_path / name).mkdir()
    (tmp_path / "guardianflow-in-use" / "process").touch()
    for name in ("guardianflow-ended", "guardianflow-in-use", "sshd"):
        os.utime(tmp_path / name, (1, 1))
    supervisor.remove_old_cgroups(str(tmp_path))
    left = sorted(path.name for path in tmp_path.iterdir())
    assert left == ["guardianflow-in-use", "guardianflow-young", "sshd"]


def test_a_new_version_of_its_file_changes_nothing_for_a_script_that_runs(tmp_path: Path) -> None:
    program = tmp_path / "supervisor.py"
    shutil.copy(SUPERVISOR, program)
    shutil.copytree(SUPERVISOR.with_name("isolation"), tmp_path / "isolation")
    shutil.copytree(SUPERVISOR.with_name("guards"), tmp_path / "guards")
    folder = prepare(tmp_path, SLEEPER)
    subprocess.run([sys.executable, "-I", "-S", str(program), str(folder.path)], check=True)
    first_line(folder)
    program.write_text("raise SystemExit('a version that does not work')")
    ask_to_stop(folder)
    assert wait_for(folder.exit_record).why == "cancelled"


@pytest.mark.parametrize(
    "kill",
    [
        "os.kill(os.getppid(), signal.SIGTERM)",
        # A program that has ended before the supervisor looks who sent the signal.
        "subprocess.run([sys.executable, '-c', f'import os; os.kill({os.getppid()}, 15)'])",
    ],
)
def test_a_script_that_ends_its_parent_was_not_cancelled(tmp_path: Path, kill: str) -> None:
    code = f"import os, signal, subprocess, sys, time; {kill}; time.sleep(600)"
    _, record = run_to_its_end(tmp_path, code)
    assert record.why == "ended_by_script"


def test_a_signal_of_somebody_else_cancels(tmp_path: Path) -> None:
    folder = prepare(tmp_path, SLEEPER)
    spawn(folder)
    first_line(folder)
    os.kill(wait_for(folder.started).pid, signal.SIGTERM)
    assert wait_for(folder.exit_record).why == "cancelled"


def test_the_script_dies_with_its_supervisor_and_the_folder_tells(tmp_path: Path) -> None:
    folder = prepare(tmp_path, SLEEPER)
    spawn(folder)
    first_line(folder)
    started = wait_for(folder.started)
    assert folder.observe(boot_id=boot_id()) is Observation.ALIVE
    os.kill(started.pid, signal.SIGKILL)
    wait_for(lambda: not is_alive(started.script_pid))
    wait_for(lambda: folder.observe(boot_id=boot_id()) is Observation.DEAD)
    assert folder.observe(boot_id="another start") is Observation.REBOOTED


def test_the_end_is_announced(tmp_path: Path) -> None:
    path = tmp_path / "worker.sock"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listener:
        listener.bind(str(path))
        listener.settimeout(LIMIT_S)
        folder, _ = run_to_its_end(tmp_path, "", notify_socket=str(path))
        assert listener.recv(100).decode() == folder.spec().run
        assert folder.exit_record() is not None


def test_a_missing_listener_does_no_harm(tmp_path: Path) -> None:
    _, record = run_to_its_end(tmp_path, "", notify_socket=str(tmp_path / "nobody"))
    assert record.exit_code == 0


def test_the_index_tells_the_order_of_both_outputs(tmp_path: Path) -> None:
    folder, record = run_to_its_end(tmp_path, "print('one')")
    *_, last = (folder.path / "output.index").read_text().splitlines()
    assert [int(word) for word in last.split()[1:]] == [record.stdout_bytes, record.stderr_bytes]


def test_it_stays_small_and_leaves_no_zombie(tmp_path: Path) -> None:
    folder = prepare(tmp_path, SLEEPER)
    spawn(folder)
    first_line(folder)
    started = wait_for(folder.started)
    status = Path(f"/proc/{started.pid}/status").read_text()
    resident_kib = int(status.partition("VmRSS:")[2].split()[0])
    parent = int(status.partition("PPid:")[2].split()[0])
    ask_to_stop(folder)
    wait_for(folder.exit_record)
    assert resident_kib < 16 * 1024
    assert parent != os.getpid()
    wait_for(lambda: not Path(f"/proc/{started.pid}").exists())


def test_its_syntax_is_that_of_python_3_8() -> None:
    """An old environment may be all that a machine has."""
    ast.parse(SUPERVISOR.read_text(encoding="utf-8"), feature_version=(3, 8))


def pythons() -> list[Path]:
    """Every Python of this machine from 3.8 on, as pyenv and the system have them."""
    pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv"))
    found = [*pyenv.glob("versions/3.*/bin/python"), *Path("/usr/bin").glob("python3.[0-9]*")]
    return [python for python in sorted(found) if not re.search(r"3\.[0-7]\b|-", str(python))]


@pytest.mark.parametrize("python", pythons(), ids=str)
def test_it_works_on_the_pythons_that_are_here(tmp_path: Path, python: Path) -> None:
    def start(folder: RunFolder) -> None:
        subprocess.run([python, "-I", "-S", str(SUPERVISOR), str(folder.path)], check=True)

    def supervise(folder: RunFolder) -> ExitRecord:
        start(folder)
        return wait_for(folder.exit_record)

    folder = prepare(tmp_path, "print('안녕')")
    assert supervise(folder).exit_code == 0
    assert folder.stdout.read_bytes() == "안녕\n".encode()
    assert supervise(prepare(tmp_path, "", argv=("sleep", "600"), timeout_s=1)).why == "timed_out"
    stubborn = prepare(tmp_path, STUBBORN, grace_s=0)
    start(stubborn)
    pids = [int(pid) for pid in first_line(stubborn).split()]
    ask_to_stop(stubborn)
    record = wait_for(stubborn.exit_record)
    assert (record.why, record.signal) == ("cancelled", 9)
    assert [pid for pid in pids if is_alive(pid)] == []


def test_a_record_that_cannot_be_written_is_written_as_soon_as_it_can(tmp_path: Path) -> None:
    """Meanwhile the supervisor holds its lock, so that the run does not count as lost."""
    folder = prepare(tmp_path, TALKER)
    spawn(folder)
    wait_for(lambda: folder.stdout.read_bytes() or None)
    away = RunFolder(folder.path.rename(tmp_path / "away"))
    folder.path.symlink_to(tmp_path / "nowhere")  # nothing can be made under this name
    (tmp_path / "experiment/go").touch()
    wait_for(lambda: "cannot be created again yet" in away.supervisor_log.read_text() or None)
    wait_for(lambda: away.stdout.read_bytes().endswith(b"done\n") or None)
    assert away.is_locked()
    back = tmp_path / "back"
    back.symlink_to(away.path)
    back.replace(folder.path)
    assert wait_for(folder.exit_record).exit_code == 3


TALKER = """
import pathlib, time
print("ready", flush=True)
while not pathlib.Path("go").exists():
    time.sleep(0.02)
print("done")
raise SystemExit(3)
"""


def test_a_deleted_folder_is_made_again_with_all_that_was_in_it(tmp_path: Path) -> None:
    folder = prepare(tmp_path, TALKER)
    folder.manifest_before.write_text("what was there before")
    spawn(folder)
    first_line(folder)
    started = wait_for(folder.started)
    delete(folder.path)
    wait_for(folder.is_locked)
    assert folder.observe(boot_id=boot_id()) is Observation.ALIVE
    (tmp_path / "experiment/go").touch()
    record = wait_for(folder.exit_record)
    assert (record.exit_code, record.stdout_bytes) == (3, len("ready\ndone\n"))
    assert folder.stdout.read_text() == "ready\ndone\n"
    assert folder.was_restored()
    assert folder.manifest_before.read_text() == "what was there before"
    assert folder.started() == started
    assert folder.spec().token == record.token


def test_a_folder_that_was_moved_away_is_made_again_when_its_script_has_ended(
    tmp_path: Path,
) -> None:
    """Until then it may be moved back."""
    folder = prepare(tmp_path, TALKER)
    spawn(folder)
    first_line(folder)
    folder.path.rename(tmp_path / "moved")
    (tmp_path / "experiment/go").touch()
    assert wait_for(folder.exit_record).exit_code == 3
    assert folder.stdout.read_text() == "ready\ndone\n"


def watcher_of(folder: Path) -> supervisor.Supervisor:
    """A supervisor in this process that has taken a folder and holds its files."""
    folder.mkdir()
    (folder / "stdout.log").write_text("epoch 1\n")
    watcher = supervisor.Supervisor(str(folder))
    watcher.claim()
    watcher.hold_files()
    return watcher


def test_what_has_taken_the_place_of_a_deleted_folder_is_left_alone(tmp_path: Path) -> None:
    watcher = watcher_of(tmp_path / "run")
    shutil.rmtree(tmp_path / "run")
    (tmp_path / "run").mkdir()
    (tmp_path / "run/supervisor.lock").touch()
    with pytest.raises(OSError, match="another has its place"):
        watcher.restore()
    assert [path.name for path in (tmp_path / "run").iterdir()] == ["supervisor.lock"]


def test_a_long_log_is_saved_piece_by_piece(tmp_path: Path) -> None:
    """Else a request to stop would wait until all of it is copied."""
    watcher = watcher_of(tmp_path / "run")
    shutil.rmtree(tmp_path / "run")
    log = tmp_path / "run/stdout.log"
    seen = []
    for _ in range(3):
        watcher.restore(5)
        seen.append(log.read_text())
    assert seen == ["epoch", "epoch 1\n", "epoch 1\n"]


def test_a_record_is_written_once_where_a_folder_cannot_be_synced(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As on some network file systems; to try again would find the reserved room renamed."""

    def refuse(_path: str) -> None:
        raise OSError(errno.EINVAL, os.strerror(errno.EINVAL))

    watcher = watcher_of(tmp_path / "run")
    monkeypatch.setattr(supervisor, "sync_folder", refuse)
    monkeypatch.setattr(supervisor, "RECORD_PATIENCE_S", 0)
    watcher.put_record(b"{}")
    assert (tmp_path / "run/exit.json").read_bytes() == b"{}"


def test_bytes_that_are_no_text_are_kept_as_they_are(tmp_path: Path) -> None:
    raw = bytes(range(256)) + "진행 50%\r진행 100%\r\n".encode()
    folder, record = run_to_its_end(tmp_path, f"import sys; sys.stdout.buffer.write({raw!r})")
    assert folder.stdout.read_bytes() == raw
    assert record.stdout_bytes == len(raw)


def test_many_asked_at_the_same_time_start_it_once(tmp_path: Path) -> None:
    folder = prepare(tmp_path, "open('starts', 'a').write('x')")
    with ThreadPoolExecutor(8) as pool:
        for asked in [pool.submit(spawn, folder) for _ in range(8)]:
            asked.result()
    wait_for(folder.exit_record)
    assert (tmp_path / "experiment/starts").read_text() == "x"


def test_grandchildren_forked_twice_and_children_that_fork_while_dying_are_ended(
    tmp_path: Path,
) -> None:
    """The one is an orphan at once; the other answers a polite signal with a new process."""
    folder = prepare(
        tmp_path,
        textwrap.dedent("""
            import os, signal, subprocess, sys, time
            sleeper = [sys.executable, "-c", "import time; time.sleep(600)"]
            def again(number, frame):
                child = subprocess.Popen(sleeper, start_new_session=True, env={})
                print(child.pid, flush=True)
            for number in (signal.SIGINT, signal.SIGTERM):
                signal.signal(number, again)
            if os.fork() == 0:
                os.setsid()
                if os.fork() == 0:
                    print(os.getpid(), flush=True)
                    time.sleep(600)
                os._exit(0)
            until = time.monotonic() + 600
            while time.monotonic() < until:
                time.sleep(1)
        """),
        grace_s=1,
    )
    spawn(folder)
    first_line(folder)
    ask_to_stop(folder)
    record = wait_for(folder.exit_record)
    pids = [int(word) for word in folder.stdout.read_text().split()]
    assert record.why == "cancelled"
    assert pids
    assert [pid for pid in pids if is_alive(pid)] == []


def test_a_process_whose_first_thread_has_ended_is_still_found(tmp_path: Path) -> None:
    """The kernel calls it a zombie; where there is no control group only this look ends it."""
    program = """
import ctypes, platform, threading, time
from tests.waiting import LIMIT_S
threading.Thread(target=time.sleep, args=(600,)).start()
ctypes.CDLL(None).syscall(60 if platform.machine() == "x86_64" else 93, 0)
"""
    with subprocess.Popen([sys.executable, "-c", program]) as child:
        stat = Path(f"/proc/{child.pid}/stat")
        wait_for(lambda: ") Z " in stat.read_text())
        assert child.pid in supervisor.Supervisor(str(tmp_path)).descendants()
        child.kill()
        child.wait()
        assert child.pid not in supervisor.Supervisor(str(tmp_path)).descendants()


@pytest.mark.parametrize("delay_ms", range(0, 60, 6))
def test_a_signal_at_any_moment_of_the_start_stops_it_in_order(
    tmp_path: Path, delay_ms: int
) -> None:
    """The supervisor may be asked to stop as soon as its claim can be read.

    A Python that is interrupted while it starts may go on all the same; the second signal ends it.
    """
    folder = prepare(tmp_path, SLEEPER, grace_s=1)
    spawn(folder)

    def claimed_by() -> int:
        claim = folder.claim()
        return claim.pid if claim else 0

    pid = wait_for(claimed_by)
    time.sleep(delay_ms / 1000)
    os.kill(pid, signal.SIGTERM)
    assert wait_for(folder.exit_record).why == "cancelled"


def test_a_spec_that_cannot_be_read_is_an_end_with_a_reason(tmp_path: Path) -> None:
    folder = prepare(tmp_path, "")
    environment = {"PATH": os.defpath}
    folder.spec_path.write_text('{"format": 2, "argv": ["true"]}')
    spawn_supervisor(folder, environment)
    record = wait_for(folder.exit_record)
    assert (record.why, record.started_at) == ("launch_failed", None)
    assert "format" in record.error


def test_a_long_korean_path_that_is_not_there_fits_into_the_reserved_room(tmp_path: Path) -> None:
    _, record = run_to_its_end(tmp_path, "", cwd="/없는폴더" * 300)
    assert record.why == "launch_failed"
    assert 0 < len(record.error.encode()) <= supervisor.ERROR_BYTES


def test_a_cancel_file_that_cannot_be_written_leaves_the_signal(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def disk_full(self: RunFolder) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    folder = prepare(tmp_path, SLEEPER)
    monkeypatch.setattr(RunFolder, "request_cancel", disk_full)
    with pytest.raises(FolderError, match="No space left"):
        ask_to_stop(folder)  # nobody is there to be told
    spawn(folder)
    first_line(folder)
    ask_to_stop(folder)
    assert wait_for(folder.exit_record).why == "cancelled"


def test_a_pid_that_belongs_to_another_process_by_now_gets_no_signal(tmp_path: Path) -> None:
    folder = prepare(tmp_path, "")
    with subprocess.Popen([sys.executable, "-c", SLEEPER], stdout=subprocess.PIPE) as stranger:
        assert stranger.stdout is not None
        stranger.stdout.readline()
        claim = {"format": 1, "pid": stranger.pid, "start_ticks": 1, "boot_id": boot_id()}
        (folder.path / "claimed").write_text(json.dumps(claim))
        ask_to_stop(folder)
        assert (folder.path / "cancel").exists()
        assert stranger.poll() is None
        stranger.kill()


def test_the_record_survives_a_full_disk(tmp_path: Path) -> None:
    """The script fills a small file system; its outcome is still written there."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=256k", "tmpfs", str(disk)],
        check=False,
        capture_output=True,
    )
    if mounted.returncode:
        pytest.skip("a small file system can only be mounted by root")
    try:
        inner = prepare(tmp_path, "import sys\nwhile True:\n    sys.stdout.write('x' * 4096)\n")
        folder = RunFolder(disk / "run")
        folder.create(inner.spec())
        spawn(folder)
        record = wait_for(folder.exit_record)
        assert (record.why, record.exit_code) == ("exited", 1)
        assert folder.observe(boot_id=boot_id()) is Observation.ENDED
    finally:
        subprocess.run(["umount", "-l", str(disk)], check=True)


def test_no_secret_of_the_portal_reaches_the_script_or_a_command_line(tmp_path: Path) -> None:
    folder = prepare(
        tmp_path,
        "import os, time; print(sorted(os.environ.values()), flush=True); time.sleep(600)",
    )
    spawn(folder, SECRET_KEY="s3cret", DATABASE_URL="postgres://u:s3cret@db/x")
    seen = first_line(folder)
    started = wait_for(folder.started)
    lines = [Path(f"/proc/{pid}/cmdline").read_bytes() for pid in (started.pid, started.script_pid)]
    written = [path.read_bytes() for path in folder.path.iterdir() if path.is_file()]
    ask_to_stop(folder)
    wait_for(folder.exit_record)
    assert "s3cret" not in seen
    assert [text for text in (*lines, *written) if b"s3cret" in text] == []


def test_kills_for_memory_are_those_of_the_control_group(tmp_path: Path) -> None:
    events = "low 0\nhigh 0\nmax 3\noom 2\noom_kill 2\noom_group_kill 0\n"
    (tmp_path / "memory.events").write_text(events)
    assert supervisor.oom_kills(str(tmp_path)) == 2
    assert supervisor.oom_kills("") >= 0  # of the machine, where there is no group
