"""An engine that carries jobs out by itself: a queue, ids of its own, one process for all jobs.

    spool_engine.py serve SPOOL SLOTS       starts jobs, so many at a time, until it is killed
    spool_engine.py submit SPOOL NAME FOLDER < ENVIRONMENT.json      prints the id of the job
    spool_engine.py queue SPOOL             prints the jobs, one JSON object a line
    spool_engine.py cancel|kill SPOOL NAME

A job is the supervisor of a run folder. The engine knows of it what engines know: that it waits,
that its process is there, that it is over. Names may repeat, and ids do after its file is lost.
"""

from __future__ import annotations

import ctypes
import json
import os
import signal
import socket
import subprocess
import sys
from contextlib import suppress
from typing import Any

SUPERVISOR = os.path.join(
    os.path.dirname(os.path.abspath(__file__)), "../../runs_app/runner/supervisor.py"
)
PR_SET_CHILD_SUBREAPER = 36
AWAY = 75
POLL_S = 0.02
MARK = "SPOOL_JOB"

Job = dict[str, Any]


class Engine:
    """The jobs and their file, which outlives the engine's process."""

    def __init__(self, spool: str, slots: int) -> None:
        self.spool = spool
        self.slots = slots
        self.file = os.path.join(spool, "jobs.json")
        self.jobs: list[Job] = []
        if os.path.exists(self.file):
            with open(self.file, encoding="utf-8") as file:
                self.jobs = json.load(file)

    def serve(self) -> None:
        """Answer one request after the other, and look at the jobs in between."""
        # What a supervisor leaves behind comes to the engine, as to the root of a container.
        ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
        listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        address = os.path.join(self.spool, "engine.sock")
        if os.path.exists(address):
            os.unlink(address)
        listener.bind(address)
        listener.listen()
        listener.settimeout(POLL_S)
        while True:
            self.look()
            try:
                connection, _address = listener.accept()
            except TimeoutError:
                continue
            with connection, connection.makefile("rw", encoding="utf-8") as stream:
                try:
                    stream.write(json.dumps(self.answer(json.loads(stream.readline()))) + "\n")
                    stream.flush()
                except OSError:
                    continue

    def answer(self, asked: Job) -> list[Job]:
        self.look()
        if asked["verb"] == "submit":
            number = max((job["id"] for job in self.jobs), default=0) + 1
            self.jobs.append({**asked, "id": number, "state": "queued"})
        elif asked["verb"] in {"cancel", "kill"}:
            for job in self.jobs:
                if job["name"] == asked["name"]:
                    self.end(job, firmly=asked["verb"] == "kill")
        self.save()
        return [{"id": job["id"], "name": job["name"], "state": job["state"]} for job in self.jobs]

    def look(self) -> None:
        reap()
        before = [job["state"] for job in self.jobs]
        for job in self.jobs:
            if job["state"] == "running" and not lives(job["pid"], job["ticks"]):
                job["state"] = "over"
        for job in self.jobs:
            at_work = sum(job["state"] == "running" for job in self.jobs)
            if job["state"] == "queued" and at_work < self.slots:
                self.start(job)
        if before != [job["state"] for job in self.jobs]:
            self.save()

    def save(self) -> None:
        with open(self.file + ".tmp", "w", encoding="utf-8") as file:
            json.dump(self.jobs, file)
        os.rename(self.file + ".tmp", self.file)

    def start(self, job: Job) -> None:
        """Start a supervisor; it detaches from its own starter, and so becomes our child."""
        known = children()
        with open(os.path.join(job["folder"], "supervisor.log"), "ab") as log:
            subprocess.run(
                [sys.executable, "-I", "-S", SUPERVISOR, job["folder"]],
                env={**job["environment"], MARK: self.mark(job)},
                cwd="/",
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                check=False,
            )
        started = children() - known
        job["pid"] = started.pop() if started else 0
        job["ticks"] = start_ticks(job["pid"])
        job["state"] = "running" if job["pid"] else "over"

    def end(self, job: Job, *, firmly: bool) -> None:
        if job["state"] == "queued":
            job["state"] = "over"
        elif firmly:
            while found := marked(self.mark(job)):
                for pid in found:
                    send(pid, signal.SIGKILL)
                reap()
        elif job["state"] == "running":
            send(job["pid"], signal.SIGTERM)

    def mark(self, job: Job) -> str:
        """Return what names this job on a machine where several engines have one of its number."""
        return f"{self.spool}:{job['id']}"


def send(pid: int, number: signal.Signals) -> None:
    with suppress(ProcessLookupError):
        os.kill(pid, number)


def marked(mark: str) -> set[int]:
    """Return the living processes of a job by the variable that it was started with."""
    found = set()
    for name in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{name}/environ", "rb") as file:
                if f"{MARK}={mark}".encode() in file.read().split(b"\0"):
                    found.add(int(name))
        except OSError:
            continue
    return found


def children() -> set[int]:
    with open(f"/proc/self/task/{os.getpid()}/children", encoding="ascii") as file:
        return {int(word) for word in file.read().split()}


def reap() -> None:
    try:
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass
    except ChildProcessError:
        pass


def start_ticks(pid: int) -> int:
    try:
        with open(f"/proc/{pid}/stat", "rb") as file:
            return int(file.read().rpartition(b")")[2].split()[19])
    except OSError:
        return 0


def lives(pid: int, ticks: int) -> bool:
    return bool(ticks) and start_ticks(pid) == ticks


def ask(spool: str, request: Job) -> list[Job]:
    """Ask the engine; raises OSError where it is away."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as sender:
        sender.connect(os.path.join(spool, "engine.sock"))
        with sender.makefile("rw", encoding="utf-8") as stream:
            stream.write(json.dumps(request) + "\n")
            stream.flush()
            answer = stream.readline()
    if not answer:
        raise ConnectionError("the engine went away before it answered")
    jobs: list[Job] = json.loads(answer)
    return jobs


def main(verb: str, spool: str, *words: str) -> int:
    if verb == "serve":
        Engine(spool, int(words[0])).serve()
    request: Job = {"verb": verb, **dict(zip(("name", "folder"), words, strict=False))}
    if verb == "submit":
        request["environment"] = json.load(sys.stdin)
    try:
        jobs = ask(spool, request)
    except OSError as error:
        sys.stderr.write(f"spool_engine: {error}\n")
        return AWAY
    lines = [str(jobs[-1]["id"])] if verb == "submit" else map(json.dumps, jobs)
    sys.stdout.writelines(f"{line}\n" for line in lines)
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
