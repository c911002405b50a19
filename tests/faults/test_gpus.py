"""GPUs under stress: no device is ever two runs', whatever dies, on one machine or several."""

from __future__ import annotations

import itertools
import json
import os
import shutil
import signal
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.db import IntegrityError, transaction

from runs_app.choices import TERMINAL, RunStatus
from runs_app.executors.local import devices
from runs_app.lifecycle.prepare import RunRequest
from runs_app.lifecycle.submit import submit
from runs_app.models import GpuLease, HostHeartbeat, Run
from runs_app.queue import leases
from runs_app.queue.scheduling import Device
from runs_app.texts import reasons
from tests.databases import used
from tests.doubles.gpus import Gpus, plug_in
from tests.factories import make_directory, make_entry_point, make_experiment, make_run, make_script
from tests.faults.stage import Stage
from tests.waiting import wait_until

pytestmark = [pytest.mark.processes, pytest.mark.faults]
SEES = """\
import json, os, time
print(json.dumps(os.environ.get("CUDA_VISIBLE_DEVICES")), flush=True)
time.sleep(1.5)
"""


@pytest.fixture(autouse=True)
def no_stand_in_stays() -> Iterator[None]:
    yield
    devices.forget()


def queue(stage: Stage, name: str, gpus: int) -> Run:
    directory = make_directory(stage.home.roots, name, {"train.py": SEES})
    experiment = make_experiment(name, path=str(directory))
    make_entry_point(experiment, gpus=gpus)
    make_script(experiment)
    return submit(RunRequest(experiment=experiment, type="train"), user=None)


def start_host(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, host: str, home: Path, gpus: Gpus
) -> int:
    """Start the worker of one machine, with a home and GPUs of its own; return its pid."""
    monkeypatch.setenv("GUARDIANFLOW_HOST", host)
    monkeypatch.setenv("GUARDIANFLOW_HOME", str(home))
    monkeypatch.setenv("NVML_DOUBLE", str(gpus.file))
    worker = stage.portal.start_worker(stage.worker_log)
    wait_until(
        lambda: HostHeartbeat.objects.filter(host=host).exclude(gpus=[]).exists(),
        what=lambda: f"{host} tells of its GPUs: {stage.output}",
    )
    return worker.pid


@pytest.mark.proof
def test_two_machines_share_a_queue_of_mixed_runs(
    stage: Stage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GUARDIANFLOW_SLOTS", "6")
    large, small = (plug_in(tmp_path / f"{name}.json", monkeypatch) for name in ("large", "small"))
    large.add(4)
    small.add(2)
    second_home = tmp_path / "second"
    second_home.mkdir()
    shutil.copy(stage.home.path / "secret_key", second_home)
    wanted = [1, 1, 4, 2, 1, 0, 2, 1]
    runs = [queue(stage, f"e{number}", gpus) for number, gpus in enumerate(wanted)]
    killed = start_host(stage, monkeypatch, "large", stage.home.path, large)
    start_host(stage, monkeypatch, "small", second_home, small)
    wait_until(lambda: GpuLease.objects.filter(host="large").exists(), what="large has work")
    os.kill(killed, signal.SIGKILL)
    start_host(stage, monkeypatch, "large", stage.home.path, large)

    def are_over() -> bool:
        return set(Run.objects.values_list("status", flat=True)) <= TERMINAL

    wait_until(are_over, what=lambda: f"all runs end: {stage.output}")
    for run, gpus in zip(runs, wanted, strict=True):
        run.refresh_from_db()
        home = second_home if run.host == "small" else stage.home.path
        assert run.status == RunStatus.SUCCEEDED, run.status_reason
        given = list(run.gpu_leases.order_by("index").values_list("device", flat=True))
        assert len(given) == gpus
        seen = json.loads((home / "runs" / str(run.uuid) / "stdout.log").read_text())
        assert seen == ",".join(given)
    assert runs[2].host == "large"
    wait_until(
        lambda: not GpuLease.objects.filter(released_at=None).exists(), what="all GPUs come back"
    )
    spans: dict[tuple[str, str], list[tuple[object, object]]] = {}
    for lease in GpuLease.objects.order_by("taken_at"):
        spans.setdefault((lease.host, lease.device), []).append((lease.taken_at, lease.released_at))
    for times in spans.values():
        for (_began, ended), (later, _ended) in itertools.pairwise(times):
            assert ended <= later  # type: ignore[operator]


def test_one_of_many_gets_a_gpu_that_all_want_at_once(stage: Stage) -> None:
    runs = [make_run(make_experiment(f"e{n}"), RunStatus.STARTING, host="gpu1") for n in range(8)]
    device = Device(uuid="GPU-1", index=0, name="RTX", total_mib=1, free_mib=1)
    together = threading.Barrier(len(runs))
    got: list[int] = []

    def take(run: Run) -> None:
        with used(stage.database.url):
            together.wait()
            try:
                with transaction.atomic():
                    leases.take(run, "gpu1", [device])
                got.append(run.pk)
            except IntegrityError:
                pass

    threads = [threading.Thread(target=take, args=(run,)) for run in runs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(got) == 1
    assert list(GpuLease.objects.values_list("run", flat=True)) == got


def test_a_gpu_comes_back_from_a_run_whose_supervisor_was_killed(
    stage: Stage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    gpus = plug_in(tmp_path / "gpus.json", monkeypatch)
    gpus.add()
    run = stage.start(stage.queue())
    assert run.gpu_leases.count() == 1
    waiting = stage.queue(name="ppe")
    stage.tick()
    waiting.refresh_from_db()
    assert (waiting.reason_code, waiting.blocked_by) == (reasons.WAITS_FOR_GPU.code, [run.pk])
    os.kill(stage.supervisor_pid(run), signal.SIGKILL)
    stage.go.touch()
    stage.end(waiting)
    stage.check_success(waiting)
    run.refresh_from_db()
    assert run.status == RunStatus.LOST
    stage.tick()
    assert leases.holders() == {}
