"""What tests ask of processes that may end at any moment."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress

import psutil


def below(pid: int) -> list[psutil.Process]:
    """Return all processes that a process started, and theirs; none once it is gone."""
    try:
        return psutil.Process(pid).children(recursive=True)
    except psutil.NoSuchProcess:
        return []


def command_of(process: psutil.Process) -> list[str]:
    """Return the words that started a process; none once it is gone or a zombie."""
    try:
        return process.cmdline()
    except psutil.NoSuchProcess:  # a zombie's error is one too
        return []


def has_loaded(process: psutil.Process, library: str) -> bool:
    """Tell whether a process has compiled parts of a library in memory."""
    try:
        return library in str(process.memory_maps())
    except psutil.NoSuchProcess:
        return False


def alive(processes: Iterable[psutil.Process]) -> list[psutil.Process]:
    """Return those that still run; a zombie does not."""
    return [process for process in processes if is_alive(process)]


def is_alive(process: psutil.Process) -> bool:
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def kill(processes: Iterable[psutil.Process]) -> None:
    """Kill processes, of which any may have ended by itself."""
    for process in processes:
        with suppress(psutil.NoSuchProcess):
            process.kill()
