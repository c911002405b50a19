"""MLflow runs that a script kept in a store of its own."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path

from runs_app.records import own_stores
from runs_app.runner.folder import RunFolder
from runs_app.runner.outputs.snapshot import Manifest, compare, take

RUN = f"mlruns/0/{'a' * 32}"
MOMENT = datetime(2026, 1, 1, tzinfo=UTC)


def test_an_artifact_that_was_replaced_after_the_end_is_not_copied(tmp_path: Path) -> None:
    directory, folder = tmp_path / "experiment", RunFolder(tmp_path / "run")
    folder.path.mkdir()
    (directory / RUN / "artifacts").mkdir(parents=True)
    (directory / RUN / "meta.yaml").write_text(f"run_id: {'a' * 32}\n")
    for name in ("best.pt", "last.pt"):
        (directory / RUN / "artifacts" / name).write_text("weights")
    deltas = compare(Manifest(files={}), take(directory))
    other = directory / "other"
    other.write_text("WEIGHTS")
    os.utime(other, ns=(1, 1))
    os.replace(other, directory / RUN / "artifacts/best.pt")
    copied = own_stores.keep(
        directory, deltas, folder, started_at=MOMENT, finished_at=MOMENT, until_ns=2**62
    )
    assert copied == {f"{RUN}/meta.yaml", f"{RUN}/artifacts/last.pt"}
