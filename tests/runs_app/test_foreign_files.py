"""Libraries of others in the static files are what their README says, and with their licence."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

UPLOT = Path(__file__).resolve().parents[2] / "runs_app/static/runs_app/uplot"


def test_uplot_is_unchanged_and_has_its_licence() -> None:
    output = dict(
        re.findall(r"^\| `(.+)` \| `([0-9a-f]{64})` \|$", _text("README.md"), re.MULTILINE)
    )
    files = {path.name for path in UPLOT.iterdir()} - {"README.md"}
    assert output.keys() == files
    assert output == {
        name: hashlib.sha256((UPLOT / name).read_bytes()).hexdigest() for name in files
    }
    assert "MIT License" in _text("LICENSE")
    assert "v1.6.32" in _text("uPlot.iife.min.js")


def _text(name: str) -> str:
    return (UPLOT / name).read_text(encoding="utf-8")
