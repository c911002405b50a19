"""GPUs as the driver tells of them, with a stand-in for the driver."""

from __future__ import annotations

import importlib.util
import sys

import pynvml as real_pynvml
import pytest

from runs_app.exceptions import GpuDriverError
from runs_app.executors.local import devices
from tests.doubles.gpus import FOLDER, Gpus


def test_the_stand_in_has_nothing_that_the_real_module_lacks() -> None:
    spec = importlib.util.spec_from_file_location("stand_in", FOLDER / "pynvml.py")
    assert spec is not None
    assert spec.loader is not None
    double = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(double)
    names = [name for name in vars(double) if name.lower().startswith("nvml")]
    assert len(names) >= 10
    assert [name for name in names if not hasattr(real_pynvml, name)] == []


def test_a_machine_without_a_driver_has_no_gpus() -> None:
    devices.forget()
    assert devices.gpus() == ()
    assert devices.uses() == ()


def test_the_devices_with_their_memory(gpus: Gpus) -> None:
    gpus.add(2)
    gpus.use(1, 4_000)
    first, second = devices.gpus()
    assert (first.index, first.name, first.total_mib, first.free_mib) == (
        0,
        "RTX 4090",
        24_000,
        24_000,
    )
    assert (second.uuid, second.free_mib) == ("GPU-1-gpus", 20_000)


@pytest.mark.parametrize(
    ("shown", "indexes"),
    [
        ("2,0", [0, 2]),
        ("GPU-1-gpus", [1]),
        ("GPU-1", [1]),  # CUDA takes the beginning of a UUID
        ("", []),
        ("-1", []),
        ("NoDevFiles", []),
    ],
)
def test_a_worker_gives_away_only_what_it_sees_itself(
    gpus: Gpus, monkeypatch: pytest.MonkeyPatch, shown: str, indexes: list[int]
) -> None:
    gpus.add(3)
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", shown)
    assert [gpu.index for gpu in devices.gpus()] == indexes


def test_numbers_count_the_fastest_first_unless_the_order_of_the_bus_is_asked_for(
    gpus: Gpus, monkeypatch: pytest.MonkeyPatch
) -> None:
    gpus.add(2)
    gpus.rows[0] |= {"cores": 3_000, "clock_mhz": 1_500}
    gpus.rows[1] |= {"cores": 16_000, "clock_mhz": 2_500}
    gpus.write()
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "0")
    assert [gpu.index for gpu in devices.gpus()] == [1]
    monkeypatch.setenv("CUDA_DEVICE_ORDER", "PCI_BUS_ID")
    assert [gpu.index for gpu in devices.gpus()] == [0]


def test_a_parted_gpu_is_given_slice_by_slice(gpus: Gpus, monkeypatch: pytest.MonkeyPatch) -> None:
    gpus.add(2)
    gpus.part(0, 2)
    gpus.use(1, 500, pid=41)
    found = [(gpu.index, gpu.uuid, gpu.total_mib) for gpu in devices.gpus()]
    assert found == [
        (0, "MIG-0-0-gpus", 5_000),
        (0, "MIG-0-1-gpus", 5_000),
        (1, "GPU-1-gpus", 24_000),
    ]
    gpus.rows[0]["slices"][1]["processes"] = [[42, 300]]
    gpus.write()
    assert [(use.uuid, use.pid) for use in devices.uses()] == [
        ("MIG-0-1-gpus", 42),
        ("GPU-1-gpus", 41),
    ]
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "MIG-0-1-gpus")
    assert [gpu.uuid for gpu in devices.gpus()] == ["MIG-0-1-gpus"]


def test_a_device_that_has_failed_is_left_out(gpus: Gpus) -> None:
    gpus.add(2)
    gpus.rows[0]["lost"] = True
    gpus.write()
    assert [gpu.index for gpu in devices.gpus()] == [1]


def test_a_driver_that_is_there_but_does_not_answer_is_an_error(gpus: Gpus) -> None:
    gpus.add()
    assert len(devices.gpus()) == 1
    gpus.write(error="Unknown")
    with pytest.raises(GpuDriverError, match="Unknown"):
        devices.gpus()
    with pytest.raises(GpuDriverError, match="Unknown"):  # also where it is opened anew
        devices.gpus()
    gpus.write()
    assert len(devices.gpus()) == 1


def test_a_driver_without_a_card_is_no_gpu(gpus: Gpus, monkeypatch: pytest.MonkeyPatch) -> None:
    gpus.write(error="DriverNotLoaded")
    monkeypatch.setattr(devices, "_is_on_bus", lambda: False)
    assert devices.gpus() == ()
    devices.forget()
    monkeypatch.setattr(devices, "_is_on_bus", lambda: True)
    with pytest.raises(GpuDriverError):
        devices.gpus()


def test_who_uses_how_much(gpus: Gpus) -> None:
    gpus.add(2)
    gpus.use(0, 300, pid=41)
    gpus.use(1, 500, pid=41)
    gpus.use(1, 70, pid=42)
    gpus.rows[0]["processes"].append([43, None])  # the driver does not know how much
    gpus.write()
    assert [(use.index, use.pid, use.used_mib) for use in devices.uses()] == [
        (0, 41, 300),
        (0, 43, 0),
        (1, 41, 500),
        (1, 42, 70),
    ]


def test_the_driver_is_opened_once(gpus: Gpus, monkeypatch: pytest.MonkeyPatch) -> None:
    gpus.add()
    opened: list[int] = []
    monkeypatch.setattr(sys.modules["pynvml"], "nvmlInit", lambda: opened.append(1))
    devices.gpus()
    devices.gpus()
    assert opened == [1]
