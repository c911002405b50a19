"""What a run holds on GPUs is measured while it runs, and use outside of the allocation is "
"reported."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.conf import settings as portal_settings

from runs_app.choices import RunStatus
from runs_app.executors.base import folder_of
from runs_app.executors.notices import warnings_of
from runs_app.lifecycle.cancel import cancel
from runs_app.models import Run
from runs_app.queue import gpu_watch
from tests.doubles.gpus import Gpus
from tests.runs_app.conftest import Home
from tests.runs_app.driving import end, queue, reach, start
from tests.waiting import wait_until

pytestmark = [pytest.mark.django_db, pytest.mark.processes]
PARENT = """\
import subprocess, sys, time
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(120)"])
print(child.pid, flush=True)
time.sleep(120)
"""


@pytest.fixture
def run(home: Home, gpus: Gpus) -> Iterator[Run]:
    gpus.add(3)
    run = queue(home.experiment(script=PARENT, gpus=1, grace_s=0))
    assert start(run)
    reach(run, RunStatus.RUNNING)
    yield run
    cancel(run, user=None)
    end(run)


def measured(run: Run) -> int | None:
    gpu_watch.measure(portal_settings.GUARDIANFLOW_HOST)
    run.refresh_from_db()
    return run.gpu_memory_peak_mib


def script_of(run: Run) -> int:
    started = folder_of(run).started()
    assert started is not None
    return started.script_pid


def child_of(run: Run) -> int:
    log = folder_of(run).stdout
    wait_until(lambda: log.read_text().endswith("\n"), what="the script has a child")
    return int(log.read_text())


def test_the_most_that_script_and_children_held_together(run: Run, gpus: Gpus) -> None:
    assert measured(run) is None
    gpus.use(0, 9_000)  # a stranger's
    gpus.use(0, 700, pid=script_of(run))
    assert measured(run) == 700
    gpus.use(0, 300, pid=child_of(run))
    assert measured(run) == 1_000
    gpus.use(0, 100, pid=script_of(run))
    assert measured(run) == 1_000
    assert warnings_of(run) == []


def test_a_script_that_takes_another_gpu_is_reported(run: Run, gpus: Gpus) -> None:
    gpus.use(1, 10, pid=script_of(run))  # it only looked
    measured(run)
    assert warnings_of(run) == []
    gpus.use(2, 5_000, pid=script_of(run))
    measured(run)
    [warning] = warnings_of(run)
    assert warning.startswith("Used GPU 2, which was not given to it.")


def test_a_watch_looks_only_every_few_seconds(
    run: Run, gpus: Gpus, monkeypatch: pytest.MonkeyPatch
) -> None:
    looks: list[str] = []
    monkeypatch.setattr(gpu_watch, "measure", looks.append)
    watch = gpu_watch.GpuWatch()
    watch.look("gpu1")
    watch.look("gpu1")
    assert looks == ["gpu1"]


def test_a_driver_that_does_not_answer_disturbs_nothing(run: Run, gpus: Gpus) -> None:
    gpus.write(error="Unknown")
    gpu_watch.GpuWatch().look(portal_settings.GUARDIANFLOW_HOST)
    gpus.write()
