"""The fence: what a process behind it can do, and what it could do without."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import textwrap
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from runs_app.runner.isolation import fence as fence_file
from runs_app.runner.isolation.fence import (
    NO_LANDLOCK,
    OFF,
    OLDEST_LEVEL,
    OPEN_FOLDER,
    PORTAL,
    STRICT,
    frozen_folders,
    supported_level,
)
from tests.runs_app.runner.test_supervisor import pythons

pytestmark = pytest.mark.skipif(
    supported_level() < OLDEST_LEVEL, reason="this kernel has no Landlock, or too old a one"
)
needs_scopes = pytest.mark.skipif(
    supported_level() < 6, reason="signals are fenced from Landlock 6 (Linux 6.12) on"
)
FENCE_FOLDER = str(Path(fence_file.__file__).parent)
# As the supervisor does it: restrict, then become the program.
STARTER = f"""
import json, os, sys
sys.path.insert(0, {FENCE_FOLDER!r})
import fence
level = int(sys.argv[2]) or None
print(json.dumps(fence.restrict(json.loads(sys.argv[1]), level=level)), flush=True)
os.execv(sys.argv[3], sys.argv[3:])
"""


@dataclass
class Site:
    """The folders of a portal and of its experiments, as Sampyo Gimhae has them."""

    base: Path
    spec: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for name in ("home/runs", "code", "experiments/bct", "experiments/ppe", "cache"):
            (self.base / name).mkdir(parents=True)
        (self.base / "home/secret_key").write_text("s3cret")
        self.spec = {
            "mode": PORTAL,
            "hide": [str(self.base / "home")],
            "protect": [str(self.base / "code")],
        }

    def run(self, code: str, *, level: int = 0, **changes: Any) -> tuple[str, dict[str, Any]]:
        """Run Python code behind the fence in an experiment; return what it says, and the report.

        An OSError that it does not catch is what it says.
        """
        body = textwrap.indent(textwrap.dedent(code).strip(), "    ")
        script = f"import os, signal, socket, sys\ntry:\n{body}\nexcept OSError as error:\n"
        script += "    print(error.strerror)\n"
        spec = json.dumps(self.spec | changes)
        done = subprocess.run(
            [sys.executable, "-c", STARTER, spec, str(level), sys.executable, "-c", script],
            capture_output=True,
            text=True,
            cwd=self.base / "experiments/bct",
            check=False,
        )
        report, _, message = done.stdout.partition("\n")
        assert report, done.stderr
        return message.strip() or done.stderr.strip(), json.loads(report)

    def says(self, code: str, **changes: Any) -> str:
        return self.run(code, **changes)[0]


@pytest.fixture
def site(tmp_path: Path) -> Site:
    return Site(tmp_path)


@contextmanager
def abstract_listener() -> Iterator[str]:
    name = f"guardianflow-test-{uuid.uuid4()}"
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as listener:
        listener.bind(f"\0{name}")
        listener.listen()
        yield name


REFUSED = "Permission denied"
ATTACKS = {
    "read the secret key": "print(open('{base}/home/secret_key').read())",
    "write the secret key": "open('{base}/home/secret_key', 'a'); print('done')",
    "truncate the secret key": "os.truncate('{base}/home/secret_key', 6); print('done')",
    "make a file in the home": "open('{base}/home/runs/exit.json', 'w'); print('done')",
    "make a folder in the home": "os.mkdir('{base}/home/runs/x'); print('done')",
    "make a link in the home": "os.symlink('/', '{base}/home/runs/link'); print('done')",
    "move a file out of the home": (
        "os.rename('{base}/home/secret_key', '{base}/experiments/bct/key'); print('done')"
    ),
    "remove a file of the home": "os.unlink('{base}/home/secret_key'); print('done')",
    "write the code": "open('{base}/code/settings.py', 'w'); print('done')",
    "move the home away": "os.rename('{base}/home', '{base}/gone'); print('done')",
    "follow a link into the home": (
        "os.symlink('{base}/home', 'way'); print(open('way/secret_key').read())"
    ),
    "climb over the working directory": "print(open('../../home/secret_key').read())",
}


@pytest.mark.parametrize("mode", [PORTAL, STRICT])
@pytest.mark.parametrize("attack", ATTACKS)
def test_an_attack_on_the_portals_files_is_refused(site: Site, attack: str, mode: str) -> None:
    code = ATTACKS[attack].format(base=site.base)
    own = [str(site.base / "experiments/bct")]
    assert site.says(code, mode=mode, write=own) in (REFUSED, "Invalid cross-device link")


@pytest.mark.parametrize("attack", ATTACKS)
def test_without_a_fence_it_succeeds(site: Site, attack: str) -> None:
    code = ATTACKS[attack].format(base=site.base)
    assert site.says(code, mode=OFF) in {"done", "s3cret"}


@pytest.mark.parametrize("mode", [PORTAL, OFF])
def test_code_can_be_read_and_executed(site: Site, mode: str) -> None:
    (site.base / "code/child.py").write_text("text")
    assert site.says(f"print(open('{site.base}/code/child.py').read())", mode=mode) == "text"


@pytest.mark.parametrize("level", range(1, supported_level() + 1))
def test_every_level_of_landlock_that_is_used_hides_the_home(site: Site, level: int) -> None:
    """A kernel of each level is imitated by asking for no more than it offers."""
    read = ATTACKS["read the secret key"].format(base=site.base)
    rename = "os.mkdir('a'); open('f', 'w'); os.rename('f', 'a/f'); print('moved')"
    message, report = site.run(read, level=level)
    if level < OLDEST_LEVEL:
        assert (message, report["fence"], report["reason"]) == ("s3cret", OFF, NO_LANDLOCK)
    else:
        assert (message, report["fence"], report["abi"]) == (REFUSED, PORTAL, level)
    assert site.says(rename, level=level) == "moved"


def test_other_peoples_folders_stay_open_and_the_way_to_the_home_is_listed(site: Site) -> None:
    code = f"""
        open('{site.base}/experiments/ppe/shared.csv', 'w')
        open('{site.base}/cache/weights.pt', 'w')
        print(sorted(os.listdir('{site.base}')), os.listdir('/') != [])
    """
    assert site.says(code) == "['cache', 'code', 'experiments', 'home'] True"


def test_nothing_new_is_made_beside_the_home(site: Site) -> None:
    assert site.says(f"os.mkdir('{site.base}/new')") == REFUSED
    assert str(site.base) in frozen_folders(site.spec)
    assert str(site.base / "experiments") not in frozen_folders(site.spec)


def test_an_entry_that_came_later_beside_the_home_is_closed_one_in_an_open_folder_is_not(
    site: Site,
) -> None:
    """The rules name what exists at the start; anything else on the way to the home is refused."""
    code = f"""
        import subprocess, time
        print('ready', flush=True)
        sys.stdin.readline()
        for path in ('{site.base}/late/file', '{site.base}/experiments/late/file'):
            try:
                print(open(path).read())
            except OSError as error:
                print(error.strerror)
    """
    spec, body = json.dumps(site.spec), textwrap.dedent(code)
    argv = [sys.executable, "-c", STARTER, spec, "0", sys.executable, "-c", f"import sys\n{body}"]
    process = subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert [process.stdout.readline() for _ in range(2)][1] == "ready\n"
    for folder in (site.base / "late", site.base / "experiments/late"):
        folder.mkdir()
        (folder / "file").write_text("late")
    message, _ = process.communicate("go\n")
    assert message.split("\n")[:2] == [REFUSED, "late"]


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can mount a disk")
@pytest.mark.parametrize(("place", "message"), [("experiments/ppe", "late"), (".", REFUSED)])
def test_a_disk_that_is_mounted_later_is_open_where_its_folder_is(
    site: Site, place: str, message: str
) -> None:
    """In a folder beside the way to the home it is; over a folder of that way it is not."""
    where = site.base / place
    reader = f"try:\n    print(open('{where}/file').read())\nexcept OSError as error:\n"
    reader += "    print(error.strerror)\n"
    waiting = f"import sys\nprint('ready', flush=True)\nsys.stdin.readline()\n{reader}"
    argv = [sys.executable, "-c", STARTER, json.dumps(site.spec), "0", sys.executable]
    process = subprocess.Popen(
        [*argv, "-c", waiting], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert [process.stdout.readline() for _ in range(2)][1] == "ready\n"
    mounted = subprocess.run(["mount", "-t", "tmpfs", "late", str(where)], check=False)
    if mounted.returncode:
        process.communicate("go\n")
        pytest.skip("nothing can be mounted here")
    try:
        (where / "file").write_text("late")
        reported, _ = process.communicate("go\n")
    finally:
        subprocess.run(["umount", "-l", str(where)], check=True)
    assert reported.strip() == message


@pytest.mark.parametrize("python", pythons(), ids=str)
def test_every_python_that_may_be_all_that_a_machine_has_puts_it_up(
    site: Site, python: Path
) -> None:
    argv = [str(python), "-I", "-S", "-c", STARTER, json.dumps(site.spec), "0", "/bin/cat"]
    done = subprocess.run(
        [*argv, str(site.base / "home/secret_key")], capture_output=True, text=True, check=False
    )
    assert json.loads(done.stdout.partition("\n")[0])["fence"] == PORTAL
    assert REFUSED in done.stderr


def test_a_link_beside_the_home_that_leads_into_it_opens_nothing(site: Site) -> None:
    (site.base / "shortcut").symlink_to(site.base / "home")
    assert site.says(f"print(open('{site.base}/shortcut/secret_key').read())") == REFUSED


@pytest.mark.parametrize("key", ["write", "create", "own", "read"])
def test_a_link_that_a_script_left_for_the_next_run_opens_nothing(site: Site, key: str) -> None:
    """A cache of the user's own, or a folder of the run, may have become a link to the home."""
    planted = site.base / "cache/torch"
    planted.symlink_to(site.base / "home")
    code = ATTACKS["read the secret key"].format(base=site.base)
    assert site.says(code, **{key: [str(planted)]}) == REFUSED
    assert site.says(code, mode=STRICT, **{key: [str(planted)]}) == REFUSED


