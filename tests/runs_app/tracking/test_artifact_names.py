"""Names under which files go to MLflow."""

from __future__ import annotations

import pytest

from runs_app.tracking.artifact_names import artifact_path, original_name, safe_name

AWKWARD = [
    "a\nb.csv", "a#b.csv", "a?b.csv", "a\\xb0.csv", "a%41.csv", "a%2541.csv", "~0a.csv", "a~0ab",
    "~~0a", "~0\n", "x~\n", " a.csv", "a ", "a\u2028b.csv", "a\tb", "a\x7fb", "%~41",
    "dir #1/a?.csv", "run_3/a_.csv", "run#3/a_.csv", "run?3/a#.csv", "결과\n1.csv",
]  # fmt: skip


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("runs/exp/best.pt", "outputs/runs/exp/best.pt"),
        ("결과 1.csv", "outputs/결과 1.csv"),
        ("100%.csv", "outputs/100%.csv"),
        ("backup~", "outputs/backup~"),
        ("mAP@0.5 (B)+[x]&y;z=1.csv", "outputs/mAP@0.5 (B)+[x]&y;z=1.csv"),
        ("a\nb.csv", "outputs/a~0ab.csv"),
        ("run#3/a?.csv", "outputs/run~233/a~3f.csv"),
    ],
)
def test_path_loses_only_the_signs_that_would_cut_it(path: str, expected: str) -> None:
    assert artifact_path(path) == expected


def test_every_name_is_distinct_and_leads_back_to_its_path() -> None:
    names = [safe_name(path) for path in AWKWARD]
    assert len(set(names)) == len(AWKWARD)
    assert [original_name(name) for name in names] == AWKWARD
    assert all(name.isprintable() and not set("#?\\\n") & set(name) for name in names)


def test_a_part_that_would_grow_too_long_is_cut_and_stays_distinct() -> None:
    paths = ["\n" * 200 + "a.csv", "\n" * 200 + "b.csv"]
    names = [safe_name(path) for path in paths]
    assert len(set(names)) == 2
    assert all(len(name.encode()) <= 255 and name.endswith(".csv") for name in names)
