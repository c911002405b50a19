"""The helper: a script of another user is started, watched and ended like one of our own."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import textwrap
import uuid
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from runs_app.runner.folder import RunFolder
from runs_app.runner.folder_records import ExitRecord, Spec
from runs_app.runner.isolation import helper_client
from runs_app.runner.isolation.helper_client import HelperError, RefusedError
from runs_app.runner.isolation.program import digest, program
from runs_app.runner.other_user import OtherUser, hang_up
from runs_app.runner.process import ask_to_stop, end_leftovers, spawn_supervisor
from tests.runs_app.runner.scripts import is_alive, wait_for
from tests.script_users import NUMBER, PYTHON, Unit, as_user, scripts_unit
from tests.waiting import wait_until

pytestmark = pytest.mark.processes
STRANGER = 64003
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
import subprocess
child = subprocess.Popen(["sleep", "60"], start_new_session=True)
print(child.pid, flush=True)
"""


@pytest.fixture(scope="session")
def unit() -> Iterator[Unit]:
    with scripts_unit() as unit:
        yield unit


@pytest.fixture(autouse=True)
def no_connection_is_kept() -> Iterator[None]:
    yield
    hang_up()


def start(unit: Unit, code: str, **more: object) -> RunFolder:
    """Let a supervisor start a script of the other user; in a run folder that is ours alone."""
    name = str(uuid.uuid4())
    directory = unit.directory(name, train_py=textwrap.dedent(code))
    folder = RunFolder(unit.base / f"run-{name}")
    values: dict[str, object] = {
        "run": name,
        "token": "token",
        "argv": (str(PYTHON), "train.py"),
        "cwd": str(directory),
        "grace_s": 1,
        "run_as": str(NUMBER),
        "run_as_uid": NUMBER,
        "scripts_socket": str(unit.socket),
        "scratch_folder": str(unit.user.scratch(name)),
        **more,
    }
    folder.create(Spec(**values))  # type: ignore[arg-type]
    spawn_supervisor(folder, {**os.environ, "GUARDIANFLOW_RUN_ID": name, "MARK": "x" * 1000})
    return folder


def run(unit: Unit, code: str, **more: object) -> tuple[str, ExitRecord]:
    """Run a script to its end; return what it printed and how it ended."""
    folder = start(unit, code, **more)
    record = wait_for(folder.exit_record)
    unit.user.remove_scratch(Path(folder.spec().scratch_folder))
    return folder.stdout.read_text(encoding="utf-8"), record


def first_words(folder: RunFolder) -> list[int]:
    def look() -> str | None:
        text = folder.stdout.read_text(encoding="utf-8") if folder.stdout.exists() else ""
        return text.partition("\n")[0] if "\n" in text else None

    return [int(word) for word in wait_for(look).split()]


def test_a_script_runs_as_its_user_in_its_directory(unit: Unit) -> None:
    reported, record = run(
        unit,
        """
        import os
        print(os.getuid(), os.getgid(), os.getgroups())
        print(oct(os.umask(0)), os.environ["HOME"], os.environ["USER"], os.environ["MARK"][:1])
        open("best.pt", "w").write("weights")
        print(sorted(name for name in os.environ if name.startswith(("XDG_", "SUDO_"))))
        """,
    )
    assert reported.splitlines() == [
        f"{NUMBER} {NUMBER} []",
        f"0o2 / {NUMBER} x",
        "[]",
    ]
    assert (record.why, record.exit_code) == ("exited", 0)


def test_a_script_has_its_three_streams_and_no_other_descriptor(unit: Unit) -> None:
    reported, _record = run(unit, "import os; print(sorted(os.listdir('/proc/self/fd')))")
    assert reported == "['0', '1', '2', '3']\n"  # the last one lists them