def test_a_link_to_the_code_does_not_open_it(site: Site) -> None:
    planted = site.base / "cache/torch"
    planted.symlink_to(site.base / "code")
    code = ATTACKS["write the code"].format(base=site.base)
    assert site.says(code, mode=STRICT, write=[str(planted)]) == REFUSED


@pytest.mark.parametrize("mode", [PORTAL, STRICT])
def test_a_home_inside_an_open_folder_is_not_called_fenced(site: Site, mode: str) -> None:
    """Rules add up: whoever may write the folder around it may read the home as well."""
    code = ATTACKS["read the secret key"].format(base=site.base)
    message, report = site.run(code, mode=mode, open=[str(site.base)])
    assert message == "s3cret"
    assert (report["fence"], report["reason"]) == (OFF, OPEN_FOLDER)
    assert report["path"] == str(site.base)


def test_its_own_folders_in_the_home_are_open_to_it_alone(site: Site) -> None:
    for name in ("a", "b"):
        (site.base / f"home/runs/{name}/mlruns").mkdir(parents=True)
    own = [str(site.base / "home/runs/a/mlruns")]
    assert site.says(f"open('{own[0]}/meta', 'w'); print('written')", own=own) == "written"
    for closed in ("a", "b/mlruns"):
        assert site.says(f"open('{site.base}/home/runs/{closed}/x', 'w')", own=own) == REFUSED


