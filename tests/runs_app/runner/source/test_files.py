"""Which files are source, by their names and places."""

from __future__ import annotations

import pytest

from runs_app.runner.source.files import is_source


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("train.py", True),
        ("src/models/NET.PY", True),
        ("runs/exp/custom.py", True),
        ("explore.ipynb", True),
        ("run_train.sh", True),
        ("data.yaml", True),
        ("config/fire.toml", True),
        ("requirements.txt", True),
        ("requirements-gpu.txt", True),
        ("Dockerfile", True),
        ("runs/train/exp/args.yaml", False),
        ("Outputs/2025/config.yml", False),
        ("results.csv", False),
        ("classes.txt", False),
        ("best.pt", False),
        ("picture.png", False),
    ],
)
def test_is_source(path: str, expected: bool) -> None:
    assert is_source(path) is expected