def test_a_script_writes_to_its_logs_by_path(unit: Unit) -> None:
    folder = start(unit, "import os; os.system('echo by path >> /dev/stderr')")
    wait_for(folder.exit_record)
    assert folder.stderr.read_text() == "by path\n"
    # Another stranger still cannot: the list names one user.
    with as_user(STRANGER), pytest.raises(PermissionError):
        folder.stderr.read_text()


def test_an_environment_that_fits_no_packet_arrives(unit: Unit) -> None:
    names = {f"NAME_{number}": "v" * 1000 for number in range(300)}
    name = str(uuid.uuid4())
    directory = unit.directory(
        name, train_py="import os; print(sum(map(len, os.environ.values())) > 300_000)"
    )
    folder = RunFolder(unit.base / f"run-{name}")
    folder.create(
        Spec(
            run=name,
            token="token",
            argv=(str(PYTHON), "train.py"),
            cwd=str(directory),
            run_as=str(NUMBER),
            run_as_uid=NUMBER,
            scripts_socket=str(unit.socket),
        )
    )
    spawn_supervisor(folder, {**os.environ, **names})
    wait_for(folder.exit_record)
    assert folder.stdout.read_text() == "True\n"


@pytest.mark.parametrize(
    ("more", "code", "message"),
    [
        ({"argv": ("/no/such/python", "train.py")}, 127, "No such file or directory: /no/such"),
        ({"argv": ("/etc/passwd",)}, 126, "Permission denied: /etc/passwd"),
        ({"cwd": "/no/such/directory"}, 127, "No such file or directory: /no/such/directory"),
    ],
)
def test_what_cannot_be_executed_is_reported_as_by_the_system(
    unit: Unit, more: dict[str, object], code: int, message: str
) -> None:
    folder = start(unit, "", **more)
    record = wait_for(folder.exit_record)
    assert (record.why, record.exit_code) == ("launch_failed", code)
    assert message in record.error


def test_a_cancelled_script_gets_two_graces_and_leaves_nothing(unit: Unit) -> None:
    folder = start(unit, STUBBORN)
    pids = first_words(folder)
    ask_to_stop(folder)
    record = wait_for(folder.exit_record)
    assert (record.why, record.signal) == ("cancelled", signal.SIGKILL)
    assert record.finished_at - (record.started_at or 0) >= 2  # two graces of a second each
    assert not any(map(is_alive, pids))


def test_a_polite_script_ends_at_the_interrupt(unit: Unit) -> None:
    folder = start(
        unit,
        """
        import time
        print(1, flush=True)
        try:
            time.sleep(60)
        except KeyboardInterrupt:
            print("saved", flush=True)
        """,
    )
    first_words(folder)
    ask_to_stop(folder)
    assert wait_for(folder.exit_record).why == "cancelled"
    assert "saved" in folder.stdout.read_text()


def test_what_a_script_leaves_behind_is_counted_and_ended(unit: Unit) -> None:
    reported, record = run(unit, LEAVES_A_DAEMON)
    assert (record.stragglers, record.background) == (1, False)
    assert not is_alive(int(reported))


def test_a_background_service_goes_on_with_its_helper(unit: Unit) -> None:
    reported, record = run(unit, LEAVES_A_DAEMON, background=True)
    daemon = int(reported)
    assert (record.stragglers, record.background) == (1, True)
    assert is_alive(daemon)
    os.kill(daemon, signal.SIGKILL)


def test_nothing_survives_a_killed_supervisor(unit: Unit) -> None:
    folder = start(unit, STUBBORN)
    pids = first_words(folder)
    started = wait_for(folder.started)
    os.kill(started.pid, signal.SIGKILL)
    wait_for(lambda: not any(map(is_alive, pids)))


def test_a_script_that_kills_its_helper_is_recorded_and_swept(unit: Unit) -> None:
    reported, record = run(
        unit,
        """
        import os, subprocess, time
        child = subprocess.Popen(["sleep", "60"], start_new_session=True)
        print(child.pid, flush=True)
        os.kill(os.getppid(), 9)
        time.sleep(60)
        """,
    )
    assert (record.why, record.signal) == ("signalled", signal.SIGKILL)
    assert not is_alive(int(reported))


