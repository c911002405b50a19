"""GPUs for a test: what the stand-in for the driver reports, here and in every process started."""

from __future__ import annotations

import importlib.util
import json
import os
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from runs_app.executors.local import devices

FOLDER = Path(__file__).parent / "nvml"


@dataclass
class Gpus:
    """The devices of a machine; a change counts from the next look on."""

    file: Path
    rows: list[dict[str, Any]] = field(default_factory=list)

    def add(self, count: int = 1, *, total_mib: int = 24_000, name: str = "RTX 4090") -> None:
        for _number in range(count):
            uuid = f"GPU-{len(self.rows)}-{self.file.stem}"
            self.rows.append(
                {"uuid": uuid, "name": name, "total_mib": total_mib, "free_mib": total_mib}
            )
        self.write()

    def part(self, index: int, count: int, *, total_mib: int = 5_000) -> None:
        """Put a device into MIG mode, with so many slices."""
        row = self.rows[index]
        row["slices"] = [
            {
                "uuid": f"MIG-{index}-{number}-{self.file.stem}",
                "name": f"{row['name']} MIG 1g.5gb",
                "total_mib": total_mib,
                "free_mib": total_mib,
            }
            for number in range(count)
        ]
        self.write()

    def use(self, index: int, mib: int, *, pid: int = 1) -> None:
        """Let a process hold memory of one device; again by the same process replaces it."""
        row = self.rows[index]
        held = {other: used for other, used in row.get("processes", []) if other != pid}
        row["processes"] = [list(item) for item in (held | ({pid: mib} if mib else {})).items()]
        row["free_mib"] = row["total_mib"] - sum(used for _pid, used in row["processes"])
        self.write()

    def write(self, *, error: str = "") -> None:
        aside = self.file.with_suffix(".tmp")
        aside.write_text(json.dumps({"error": error, "devices": self.rows}))
        os.replace(aside, self.file)


def plug_in(file: Path, monkeypatch: pytest.MonkeyPatch) -> Gpus:
    """Put the stand-in where the driver's module is looked for, with no device yet."""
    spec = importlib.util.spec_from_file_location("pynvml", FOLDER / "pynvml.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    monkeypatch.setitem(sys.modules, "pynvml", module)
    path = [str(FOLDER), *filter(None, [os.environ.get("PYTHONPATH")])]
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(path))
    monkeypatch.setenv("NVML_DOUBLE", str(file))
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    devices.forget()
    gpus = Gpus(file=file)
    gpus.write()
    return gpus