def test_a_kept_output_that_is_named_can_be_read_and_not_written(site: Site) -> None:
    kept = site.base / "home/runs/best.pt"
    kept.write_text("weights")
    read = [str(kept)]
    assert site.says(f"print(open('{kept}').read())", read=read) == "weights"
    assert site.says(f"open('{kept}', 'a')", read=read) == REFUSED
    assert site.says(ATTACKS["read the secret key"].format(base=site.base), read=read) == REFUSED


def test_strict_writes_only_where_it_is_named(site: Site) -> None:
    own = [str(site.base / "experiments/bct"), "/dev"]
    assert site.says("open('best.pt', 'w'); print('kept')", mode=STRICT, write=own) == "kept"
    other = f"open('{site.base}/experiments/ppe/best.pt', 'w')"
    assert site.says(other, mode=STRICT, write=own) == REFUSED
    assert site.says(other + "; print('shared')") == "shared"


def test_expected_folders_are_created_where_they_would_be_refused_later(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(site.base))
    wanted = ["~/.cache", "~/.local/share"]
    code = "os.makedirs(os.path.expanduser('~/.cache/torch/hub')); print('made')"
    assert site.says(code) == REFUSED
    assert site.says(code, create=wanted) == "made"
    assert (site.base / ".local/share").is_dir()
    monkeypatch.setenv("HOME", str(site.base / "experiments"))
    site.says("pass", create=["~/.keras"])
    assert not (site.base / "experiments/.keras").exists()  # the script can make it by itself