def test_a_script_that_stops_its_helper_is_ended_all_the_same(unit: Unit) -> None:
    folder = start(
        unit,
        """
        import os, subprocess, time
        child = subprocess.Popen(["sleep", "60"], start_new_session=True)
        os.kill(os.getppid(), 19)
        print(os.getpid(), os.getppid(), child.pid, flush=True)
        time.sleep(60)
        """,
    )
    pids = first_words(folder)
    ask_to_stop(folder)
    assert wait_for(folder.exit_record).why == "cancelled"
    wait_for(lambda: not any(map(is_alive, pids)))


def test_a_script_that_stops_its_helper_at_once_is_not_started_again(unit: Unit) -> None:
    """A shell stops the helper before that has told the supervisor that the script began."""
    shell = ("/bin/sh", "-c", "kill -STOP $PPID; echo $$ $PPID; sleep 60")
    folder = start(unit, "", argv=shell)
    pids = first_words(folder)
    started = wait_for(folder.started)
    assert started.script_pid == pids[0]
    ask_to_stop(folder)
    assert wait_for(folder.exit_record).why == "cancelled"
    wait_for(lambda: not any(map(is_alive, pids)))
    assert len(folder.stdout.read_text().splitlines()) == 1


def job_of(unit: Unit, code: str) -> tuple[helper_client.Channel, dict[str, object], Path]:
    """Ask a helper for a script that is held back; return its answer and where it would write."""
    directory = unit.directory(str(uuid.uuid4()), train_py=code)
    job = {"argv": [str(PYTHON), "train.py"], "cwd": str(directory), "env": {"PATH": os.defpath}}
    channel = helper_client.dial(str(NUMBER), str(unit.socket))
    with open(os.devnull, "wb") as nothing:
        streams = (nothing.fileno(), nothing.fileno(), helper_client.described(job))
        answer, _none = channel.ask({"run": str(uuid.uuid4()), "held": 1}, streams)
    os.close(streams[2])
    return channel, answer, directory


WRITES = "open('begun', 'w').write('yes')"


def test_a_script_begins_only_when_the_portal_lets_it_go(unit: Unit) -> None:
    channel, answer, directory = job_of(unit, WRITES)
    assert answer["held"] == 1
    assert is_alive(int(str(answer["pid"])))
    assert not (directory / "begun").exists()
    assert channel.ask({"go": 1})[0] == {"begun": 1}
    came = channel.receive(60)
    assert came is not None
    assert came[0] == {"status": 0, "left": 0}
    assert (directory / "begun").read_text() == "yes"
    channel.close()


def test_a_script_does_not_begin_if_the_portal_hangs_up_before(unit: Unit) -> None:
    channel, answer, directory = job_of(unit, WRITES)
    channel.close()
    held = [int(str(answer[word])) for word in ("pid", "keeper")]
    wait_for(lambda: not any(map(is_alive, held)))
    assert not (directory / "begun").exists()


def test_a_portal_ends_what_supervisor_and_helper_left(unit: Unit) -> None:
    folder = start(
        unit,
        """
        import subprocess, os
        child = subprocess.Popen(["sleep", "60"], start_new_session=True)
        print(os.getppid(), child.pid, flush=True)
        child.wait()
        """,
    )
    helper, orphan = first_words(folder)
    started = wait_for(folder.started)
    os.kill(started.pid, signal.SIGSTOP)  # it can neither notice nor sweep
    os.kill(helper, signal.SIGKILL)
    os.kill(started.pid, signal.SIGKILL)
    assert is_alive(orphan)
    assert end_leftovers(folder, folder.spec().run) >= 1
    assert not is_alive(orphan)


