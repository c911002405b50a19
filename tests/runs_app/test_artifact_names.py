"""Names under which files go to MLflow."""

from __future__ import annotations

import pytest

from runs_app.artifact_names import artifact_path


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("runs/exp/best.pt", "outputs/runs/exp/best.pt"),
        ("결과 1.csv", "outputs/결과 1.csv"),
        ("run#3/what?.csv", "outputs/run_3/what_.csv"),
        (r"\xb0.csv", "outputs/_xb0.csv"),
        ("100%.csv", "outputs/100%.csv"),
    ],
)
def test_path_loses_only_the_signs_that_would_cut_it(path: str, expected: str) -> None:
    assert artifact_path(path) == expected