@needs_scopes
def test_processes_outside_are_not_signalled_unless_that_is_wanted(site: Site) -> None:
    code = f"os.kill({os.getpid()}, 0); print('signalled')"
    assert site.says(code) == "Operation not permitted"
    assert site.says(code, signals=True) == "signalled"
    assert site.says(code, mode=OFF) == "signalled"
    assert site.says(code, level=5) == "signalled"  # Linux 6.11


@needs_scopes
def test_abstract_sockets_of_others_are_not_reached(site: Site) -> None:
    with abstract_listener() as name:
        code = f"socket.socket(socket.AF_UNIX).connect('\\0{name}'); print('connected')"
        assert site.says(code) == "Operation not permitted"
        assert site.says(code, mode=OFF) == "connected"


def test_processes_outside_are_not_traced(site: Site) -> None:
    code = f"os.close(os.open('/proc/{os.getpid()}/mem', os.O_RDWR)); print('opened')"
    assert site.says(code) in (REFUSED, "Operation not permitted")
    assert site.says(code, mode=OFF) == "opened"


def test_kernel_files_that_speak_for_other_processes_are_not_written(site: Site) -> None:
    code = f"open('/proc/{os.getpid()}/oom_score_adj', 'a'); print('opened')"
    assert site.says(code) == REFUSED
    assert site.says(code, mode=OFF) == "opened"


def test_no_program_gains_rights(site: Site) -> None:
    code = "print([l.split()[1] for l in open('/proc/self/status') if l.startswith('NoNewPrivs')])"
    assert site.says(code) == "['1']"
    assert site.says(code, mode=OFF) == "['0']"


@pytest.mark.parametrize("mode", [PORTAL, STRICT])
def test_useful_work_goes_on(site: Site, mode: str, tmp_path: Path) -> None:
    """Multiprocessing with its semaphores, temporary files, moves between folders, daemons."""
    code = """
        import multiprocessing, shutil, subprocess, tempfile
        def main():
            context = multiprocessing.get_context('spawn')
            with context.Pool(2) as pool:
                print(sum(pool.map(abs, [-1, -2])))
            with tempfile.TemporaryDirectory() as folder:
                open(folder + '/x', 'w').write('x')
                os.makedirs('runs/exp')
                shutil.move(folder + '/x', 'runs/exp/x')
                os.rename('runs/exp/x', 'moved')
            subprocess.run(['true'], start_new_session=True, stdout=subprocess.DEVNULL, check=True)
            os.replace('moved', 'runs/x')
            print(open('runs/x').read())
        main()
    """
    own = [str(site.base / "experiments/bct"), "/dev", "/dev/shm"]
    temporary = tmp_path / "cache"
    message = site.says(
        f"os.environ['TMPDIR'] = {str(temporary)!r}\n" + textwrap.dedent(code),
        mode=mode,
        write=[*own, str(temporary)],
    )
    assert message.split() == ["3", "x"]


def test_files_of_the_fence_are_syntax_of_python_3_8() -> None:
    import ast

    for file in Path(FENCE_FOLDER).glob("*.py"):
        ast.parse(file.read_text(encoding="utf-8"), feature_version=(3, 8))