def test_a_supervisor_waits_for_a_helper_that_is_away(unit: Unit) -> None:
    """Never does the script run as the portal's user instead."""
    folder = start(unit, "import os; print(os.getuid())", scripts_socket=f"{unit.socket}.new")
    wait_for(lambda: "waiting for the helper" in folder.supervisor_log.read_text())
    assert folder.started() is None
    os.link(unit.socket, f"{unit.socket}.new")
    wait_for(folder.exit_record)
    assert folder.stdout.read_text() == f"{NUMBER}\n"


def test_a_run_that_waits_for_its_helper_can_be_cancelled(unit: Unit) -> None:
    folder = start(unit, "", scripts_socket="/no/such.sock")
    wait_for(lambda: "waiting for the helper" in folder.supervisor_log.read_text())
    ask_to_stop(folder)
    assert wait_for(folder.exit_record).why == "cancelled"


def test_a_file_of_the_portal_that_a_command_names_is_copied_for_its_script(unit: Unit) -> None:
    weights = unit.base / "best.pt"
    weights.write_text("weights of run 1")
    weights.chmod(0o600)
    reported, record = run(
        unit,
        "import sys; print(open(sys.argv[1].partition('=')[2]).read())",
        argv=(str(PYTHON), "train.py", f"--weights={weights}"),
        inputs=(str(weights),),
    )
    assert (reported, record.exit_code) == ("weights of run 1\n", 0)


def test_files_of_one_folder_stay_next_to_each_other_for_its_script(unit: Unit) -> None:
    """A trainer of the core repository imports its base, which no word of the command names."""
    folder = unit.base / f"copy-{uuid.uuid4()}"
    folder.mkdir(mode=0o700)
    (folder / "trainer.py").write_text("import gf_base; print(gf_base.NAME)")
    (folder / "gf_base.py").write_text("NAME = 'base'")
    files = (str(folder / "trainer.py"), str(folder / "gf_base.py"))
    reported, record = run(unit, "", argv=(str(PYTHON), files[0]), inputs=files)
    assert (reported, record.exit_code) == ("base\n", 0)


def test_a_fence_stands_around_the_script_of_another_user_too(unit: Unit) -> None:
    hidden = unit.base / f"hidden-{uuid.uuid4()}"
    hidden.mkdir()
    (hidden / "key").write_text("s3cret")
    code = f"print(open({str(hidden / 'key')!r}).read())"
    reported, record = run(unit, code)
    assert reported == "s3cret\n"
    reported, record = run(unit, code, fence={"mode": "portal", "hide": [str(hidden)]})
    assert (reported, record.exit_code) == ("", 1)


# Reading for the portal


def test_a_portal_reads_what_only_the_other_user_can(unit: Unit) -> None:
    directory = unit.directory(str(uuid.uuid4()))
    (directory / "private").mkdir(mode=0o700)
    (directory / "private/결과.csv").write_text("epoch\n")
    (directory / "private/결과.csv").chmod(0o600)
    shutil.chown(directory / "private", NUMBER, NUMBER)
    shutil.chown(directory / "private/결과.csv", NUMBER, NUMBER)
    with as_user(STRANGER):
        with pytest.raises(PermissionError):
            (directory / "private/결과.csv").read_text()
        found = unit.user.open(directory, "private/결과.csv")
        assert os.read(found, 100) == b"epoch\n"
        with pytest.raises(OSError, match="Bad file descriptor"):
            os.write(found, b"x")
        os.close(found)
        [row] = unit.user.entries(directory, "private")
    facts = (directory / "private/결과.csv").stat()
    assert row == ("결과.csv", "f", 6, facts.st_mtime_ns, facts.st_ctime_ns, facts.st_ino)


