"""GPUs are given to runs, shown to their scripts, and given back, whoever dies meanwhile."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.conf import settings as portal_settings
from django.db import IntegrityError, transaction
from django.utils import timezone

from runs_app.choices import RunStatus
from runs_app.executors.base import folder_of
from runs_app.lifecycle import launch, reconcile
from runs_app.lifecycle.cancel import cancel
from runs_app.models import GpuLease, Run
from runs_app.queue import admission, leases
from runs_app.texts import reasons
from tests.doubles.gpus import Gpus
from tests.factories import make_experiment, make_run
from tests.runs_app.conftest import Home
from tests.runs_app.driving import end, queue, reach, start

pytestmark = pytest.mark.django_db
HOST = "gpu1"
SHOW = """\
import json, os, time
seen = {name: os.environ.get(name) for name in ("CUDA_VISIBLE_DEVICES", "CUDA_DEVICE_ORDER")}
print(json.dumps(seen), flush=True)
"""
PATIENT = SHOW + "time.sleep(120)\n"


def lease(run: Run, device: str = "GPU-1", host: str = HOST, **facts: Any) -> GpuLease:
    return GpuLease.objects.create(run=run, device=device, host=host, index=0, **facts)


def given(run: Run) -> list[int]:
    rows = run.gpu_leases.filter(released_at__isnull=True)
    return list(rows.values_list("index", flat=True))


def seen_by(run: Run) -> dict[str, str | None]:
    shown: dict[str, str | None] = json.loads(folder_of(run).stdout.read_text())
    return shown


def test_the_database_gives_a_device_to_one_run() -> None:
    first = make_run(make_experiment("a"), RunStatus.RUNNING)
    second = make_run(make_experiment("b"), RunStatus.RUNNING)
    lease(first)
    with transaction.atomic(), pytest.raises(IntegrityError, match=r"gpu_?lease"):
        lease(second)
    lease(second, host="gpu2")
    lease(second, device="GPU-2")
    GpuLease.objects.filter(run=first).update(released_at=timezone.now())
    lease(second)


@pytest.mark.parametrize("status", sorted(set(RunStatus) - {RunStatus.STARTING, RunStatus.RUNNING}))
def test_a_lease_ends_with_the_life_of_its_run(status: RunStatus) -> None:
    lease(make_run(make_experiment("a"), status))
    lease(make_run(make_experiment("b"), RunStatus.RUNNING), device="GPU-2")
    lease(make_run(make_experiment("c"), status, host="gpu2"), host="gpu2")
    assert leases.release_ended(HOST) == 1
    assert leases.release_ended(HOST) == 0
    assert set(leases.holders()) == {(HOST, "GPU-2"), ("gpu2", "GPU-1")}


def test_a_run_that_is_started_again_keeps_nothing_of_its_first_launch() -> None:
    run = make_run(make_experiment(), RunStatus.STARTING)
    lease(run)
    leases.take(run, HOST, ())
    assert given(run) == []


@pytest.mark.processes
def test_a_script_sees_its_own_gpus(home: Home, gpus: Gpus) -> None:
    gpus.add(4)
    gpus.use(0, 20_000)  # a stranger's
    run = queue(home.experiment(script=SHOW, gpus=2))
    assert start(run)
    assert given(run) == [1, 2]
    end(run)
    assert seen_by(run) == {
        "CUDA_VISIBLE_DEVICES": "GPU-1-gpus,GPU-2-gpus",
        "CUDA_DEVICE_ORDER": "PCI_BUS_ID",
    }
    reconcile.tick(portal_settings.GUARDIANFLOW_HOST)
    assert given(run) == []
    assert [item.index for item in run.gpu_leases.all()] == [1, 2]  # and it is known later


@pytest.mark.processes
@pytest.mark.parametrize(
    ("count", "wanted", "shown"),
    [
        (2, None, "GPU-0-gpus"),  # nobody said, and there are some
        (2, 0, ""),  # said to want none
        (0, None, None),  # there are none: as without the portal
        (0, 2, None),
        (0, 0, ""),
    ],
)
def test_what_a_script_sees_where(
    home: Home, gpus: Gpus, count: int, wanted: int | None, shown: str | None
) -> None:
    gpus.add(count)
    run = queue(home.experiment(script=SHOW, gpus=wanted))
    assert start(run)
    end(run)
    assert seen_by(run)["CUDA_VISIBLE_DEVICES"] == shown


@pytest.mark.processes
def test_a_run_waits_for_gpus_and_starts_when_they_are_free(home: Home, gpus: Gpus) -> None:
    gpus.add(2)
    host = portal_settings.GUARDIANFLOW_HOST
    first = queue(home.experiment("a", script=PATIENT, gpus=2, grace_s=0))
    second = queue(home.experiment("b", script=SHOW, gpus=1))
    assert launch.start_next(host) == [first.pk]
    second.refresh_from_db()
    assert second.reason_code == reasons.WAITS_FOR_GPU.code
    assert second.reason_values == {"gpus": 1, "host": host, "runs": [first.pk]}
    reach(first, RunStatus.RUNNING)
    assert cancel(first, user=None)
    reach(first, RunStatus.FINALIZING)  # what it left is still being collected
    assert launch.start_next(host) == [second.pk]
    assert given(second) == [0]
    end(first)
    end(second)


@pytest.mark.processes
def test_a_gpu_that_was_taken_first_is_not_given_twice(home: Home, gpus: Gpus) -> None:
    gpus.add()
    run = queue(home.experiment(script=SHOW, gpus=1))
    decision = admission.decide_alone(run, host=portal_settings.GUARDIANFLOW_HOST)
    other = make_run(make_experiment("other"), RunStatus.RUNNING)
    lease(other, device=gpus.rows[0]["uuid"], host=portal_settings.GUARDIANFLOW_HOST)
    assert not launch._claim(run, decision)  # type: ignore[arg-type]
    run.refresh_from_db()
    assert (run.status, given(run)) == (RunStatus.QUEUED, [])


@pytest.mark.processes
def test_a_driver_that_does_not_answer_delays_only_what_wants_gpus(home: Home, gpus: Gpus) -> None:
    gpus.write(error="Unknown")
    training = queue(home.experiment("a", script=SHOW))
    plain = queue(home.experiment("b", script=SHOW, gpus=0))
    assert launch.start_next(portal_settings.GUARDIANFLOW_HOST) == [plain.pk]
    training.refresh_from_db()
    assert training.reason_code == reasons.WAITS_FOR_GPU_DRIVER.code
    end(plain)
    gpus.write()
    assert start(training)
    end(training)


def test_what_earlier_runs_held_is_what_the_next_one_needs(home: Home) -> None:
    experiment = home.experiment()
    for peak in (30_000, 4_000, None, 5_000, 4_500, 4_100, 4_200):
        make_run(experiment, RunStatus.SUCCEEDED, gpu_memory_peak_mib=peak)
    make_run(experiment, RunStatus.FAILED, gpu_memory_peak_mib=24_000)
    make_run(experiment, RunStatus.SUCCEEDED, script="other.py", gpu_memory_peak_mib=9_000)
    assert queue(experiment).gpu_memory_past_mib == 5_000
