"""The GPUs of this machine, as NVIDIA's driver (NVML) tells of them. The one place that asks it.

A machine without a driver has no GPUs, which is fine. One whose driver is there but does not
answer is another matter: nobody knows then what is free.
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

logger = logging.getLogger(__name__)

# A driver that was not found is looked for again after this time: somebody may install one.
LOOK_AGAIN_S = 60
MIB = 2**20
NVIDIA_VENDOR = "0x10de"
DISPLAY_CLASS = "0x03"


@dataclass(frozen=True, kw_only=True)
class Gpu:
    """A device; `index` is that of nvidia-smi and of CUDA in the order of the PCI bus."""

    index: int
    uuid: str
    name: str
    total_mib: int
    free_mib: int


@dataclass(frozen=True, kw_only=True)
class GpuUse:
    """Memory that one process holds on one device."""

    index: int
    uuid: str
    pid: int
    used_mib: int


def gpus() -> tuple[Gpu, ...]:
    """Return the GPUs that this process may give away, () where the machine has none.

    Like every CUDA program a worker leaves alone what its own CUDA_VISIBLE_DEVICES hides. A
    device that has failed is left out. Raises GpuDriverError where the driver does not answer.
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
    """Keeps the driver open: to open it anew may take a second where nobody else uses it."""

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
        """Let the next look open the driver anew, as after its upgrade."""
        self._opened_by = 0
        self._look_again_at = 0.0


_driver = _Driver()


def forget() -> None:
    """Ask the driver anew at the next look, whatever it said before."""
    _driver.forget()


def _is_absent(error: Exception) -> bool:
    """Whether there is no GPU to drive: no library, or nothing of NVIDIA on the bus."""
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
    """Yield every device that answers, with its handle."""
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
            memory = nvml.nvmlDeviceGetMemoryInfo(handle)
            gpu = Gpu(
                index=index,
                uuid=_text(nvml.nvmlDeviceGetUUID(handle)),
                name=_text(nvml.nvmlDeviceGetName(handle)),
                total_mib=memory.total // MIB,
                free_mib=memory.free // MIB,
            )
        except nvml.NVMLError as error:
            logger.warning("left out a GPU that does not answer index=%s error=%s", index, error)
            continue
        yield gpu, handle


def _visible() -> Iterator[tuple[Gpu, Any]]:
    """Yield the devices that CUDA_VISIBLE_DEVICES of this process leaves: indexes or UUIDs."""
    shown = os.environ.get("CUDA_VISIBLE_DEVICES")
    words = None if shown is None else [word.strip() for word in shown.split(",")]
    for gpu, handle in _all():
        if words is None or any(_is_named(gpu, word) for word in words):
            yield gpu, handle


def _is_named(gpu: Gpu, word: str) -> bool:
    return word == str(gpu.index) or (word.startswith("GPU-") and gpu.uuid.startswith(word))


def _processes(handle: Any) -> list[Any]:
    import pynvml

    found: list[Any] = []
    for ask in (
        pynvml.nvmlDeviceGetComputeRunningProcesses,
        pynvml.nvmlDeviceGetGraphicsRunningProcesses,
    ):
        try:
            found += ask(handle)
        except pynvml.NVMLError:  # not every device counts both kinds
            continue
    return found


def _text(value: str | bytes) -> str:
    """Older drivers answer in bytes."""
    return value.decode(errors="replace") if isinstance(value, bytes) else value
