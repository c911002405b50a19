"""The supervisor starts a script once, leaves nothing alive and writes how it ended."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from runs_app.runner import supervisor
from runs_app.runner.folder import Observation, RunFolder, boot_id
from runs_app.runner.process import SUPERVISOR, ask_to_stop
from tests.runs_app.runner.scripts import is_alive, prepare, run_to_its_end, spawn, wait_for

pytestmark = pytest.mark.processes

SLEEPER = "import time; print('ready', flush=True); time.sleep(60)"
# Ignores both polite signals and leaves a child in a session of its own with an empty environment.
STUBBORN = """
import os, signal, subprocess, sys, time
for number in (signal.SIGINT, signal.SIGTERM):
    signal.signal(number, signal.SIG_IGN)
child = subprocess.Popen(
    [sys.executable, "-c", "import time; time.sleep(60)"], start_new_session=True, env={}
)
print(os.getpid(), child.pid, flush=True)
time.sleep(60)
"""
LEAVES_A_DAEMON = """
import subprocess, sys
child = subprocess.Popen(
    [sys.executable, "-c", "import time; time.sleep(60)"], start_new_session=True
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


def test_a_cancelled_script_may_end_by_itself(tmp_path: Path) -> None:
    folder = prepare(
        tmp_path,
        "import time\ntry:\n    print('ready', flush=True); time.sleep(60)\n"
        "except KeyboardInterrupt:\n    print('checkpoint saved')",
        grace_s=20,
    )
    spawn(folder)
    first_line(folder)
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


def test_a_wish_to_stop_that_comes_before_the_start_is_kept(tmp_path: Path) -> None:
    folder = prepare(tmp_path, "open('started', 'w')")
    folder.request_cancel()
    spawn(folder)
    record = wait_for(folder.exit_record)
    assert (record.why, record.started_at) == ("cancelled", None)
    assert not (tmp_path / "experiment/started").exists()


def test_the_time_limit_stops_a_script(tmp_path: Path) -> None:
    _, record = run_to_its_end(tmp_path, SLEEPER, timeout_s=1)
    assert (record.why, record.exit_code) == ("timed_out", 130)


def test_what_a_script_leaves_behind_is_ended_and_counted(tmp_path: Path) -> None:
    folder, record = run_to_its_end(tmp_path, LEAVES_A_DAEMON)
    assert (record.why, record.exit_code, record.stragglers) == ("exited", 0, 1)
    assert not is_alive(int(first_line(folder)))


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
        listener.settimeout(30)
        folder, _ = run_to_its_end(tmp_path, "", notify_socket=str(path))
        assert listener.recv(100).decode() == folder.spec().run
        assert folder.exit_record() is not None


def test_nobody_listening_does_no_harm(tmp_path: Path) -> None:
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


def test_it_runs_on_old_pythons() -> None:
    """Its syntax is that of Python 3.8: an old environment may be all that a machine has."""
    import ast

    ast.parse(SUPERVISOR.read_text(encoding="utf-8"), feature_version=(3, 8))
