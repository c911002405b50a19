"""The cost of the fence at the start of a script, next to the same supervisor without one.

    .venv/bin/python benchmarks/bench_fence.py [HOME]

First the fence alone, in forked children, by CPU time; then whole starts. Fenced and open rounds
take turns, so that other load on the machine affects both; the added time is the median over the
pairs, shown with its goal. HOME is a folder outside of the temporary ones, in which a data
directory is imitated; by default one next to this checkout's code.
"""

from __future__ import annotations

import os
import shutil
import statistics
import sys
import tempfile
import time
import uuid
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from runs_app.runner.environment import script_environment
from runs_app.runner.folder import RunFolder
from runs_app.runner.folder_records import Spec
from runs_app.runner.isolation.fence import PORTAL, STRICT, restrict
from runs_app.runner.process import spawn_supervisor

CHECKOUT = Path(__file__).resolve().parent.parent
ROUNDS = 60
LIMIT_S = 60
POLL_S = 0.0005
GOAL_MS = 5.0


def main() -> None:
    """Print the added milliseconds of each kind of fence, and how many rules it has."""
    base = Path(sys.argv[1]) if len(sys.argv) > 1 else CHECKOUT / "var"
    base.mkdir(parents=True, exist_ok=True)
    home = Path(tempfile.mkdtemp(prefix="bench-", dir=base))
    try:
        for mode in (PORTAL, STRICT):
            fence = fence_around(home, mode)
            pairs = [(start(home, {})[0], start(home, fence)[0]) for _ in range(ROUNDS + 1)][1:]
            added_ms = statistics.median(fenced - plain for plain, fenced in pairs) * 1000
            plain_ms = statistics.median(plain for plain, _ in pairs) * 1000
            rules = start(home, fence)[1]["rules"]
            alone_ms = statistics.median(restrict_s(fence) for _ in range(ROUNDS)) * 1000
            print(f"{mode}: the fence alone takes {alone_ms:.1f} ms of the processor")
            print(
                f"{mode}: start without a fence {plain_ms:.1f} ms, with it {added_ms:+.1f} ms "
                f"(goal +{GOAL_MS:.0f} ms), {rules} rules"
            )
    finally:
        shutil.rmtree(home)


def fence_around(home: Path, mode: str) -> dict[str, Any]:
    """Return the fence of a portal whose code is this checkout."""
    return {
        "mode": mode,
        "hide": [str(home)],
        "protect": [str(CHECKOUT), sys.prefix],
        "open": ["/tmp", "/var/tmp", "/dev/shm"],  # noqa: S108
        "create": [],
        "write": ["/dev", "~/.cache"],
        "own": [],
        "read": [],
        "signals": False,
    }


def restrict_s(fence: dict[str, Any]) -> float:
    """Return the CPU seconds that a forked child takes to apply the fence to itself."""
    reader, writer = os.pipe()
    if os.fork() == 0:
        begin = time.process_time()
        restrict(fence)
        os.write(writer, str(time.process_time() - begin).encode())
        os._exit(0)
    os.wait()
    took = float(os.read(reader, 100))
    os.close(reader)
    os.close(writer)
    return took


def start(home: Path, fence: dict[str, Any]) -> tuple[float, dict[str, Any]]:
    """Start `true` under a supervisor; return the seconds to its exit record, and the report."""
    folder = RunFolder(home / f"run-{uuid.uuid4()}")
    name = folder.path.name
    own = [str(folder.scratch)] if fence else []
    spec = Spec(run=name, token=name, argv=("/bin/true",), cwd="/", fence=fence | {"own": own})
    environment = script_environment(
        os.environ,
        interpreter=Path(sys.executable),
        cwd=Path("/"),
        run_id=name,
        folder=folder,
        context_tags={},
    )
    folder.create(spec)
    begin = time.perf_counter()
    spawn_supervisor(folder, environment)
    until = time.monotonic() + LIMIT_S
    while (record := folder.exit_record()) is None:
        if time.monotonic() > until:
            raise SystemExit(f"nothing happened in {LIMIT_S} s")
        time.sleep(POLL_S)
    took = time.perf_counter() - begin
    started = folder.started()
    if record.exit_code or started is None:
        raise SystemExit(f"the script did not end well: {record}")
    shutil.rmtree(folder.path)
    return took, started.isolation


if __name__ == "__main__":
    main()
