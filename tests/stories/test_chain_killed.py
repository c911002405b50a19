"""A chain of the sample tree whose portal, worker and database are killed at random moments.

The scripts are those of the tree, unmodified. What counts is on the disk: how often a script was
started, which bytes it was given, and whether what an earlier step left is as it was.
"""

from __future__ import annotations

import hashlib
import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import psycopg
import pytest

from tests.postgres import Server, running_server
from tests.processes import below, command_of
from tests.stories.served import ServedPortal
from tests.waiting import LIMIT_S, LOOK_AGAIN_S, wait_until

pytestmark = [pytest.mark.postgres, pytest.mark.processes, pytest.mark.first]

DATABASE = "chain"
# No script of the tree reads what the exporter writes. So the inference writes its report over its
# own copy of that: no other run may notice.
EDGE = """\
experiment: donghwa-entec-ppe
steps:
  - name: train
    type: train
    params: {epochs: 6, no_plots: true}
  - name: quant
    type: quant
    params:
      weights: {from: train, file: "*best.pt", pick: last}
  - name: infer
    type: infer
    params:
      n: 3000
      weights: {from: train, file: "*best.pt", pick: last}
      output: {from: quant, file: "*_int8.npz", pick: last}
"""
_NOT_YET = (psycopg.OperationalError, subprocess.SubprocessError, RuntimeError, AssertionError)
STEPS = ("train", "quant", "infer")
CHAIN = """\
SELECT step.name, step.attempt, step.state, step.bound, run.uuid, run.status, chain.state
FROM runs_app_runstep step JOIN runs_app_runset chain ON chain.id = step.run_set_id
LEFT JOIN runs_app_run run ON run.id = step.run_id
WHERE chain.id = %s ORDER BY step.number
"""


@pytest.fixture
def server() -> Iterator[Server]:
    """A server of this story's own, for it is killed."""
    with running_server() as server:
        yield server


class Victims:
    """The portal with its worker, and its database; killed at random, and started again."""

    def __init__(self, portal: ServedPortal, server: Server, dice: random.Random) -> None:
        self.portal, self.server, self.dice = portal, server, dice
        self.killed: list[str] = []
        self._up: subprocess.Popen[bytes] | None = None
        self._starts = 0
        self._log = portal.home

    def start(self) -> None:
        """Start the portal, again and again as a service manager does, until it serves."""
        deadline = time.monotonic() + LIMIT_S
        while not self._is_served():
            assert time.monotonic() < deadline, self._log.read_text(errors="replace")

    def _is_served(self) -> bool:
        """Start the portal once; return whether it came to serve, or ended before that."""
        self._starts += 1
        self._log = self.portal.home.parent / f"up-{self._starts}.log"
        ports = ("--port", str(self.portal.port), "--mlflow-port", str(self.portal.mlflow_port))
        with self._log.open("wb") as output:
            up = subprocess.Popen(
                [sys.executable, "-c", "from portal.cli import main; main()", "up", *ports],
                env=self.portal.environment,
                stdout=output,
                stderr=output,
            )
        wait_until(
            lambda: "Portal: " in self._log.read_text(errors="replace") or up.poll() is not None,
            what=lambda: f"the portal is served: {self._log.read_text(errors='replace')}",
        )
        self._up = up if up.poll() is None else None
        return self._up is not None

    def kill_one(self) -> None:
        """Kill everything, the database, or one process of the portal and its worker."""
        assert self._up is not None
        kind = self.dice.choice(["all", "database", "process", "process", "portal"])
        if kind in {"all", "database"}:
            self._kill_database()
        ours = sorted(services(self._up.pid), key=lambda process: process.pid)
        if kind == "process" and ours:
            _kill(self.dice.choice(ours).pid)
        is_gone = kind in {"all", "portal"} or self._up.poll() is not None
        if is_gone:
            self.end()
        self.killed.append(kind)
        if kind in {"all", "database"}:
            self._start_database()
        if is_gone:
            self.start()

    def end(self) -> None:
        """Kill the portal and its services; supervisors live on."""
        if self._up is None:
            return
        ours = services(self._up.pid)
        _kill(self._up.pid)  # first, for it would start them again
        for process in ours:
            _kill(process.pid)
        self._up.wait(LIMIT_S)
        self._up = None

    def _start_database(self) -> None:
        """Start the database until it answers: after a kill it recovers first."""
        deadline = time.monotonic() + LIMIT_S
        while True:
            try:
                self.server.start()
                psycopg.connect(self.server.url(DATABASE)).close()
                return
            except _NOT_YET:
                if time.monotonic() > deadline:
                    raise
            time.sleep(LOOK_AGAIN_S)

    def _kill_database(self) -> None:
        number = self.server.process
        family = [psutil.Process(number), *below(number)]
        os.kill(number, signal.SIGKILL)
        psutil.wait_procs(family, timeout=LIMIT_S)


