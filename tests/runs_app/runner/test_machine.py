"""What a machine is, from the kernel's files."""

from __future__ import annotations

from pathlib import Path

from runs_app.runner.machine import machine_facts

VERSION = (
    "NVRM version: NVIDIA UNIX x86_64 Kernel Module  550.54.15  Tue Mar  5 22:23:56 UTC 2024\n"
    "GCC version:  gcc version 12.2.0\n"
)
INFORMATION = """\
Model: \t\t NVIDIA RTX A6000
IRQ:   \t\t 154
GPU UUID: \t GPU-5f1b0c1e-1111-2222-3333-444455556666
Bus Location: \t 0000:3b:00.0
"""


def test_machine_with_cards(tmp_path: Path) -> None:
    for number in (0, 1):
        folder = tmp_path / f"driver/nvidia/gpus/0000:{number}b:00.0"
        folder.mkdir(parents=True)
        (folder / "information").write_text(INFORMATION)
    (tmp_path / "driver/nvidia/version").write_text(VERSION)
    (tmp_path / "meminfo").write_text("MemTotal:       65536000 kB\nMemFree: 1 kB\n")
    (tmp_path / "cpuinfo").write_text("processor\t: 0\nmodel name\t: Xeon Gold\n")
    facts = machine_facts(tmp_path)
    assert facts["nvidia_driver"] == "550.54.15"
    assert facts["gpus"][1] == {
        "model": "NVIDIA RTX A6000",
        "uuid": "GPU-5f1b0c1e-1111-2222-3333-444455556666",
        "bus": "0000:3b:00.0",
    }
    assert len(facts["gpus"]) == 2
    assert (facts["memory_mib"], facts["processor"]) == (64000, "Xeon Gold")


def test_machine_without_cards_says_nothing_of_them(tmp_path: Path) -> None:
    facts = machine_facts(tmp_path)
    assert "gpus" not in facts
    assert "nvidia_driver" not in facts
    assert facts["processors"]
