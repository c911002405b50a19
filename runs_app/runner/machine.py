"""The machine of a run: system, processors, memory, GPUs and their driver.

Read only from files of the kernel and its NVIDIA module, so that nothing is started or loaded.
"""

from __future__ import annotations

import os
import platform
import re
from pathlib import Path
from typing import Any

_GPU_FIELD = re.compile(r"^(Model|GPU UUID|Bus Location):\s*(.+?)\s*$", re.MULTILINE)
_DRIVER = re.compile(r"Kernel Module[^\n]*?\s(\d+(?:\.\d+)+)\s")


def machine_facts(proc: Path = Path("/proc")) -> dict[str, Any]:
    """Return the facts about this machine; those that cannot be read are omitted."""
    facts: dict[str, Any] = {
        "system": f"{platform.system()} {platform.release()}",
        "architecture": platform.machine(),
        "processors": os.cpu_count(),
        "processor": _first(r"^model name\s*:\s*(.+)$", _text(proc / "cpuinfo")),
        "memory_mib": _memory_mib(_text(proc / "meminfo")),
        "nvidia_driver": _first(_DRIVER.pattern, _text(proc / "driver/nvidia/version")),
        "gpus": _gpus(proc / "driver/nvidia/gpus"),
    }
    return {name: value for name, value in facts.items() if value}


def _gpus(folder: Path) -> list[dict[str, str]]:
    names = {"Model": "model", "GPU UUID": "uuid", "Bus Location": "bus"}
    found = [
        {names[name]: value for name, value in _GPU_FIELD.findall(_text(file))}
        for file in sorted(folder.glob("*/information"))
    ]
    return [gpu for gpu in found if gpu]


def _memory_mib(text: str) -> int | None:
    kib = _first(r"^MemTotal:\s*(\d+) kB", text)
    return int(kib) // 1024 if kib else None


def _first(pattern: str, text: str) -> str:
    found = re.search(pattern, text, re.MULTILINE)
    return found[1].strip() if found else ""


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
