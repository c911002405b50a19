"""Stands in for nvidia-ml-py where there is no GPU: the devices are those of a JSON file.

Put this folder first on PYTHONPATH and name the file in `NVML_DOUBLE`. It has only what
`runs_app.executors.local.devices` calls, by the same names and with the same errors; a test holds
it to that.

    {"error": "Unknown", "devices": [{"uuid": "GPU-1", "name": "RTX", "total_mib": 8000,
                                      "free_mib": 8000, "processes": [[PID, MIB]],
                                      "cores": 1000, "clock_mhz": 1000, "slices": [...]}]}

A device with `slices` is in MIG mode; they have the same keys as devices.
"""

from __future__ import annotations

import json
import os
from types import SimpleNamespace
from typing import Any

MIB = 2**20
NVML_CLOCK_SM = 1
MOST_SLICES = 7


class NVMLError(Exception):
    pass


class NVMLError_LibraryNotFound(NVMLError):  # noqa: N801, N818
    pass


class NVMLError_DriverNotLoaded(NVMLError):  # noqa: N801, N818
    pass


class NVMLError_Unknown(NVMLError):  # noqa: N801, N818
    pass


class NVMLError_GpuIsLost(NVMLError):  # noqa: N801, N818
    pass


class NVMLError_NotSupported(NVMLError):  # noqa: N801, N818
    pass


class NVMLError_NotFound(NVMLError):  # noqa: N801, N818
    pass


def _state() -> dict[str, Any]:
    try:
        with open(os.environ["NVML_DOUBLE"], encoding="utf-8") as file:
            state: dict[str, Any] = json.load(file)
    except (KeyError, FileNotFoundError) as error:
        raise NVMLError_LibraryNotFound("NVML Shared Library Not Found") from error
    if state.get("error"):
        raise globals()[f"NVMLError_{state['error']}"](state["error"])
    return state


def nvmlInit() -> None:
    _state()


def nvmlDeviceGetCount() -> int:
    return len(_state()["devices"])


def nvmlDeviceGetHandleByIndex(index: int) -> dict[str, Any]:
    device: dict[str, Any] = _state()["devices"][index]
    if device.get("lost"):
        raise NVMLError_GpuIsLost("GPU is lost")
    return device


def nvmlDeviceGetUUID(handle: dict[str, Any]) -> str:
    return str(handle["uuid"])


def nvmlDeviceGetName(handle: dict[str, Any]) -> str:
    return str(handle["name"])


def nvmlDeviceGetMemoryInfo(handle: dict[str, Any]) -> SimpleNamespace:
    total, free = handle["total_mib"] * MIB, handle["free_mib"] * MIB
    return SimpleNamespace(total=total, free=free, used=total - free)


def nvmlDeviceGetComputeRunningProcesses(handle: dict[str, Any]) -> list[Any]:
    return [
        SimpleNamespace(pid=pid, usedGpuMemory=None if mib is None else mib * MIB)
        for pid, mib in handle.get("processes", [])
    ]


def nvmlDeviceGetGraphicsRunningProcesses(handle: dict[str, Any]) -> list[Any]:
    return []


def nvmlDeviceGetMigMode(handle: dict[str, Any]) -> list[int]:
    if "slices" not in handle:
        raise NVMLError_NotSupported("Not Supported")
    return [1, 1]


def nvmlDeviceGetMaxMigDeviceCount(handle: dict[str, Any]) -> int:
    return MOST_SLICES


def nvmlDeviceGetMigDeviceHandleByIndex(handle: dict[str, Any], index: int) -> dict[str, Any]:
    if index >= len(handle["slices"]):
        raise NVMLError_NotFound("Not Found")
    found: dict[str, Any] = handle["slices"][index]
    return found


def nvmlDeviceGetNumGpuCores(handle: dict[str, Any]) -> int:
    if "cores" not in handle:
        raise NVMLError_NotSupported("Not Supported")
    return int(handle["cores"])


def nvmlDeviceGetMaxClockInfo(handle: dict[str, Any], kind: int) -> int:
    return int(handle["clock_mhz"])
