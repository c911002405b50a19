"""The cost of GUARDIANFLOW_RUN_AS at the start of a script, by the socket unit and by sudo.

    sudo .venv/bin/python benchmarks/bench_script_user.py [USER]

Needs root: a small accept loop replaces the socket unit, and the helper runs as user 64002. With
USER, an account that sudo can switch to without a password, sudo is measured too: the helper is
installed as /usr/local/libexec/guardianflow-script. Plain starts and the others take turns, so that
other load on the machine affects all; the added time is the median over the rounds.
"""

from __future__ import annotations

import os
import pwd
import shutil
import socket
import statistics
import sys
import time
import uuid
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from runs_app.runner.folder import RunFolder
from runs_app.runner.folder_records import Spec
from runs_app.runner.process import spawn_supervisor
from tests.script_users import NUMBER, scripts_unit

ROUNDS = 40
LIMIT_S = 60
POLL_S = 0.0005
GOAL_MS = 30.0


def main() -> None:
    """Print the milliseconds that each method adds to a start."""
    with scripts_unit() as unit:
        ways: dict[str, dict[str, object]] = {
            "plain": {},
            "socket": {
                "run_as": str(NUMBER),
                "run_as_uid": NUMBER,
                "scripts_socket": str(unit.socket),
            },
        }
        if sys.argv[1:]:
            user = pwd.getpwnam(sys.argv[1])
            ways["sudo"] = {"run_as": user.pw_name, "run_as_uid": user.pw_uid}
        took: dict[str, list[float]] = {way: [] for way in ways}
        for _round in range(ROUNDS + 1):
            for way, spec in ways.items():
                took[way].append(start_s(unit.base, spec))
        plain = took.pop("plain")[1:]  # the first round warms the page cache
        print(
            f"plain: {statistics.median(plain) * 1000:.1f} ms from launch to exit record, "
            f"at least {min(plain) * 1000:.1f} ms"
        )
        for way, others in took.items():
            pairs = zip(plain, others[1:], strict=True)
            added_ms = statistics.median(other - one for one, other in pairs) * 1000
            least_ms = (min(others[1:]) - min(plain)) * 1000
            print(
                f"{way}: {added_ms:+.1f} ms, between the quickest starts {least_ms:+.1f} ms "
                f"(goal +{GOAL_MS:.0f} ms)"
            )
        processor = sorted(helper_s(unit.base / "guardianflow-script") for _ in range(ROUNDS))
        print(
            f"a helper takes {processor[ROUNDS // 2] * 1000:.1f} ms of the processor, "
            f"at least {processor[0] * 1000:.1f} ms"
        )


def helper_s(program: Path) -> float:
    """Return the CPU seconds of a helper that only reports its identity."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with ours, theirs:
        pid = os.posix_spawn(
            program,
            [str(program)],
            {"PATH": os.defpath},
            file_actions=[(os.POSIX_SPAWN_DUP2, theirs.fileno(), 0)],
        )
        ours.send(b'{"hello": 1}')
        ours.recv(1000)
        ours.shutdown(socket.SHUT_RDWR)
        used = os.wait4(pid, 0)[2]
    return used.ru_utime + used.ru_stime


def start_s(base: Path, spec: dict[str, object]) -> float:
    """Return the seconds from the launch of `true` to its exit record."""
    name = str(uuid.uuid4())
    folder = RunFolder(base / f"run-{name}")
    folder.create(Spec(run=name, token=name, argv=("/bin/true",), cwd="/", **spec))  # type: ignore[arg-type]
    begin = time.perf_counter()
    spawn_supervisor(folder, dict(os.environ))
    until = time.monotonic() + LIMIT_S
    while (record := folder.exit_record()) is None:
        if time.monotonic() > until:
            raise SystemExit(f"nothing happened in {LIMIT_S} s")
        time.sleep(POLL_S)
    took = time.perf_counter() - begin
    if record.exit_code:
        raise SystemExit(f"the script did not end well: {record}")
    shutil.rmtree(folder.path)
    return took


if __name__ == "__main__":
    main()
