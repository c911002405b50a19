"""The GPUs of this machine, as NVIDIA's driver (NVML) reports them. Only this module queries it.

A machine without a driver has no GPUs, which is fine. If there is a driver but it does not respond,
that is an error: what is free is then unknown.
"""

from __future__ import annotations

import logging
import os
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from runs_app.exceptions import GpuDriverError
from runs_app.executors.base import Gpu
from runs_app.executors.local.visible_devices import Card, visible_devices

logger = logging.getLogger(__name__)

# A missing driver is looked for again after this time: it may have been installed.
LOOK_AGAIN_S = 60
MIB = 2**20
NVIDIA_VENDOR = "0x10de"
DISPLAY_CLASS = "0x03"


@dataclass(frozen=True, kw_only=True)
class GpuUse:
    """Memory that one process holds on one device."""

    index: int
    uuid: str
    pid: int
    used_mib: int


def gpus() -> tuple[Gpu, ...]:
    """Return the GPUs that this process may give away, () where the machine has none.

    Like every CUDA program, a worker ignores what its own CUDA_VISIBLE_DEVICES hides. A
    partitioned GPU (MIG) is given slice by slice. A device that has failed is skipped. Raises
    GpuDriverError if the driver does not respond.
    """
    return tuple(gpu for gpu, _handle in _visible())


def uses() -> tuple[GpuUse, ...]:
    """Return which processes use which of the machine's GPUs; raises GpuDriverError.

    In a container the driver may name processes that cannot be seen from there.
    """
    found: list[GpuUse] = []
    for gpu, handle in _all():
        held: dict[int, int] = {}
        for process in _processes(handle):
            used_mib = (process.usedGpuMemory or 0) // MIB
            held[process.pid] = max(held.get(process.pid, 0), used_mib)
        found += [
            GpuUse(index=gpu.index, uuid=gpu.uuid, pid=pid, used_mib=used_mib)
            for pid, used_mib in held.items()
        ]
    return tuple(found)


class _Driver:
    """Keeps the driver open: opening it may take a second if no other process uses it."""

    def __init__(self) -> None:
        self._opened_by = 0
        self._look_again_at = 0.0

    def open(self) -> Any:
        """Return the driver's module, None where the machine has no GPUs; raises GpuDriverError.

        A process that was forked opens it for itself.
        """
        import pynvml

        if self._opened_by == os.getpid():
            return pynvml
        if time.monotonic() < self._look_again_at:
            return None
        try:
            pynvml.nvmlInit()
        except pynvml.NVMLError as error:
            if _is_absent(error):
                self._look_again_at = time.monotonic() + LOOK_AGAIN_S
                return None
            raise GpuDriverError(str(error)) from error
        self._opened_by = os.getpid()
        return pynvml

    def forget(self) -> None:
        """Reopen the driver at the next query, such as after its upgrade."""
        self._opened_by = 0
        self._look_again_at = 0.0


_driver = _Driver()


def forget() -> None:
    """Reopen the driver at the next query, whatever it reported before."""
    _driver.forget()


def _is_absent(error: Exception) -> bool:
    """Whether there is no GPU: no driver library, or no NVIDIA device on the bus."""
    import pynvml

    if isinstance(error, pynvml.NVMLError_LibraryNotFound):
        return True
    return isinstance(error, pynvml.NVMLError_DriverNotLoaded) and not _is_on_bus()


def _is_on_bus() -> bool:
    for device in Path("/sys/bus/pci/devices").glob("*"):
        try:
            vendor = (device / "vendor").read_text().strip()
            kind = (device / "class").read_text().strip()
        except OSError:
            continue
        if vendor == NVIDIA_VENDOR and kind.startswith(DISPLAY_CLASS):
            return True
    return False


def _all() -> Iterator[tuple[Gpu, Any]]:
    """Yield every device that responds, with its handle; of a partitioned GPU its slices."""
    for _card, found in _cards():
        yield from found


def _cards() -> Iterator[tuple[Card, list[tuple[Gpu, Any]]]]:
    """Yield the GPUs that respond, in bus order, with the devices that each can give to runs."""
    nvml = _driver.open()
    if nvml is None:
        return
    try:
        count = nvml.nvmlDeviceGetCount()
    except nvml.NVMLError as error:
        _driver.forget()
        raise GpuDriverError(str(error)) from error
    for index in range(count):
        try:
            handle = nvml.nvmlDeviceGetHandleByIndex(index)
            is_parted = _is_parted(nvml, handle)
            handles = _slices(nvml, handle) if is_parted else [handle]
            found = [(_gpu(nvml, handle, index), handle) for handle in handles]
            card = Card(
                uuid=_text(nvml.nvmlDeviceGetUUID(handle)),
                slices=tuple(gpu.uuid for gpu, _handle in found) if is_parted else (),
                is_parted=is_parted,
                speed=_speed(nvml, handle),
            )
        except nvml.NVMLError as error:
            logger.warning("skipped an unresponsive GPU index=%s error=%s", index, error)
            continue
        yield card, found


def _gpu(nvml: Any, handle: Any, index: int) -> Gpu:
    memory = nvml.nvmlDeviceGetMemoryInfo(handle)
    return Gpu(
        index=index,
        uuid=_text(nvml.nvmlDeviceGetUUID(handle)),
        name=_text(nvml.nvmlDeviceGetName(handle)),
        total_mib=memory.total // MIB,
        free_mib=memory.free // MIB,
    )


def _is_parted(nvml: Any, handle: Any) -> bool:
    """Whether a GPU is in MIG mode, in which only its slices can be used."""
    try:
        current, _pending = nvml.nvmlDeviceGetMigMode(handle)
    except nvml.NVMLError:  # it does not support MIG
        return False
    return bool(current)


def _slices(nvml: Any, handle: Any) -> list[Any]:
    found = []
    for number in range(nvml.nvmlDeviceGetMaxMigDeviceCount(handle)):
        try:
            found.append(nvml.nvmlDeviceGetMigDeviceHandleByIndex(handle, number))
        except nvml.NVMLError:  # there are fewer slices
            continue
    return found


def _speed(nvml: Any, handle: Any) -> int:
    """Return a GPU's speed estimated from cores and clock; 0 if they are not reported."""
    try:
        cores = nvml.nvmlDeviceGetNumGpuCores(handle)
        clock_mhz = nvml.nvmlDeviceGetMaxClockInfo(handle, nvml.NVML_CLOCK_SM)
    except nvml.NVMLError:
        return 0
    return int(cores) * int(clock_mhz)


def _visible() -> Iterator[tuple[Gpu, Any]]:
    """Yield the devices that the variables of this process leave visible, in bus order."""
    cards = list(_cards())
    shown = visible_devices(
        [card for card, _found in cards],
        shown=os.environ.get("CUDA_VISIBLE_DEVICES"),
        order=os.environ.get("CUDA_DEVICE_ORDER"),
    )
    for _card, found in cards:
        yield from ((gpu, handle) for gpu, handle in found if gpu.uuid in shown)


def _processes(handle: Any) -> list[Any]:
    import pynvml

    found: list[Any] = []
    for ask in (
        pynvml.nvmlDeviceGetComputeRunningProcesses,
        pynvml.nvmlDeviceGetGraphicsRunningProcesses,
    ):
        try:
            found += ask(handle)
        except pynvml.NVMLError:  # not every device reports both kinds of processes
            continue
    return found


def _text(value: str | bytes) -> str:
    """Decode a text: older drivers return bytes."""
    return value.decode(errors="replace") if isinstance(value, bytes) else value