@pytest.mark.parametrize("path", ["link.csv", "folder/passwd", "pipe", "../secret", "", "folder"])
def test_nothing_that_leads_out_is_opened(unit: Unit, path: str) -> None:
    directory = unit.directory(str(uuid.uuid4()))
    (directory / "link.csv").symlink_to("/etc/passwd")
    (directory / "folder").symlink_to("/etc")
    os.mkfifo(directory / "pipe")
    shutil.chown(directory / "pipe", NUMBER, NUMBER)
    (unit.base / "secret").write_text("s3cret")
    with pytest.raises(OSError, match=r".") as refused:
        unit.user.open(directory, path)
    assert isinstance(refused.value, RefusedError)


@pytest.mark.parametrize("path", ["/etc", "/", "/var/tmp", "../x"])
def test_only_a_scratch_folder_is_removed(unit: Unit, path: str) -> None:
    with pytest.raises(RefusedError, match="is no scratch folder"):
        unit.user.remove_scratch(Path(path))


def test_a_helper_says_who_it_is(unit: Unit) -> None:
    hello = unit.user.hello()
    assert (hello["uid"], hello["digest"]) == (NUMBER, digest())


def test_a_unit_of_another_user_is_refused(unit: Unit) -> None:
    other = OtherUser(name=str(STRANGER), socket=str(unit.socket))
    assert f"the helper runs as {NUMBER}" in str(other.unreachable())
    folder = start(unit, "", run_as=str(STRANGER), run_as_uid=STRANGER, scratch_folder="")
    record = wait_for(folder.exit_record)
    assert f"runs as {NUMBER}, not as user {STRANGER}" in record.error


def test_a_socket_that_root_does_not_own_gets_nothing(unit: Unit) -> None:
    path = unit.base / "mallory.sock"
    with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as mallory:
        unit.base.chmod(0o777)
        with as_user(STRANGER):
            mallory.bind(str(path))
            mallory.listen()
        unit.base.chmod(0o755)
        with pytest.raises(HelperError, match=f"belongs to user {STRANGER}, not to root"):
            helper_client.dial(str(NUMBER), str(path))


# By sudo


@pytest.fixture(scope="module")
def accounts() -> Iterator[tuple[str, str]]:
    """The accounts of a portal and of scripts, with the rule of docs/systemd."""
    if not os.environ.get("ACCOUNTS"):
        pytest.skip("makes accounts and a sudo rule on this machine; ACCOUNTS=1 allows that")
    if os.geteuid() != 0 or not os.path.exists(helper_client.SUDO):
        pytest.skip("needs root and sudo")
    portal, scripts = "gftestportal", "gftestscripts"
    helper = Path(helper_client.PROGRAM)
    rule = Path("/etc/sudoers.d/guardianflow-test")
    kept = helper.read_bytes() if helper.exists() else None
    for name in (portal, scripts):
        subprocess.run(["useradd", "--create-home", name], check=True)
    try:
        helper.parent.mkdir(parents=True, exist_ok=True)
        helper.write_text(program(), encoding="utf-8")
        helper.chmod(0o755)
        rule.write_text(f'{portal} ALL=({scripts}) NOPASSWD: {helper} ""\n')
        rule.chmod(0o440)
        yield portal, scripts
    finally:
        rule.unlink()
        helper.unlink()
        if kept is not None:
            helper.write_bytes(kept)
            helper.chmod(0o755)
        for name in (portal, scripts):
            wait_until(partial(is_removed, name), what=f"the account {name} has no process left")


def is_removed(account: str) -> bool:
    """Remove an account; false while a process of it is about to end."""
    done = subprocess.run(["userdel", "--remove", account], check=False, capture_output=True)
    assert done.returncode in {0, 8}, done.stderr
    return done.returncode == 0