def services(pid: int) -> list[psutil.Process]:
    """Return what the portal started, but for supervisors and the scripts below them."""
    try:
        children = psutil.Process(pid).children()
    except psutil.NoSuchProcess:
        return []
    found = [one for one in children if "supervisor" not in " ".join(command_of(one))]
    return [*found, *(part for one in found for part in services(one.pid))]


def _kill(pid: int) -> None:
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        return


def look(server: Server, number: int) -> list[Any]:
    """Return the rows of the steps of a chain; none while the database is away."""
    try:
        with psycopg.connect(server.url(DATABASE), connect_timeout=5) as connection:
            return connection.execute(CHAIN, [number]).fetchall()
    except psycopg.OperationalError:
        return []


def digest(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()


def check(server: Server, portal: ServedPortal, number: int) -> None:
    """Each step ran once, and with the bytes that the earlier ones had kept."""
    rows = look(server, number)
    assert [(name, attempt, state) for name, attempt, state, *_more in rows] == [
        (name, 1, "succeeded") for name in STEPS
    ]
    folders = {name: portal.home / "runs" / str(uuid) for name, *_rest, uuid, _status, _set in rows}
    bound = {name: found for name, _attempt, _state, found, *_more in rows}
    for folder in folders.values():
        # If the launcher dies before the script starts, its folder is renamed with a number.
        started = list(folder.parent.glob(f"{folder.name}*/started.json"))
        assert started == [folder / "started.json"]
        assert json.loads((folder / "exit.json").read_text())["exit_code"] == 0
    for name in ("quant", "infer"):
        for item in bound[name]:
            kept = folders[item["step"]] / item["kept"]
            assert digest(kept) == item["sha256"], f"{item['step']} is not what it kept"
            copy = folders[name] / item["path"]
            if item["name"] == "weights":
                assert digest(copy) == item["sha256"], f"{name} was given other bytes"
    assert {item["step"] for item in bound["infer"]} == {"train", "quant"}


def live_through(kills: int, seed: int, server: Server, folder: Path) -> list[str]:
    """Take chains to their end while things are killed; return what was killed."""
    dice = random.Random(seed)  # noqa: S311
    portal = ServedPortal(
        folder, DATABASE_URL=server.create(DATABASE), MLFLOW_TRACKING_URI="http://127.0.0.1:9"
    )
    portal.guardianflow("scan", "--import")
    (folder / "edge.yaml").write_text(EDGE, encoding="utf-8")
    victims = Victims(portal, server, dice)
    victims.start()
    chains = []
    try:
        while len(victims.killed) < kills:
            said = portal.guardianflow("pipeline", "run", "edge", "--from", str(folder), "--json")
            number = json.loads(said)["id"]
            chains.append(number)
            deadline = time.monotonic() + LIMIT_S

            def state(number: int = number) -> str:
                rows = look(server, number)
                return rows[0][-1] if rows else "active"

            while state() == "active" and time.monotonic() < deadline:
                if len(victims.killed) < kills:
                    time.sleep(dice.uniform(0.2, 3))  # a random moment of the chain
                    victims.kill_one()
                    deadline = time.monotonic() + LIMIT_S
                else:
                    time.sleep(0.2)
            assert state() == "succeeded", f"{look(server, number)} after {victims.killed}"
        for number in chains:
            check(server, portal, number)
        return victims.killed
    finally:
        victims.end()


@pytest.mark.proof
@pytest.mark.timeout(900)
def test_a_chain_goes_on_through_a_kill(server: Server, tmp_path: Path) -> None:
    assert len(live_through(1, 17, server, tmp_path)) == 1


@pytest.mark.long
@pytest.mark.timeout(3600)
def test_chains_go_on_through_thirty_kills(server: Server, tmp_path: Path) -> None:
    killed = live_through(30, 30, server, tmp_path)
    assert set(killed) == {"all", "database", "process", "portal"}
