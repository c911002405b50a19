"""Output that grows without bound is reported while it grows."""

from __future__ import annotations

from pathlib import Path

import pytest

from runs_app.choices import RunStatus
from runs_app.models import Run
from runs_app.records.logs import size as log_size
from runs_app.runner.folder import RunFolder
from tests.factories import make_experiment, make_run

pytestmark = pytest.mark.django_db
MIB = 2**20


def grow(folder: RunFolder, mib: float) -> None:
    """Give the log this length; it takes no room."""
    with folder.stdout.open("ab") as file:
        file.truncate(int(mib * MIB))


@pytest.mark.parametrize(
    ("limit_mib", "threshold_mib"), [(None, 1024), (10_000, 1024), (100, 80), (1, 1)]
)
def test_the_threshold_lies_before_the_limit(limit_mib: int | None, threshold_mib: int) -> None:
    assert log_size.threshold_mib(limit_mib) == threshold_mib


def test_a_log_is_reported_when_it_is_large_and_each_time_it_has_doubled(tmp_path: Path) -> None:
    folder = RunFolder(tmp_path)
    run = make_run(make_experiment(), RunStatus.RUNNING)

    def reported() -> object:
        log_size.watch(run, folder)
        run.refresh_from_db()
        return run.notices.get("log_large")

    assert reported() is None
    grow(folder, 1024)
    assert reported() is None
    grow(folder, 1024.5)
    assert reported() == {"mib": 1024}
    grow(folder, 5000)
    assert reported() == {"mib": 4096}
    assert Run.objects.get(pk=run.pk).notices == {"log_large": {"mib": 4096}}