# What a portal does with a run, as its own user: start, wait for a line, then what is asked for.
PORTAL = """
import json, os, signal, sys, time
from pathlib import Path
from runs_app.runner.folder import RunFolder
from runs_app.runner.folder_records import Spec
from runs_app.runner.process import ask_to_stop, spawn_supervisor
base, user, uid, act = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]), sys.argv[4]
folder = RunFolder(base / "run")
folder.create(Spec(
    run="run-" + act, token="t", argv=("/usr/bin/python3", "train.py"), cwd=str(base), grace_s=1,
    run_as=user, run_as_uid=uid,
))
spawn_supervisor(folder, dict(os.environ, GUARDIANFLOW_RUN_ID="run-" + act))
def status(process):
    try:
        return (process / "status").read_text()
    except OSError:  # it ended meanwhile
        return ""
def sudo_of(supervisor):
    return [int(p.name) for p in Path("/proc").iterdir() if p.name.isdigit()
        and f"PPid:\\t{supervisor}\\n" in status(p)]
while act != "end" and not (folder.stdout.exists() and folder.stdout.read_text()):
    time.sleep(0.01)
if act == "cancel":
    ask_to_stop(folder)
if act == "kill-sudo":
    os.kill(sudo_of(folder.started().pid)[0], signal.SIGKILL)
    ask_to_stop(folder)
if act == "kill-supervisor":
    os.kill(folder.started().pid, signal.SIGKILL)
    pids = folder.stdout.read_text().split()
    def lives(pid):
        try:
            return Path("/proc", pid, "stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
        except OSError:
            return False
    while any(lives(pid) for pid in pids):
        time.sleep(0.01)
    print(json.dumps({"why": "nothing is left"}))
    sys.exit()
while folder.exit_record() is None:
    time.sleep(0.01)
record = folder.exit_record()
print(json.dumps({"why": record.why, "message": folder.stdout.read_text(), "error": record.error,
    "left": record.stragglers, "log": folder.supervisor_log.read_text()}))
"""


@pytest.mark.accounts
@pytest.mark.parametrize(
    ("act", "code", "why"),
    [
        ("end", "import os; print(os.getuid())", "exited"),
        ("cancel", STUBBORN, "cancelled"),
        ("kill-sudo", STUBBORN, "cancelled"),
        ("kill-supervisor", STUBBORN, "nothing is left"),
    ],
)
def test_a_script_is_started_and_ended_by_sudo(
    accounts: tuple[str, str], act: str, code: str, why: str, unit: Unit
) -> None:
    reported = seen_by_portal(accounts, act, code, unit)
    assert reported["why"] == why
    if act == "end":
        assert reported["message"] == f"{uid_of(accounts[1])}\n"
        assert reported["left"] == 0


@pytest.mark.accounts
def test_no_new_privileges_are_named(accounts: tuple[str, str]) -> None:
    portal, scripts = accounts
    asked = (
        "from runs_app.runner.other_user import OtherUser; "
        f"print(OtherUser(name={scripts!r}, socket='/no/such.sock').unreachable())"
    )
    command = ["setpriv", "--no-new-privs", f"--reuid={portal}", f"--regid={portal}"]
    reported = subprocess.run(
        [*command, "--clear-groups", str(PYTHON), "-B", "-c", asked],
        env={"PYTHONPATH": python_path(), "PATH": os.defpath},
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    assert "no new privileges" in reported


def seen_by_portal(accounts: tuple[str, str], act: str, code: str, unit: Unit) -> dict[str, object]:
    import json

    portal, scripts = accounts
    base = unit.base / f"sudo-{act}"
    base.mkdir()
    base.chmod(0o777)
    (base / "train.py").write_text(code)
    done = subprocess.run(
        [str(PYTHON), "-B", "-c", PORTAL, str(base), scripts, str(uid_of(scripts)), act],
        user=portal,
        group=portal,
        extra_groups=[],
        env={"PYTHONPATH": python_path(), "PATH": os.defpath},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    answer: dict[str, object] = json.loads(done.stdout)
    return answer


def uid_of(name: str) -> int:
    import pwd

    return pwd.getpwnam(name).pw_uid


def python_path() -> str:
    packages = [path for path in sys.path if path.endswith("site-packages")]
    return os.pathsep.join([str(Path(__file__).parents[4]), *packages])
