"""A GPU index outside of the allocation is reported before the run is queued."""

from __future__ import annotations

from typing import Any

import pytest

from runs_app.exceptions import RefusedError
from runs_app.lifecycle.prepare import RunRequest, prepare
from runs_app.models import HostHeartbeat
from runs_app.preflight.gpus import check, numbers_in
from tests.runs_app.conftest import Home

pytestmark = pytest.mark.django_db
DEVICE: dict[str, object] = {"name": "device", "flag": "--device", "type": "str", "action": "store"}


@pytest.fixture
def gpu_host() -> None:
    HostHeartbeat.objects.create(host="gpu1", boot_id="1", gpus=[{"uuid": "GPU-1"}])


@pytest.mark.parametrize(
    ("value", "numbers"),
    [
        ("0", [0]), (2, [2]), ("cuda:1", [1]), ("0,1", [0, 1]), ("0, 1", [0, 1]),
        (["0", "3"], [0, 3]), ("cpu", []), ("", []), ("cuda", []), ("mps", []), (True, []),
        ("2026", []),
    ],
)  # fmt: skip
def test_the_devices_that_a_value_names(value: Any, numbers: list[int]) -> None:
    assert numbers_in(value) == numbers


@pytest.mark.usefixtures("gpu_host")
@pytest.mark.parametrize(
    ("params", "gpus", "warned"),
    [
        ({"device": "0"}, 1, 0),
        ({"device": "1"}, 1, 1),
        ({"device": "0,1"}, 2, 0),
        ({"device": "cuda:0"}, 0, 1),
        ({"Device": "3", "gpu_id": 2, "epochs": "9"}, 1, 2),
        ({"gpus": "4"}, 1, 0),  # as often a count
    ],
)
def test_what_is_beyond_the_runs_own_is_reported(
    params: dict[str, Any], gpus: int, warned: int
) -> None:
    assert len(check(params, gpus=gpus)) == warned


def test_without_gpus_anywhere_nothing_is_reported() -> None:
    assert check({"device": "7"}, gpus=1) == []


@pytest.mark.usefixtures("gpu_host")
def test_it_is_reported_before_queueing(home: Home) -> None:
    experiment = home.experiment(parameters=[DEVICE], template="--device {device}")
    request = RunRequest(experiment=experiment, type="train", params={"device": "2"})
    [warning] = map(str, prepare(request).warnings)
    assert "device=2 is out of range: the run is allocated 1" in warning


@pytest.mark.parametrize("priority", [-101, 101])
def test_a_priority_out_of_range_is_refused(home: Home, priority: int) -> None:
    request = RunRequest(experiment=home.experiment(), type="train", priority=priority)
    with pytest.raises(RefusedError, match="from -100 to 100"):
        prepare(request)
