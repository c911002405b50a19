"""Names under which files go to MLflow."""

from __future__ import annotations

import pytest

from runs_app.tracking.artifact_names import artifact_path


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("runs/exp/best.pt", "outputs/runs/exp/best.pt"),
        ("결과 1.csv", "outputs/결과 1.csv"),
        ("100%.csv", "outputs/100%.csv"),
    ],
)
def test_path_loses_only_the_signs_that_would_cut_it(path: str, expected: str) -> None:
    assert artifact_path(path) == expected


def test_a_path_that_had_to_change_stays_different_from_every_other() -> None:
    names = [artifact_path(path) for path in ("run#3/a?.csv", "run_3/a_.csv", "run?3/a#.csv")]
    assert names[1] == "outputs/run_3/a_.csv"
    assert len(set(names)) == 3
    assert all(name.endswith(".csv") and not set("#?\\") & set(name) for name in names)
