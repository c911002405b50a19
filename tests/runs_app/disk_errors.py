"""Run folders that the portal may not read, also where the tests run as root."""

from __future__ import annotations

import errno
from pathlib import Path

import pytest

from runs_app.models import Run
from runs_app.runner import folder, own_file


def make_unreadable(monkeypatch: pytest.MonkeyPatch, run: Run) -> None:
    """Refuse to open the lock of the run's folder."""

    def is_held(path: Path) -> bool:
        if path.is_relative_to(run.folder):
            raise PermissionError(errno.EACCES, "Permission denied", str(path))
        return own_file.is_held(path)

    monkeypatch.setattr(folder, "is_held", is_held)
