"""Paths that a script has in its code: what they hold, and why that cannot be told."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from registry_app.models import Experiment
from runs_app.exceptions import RefusedError
from runs_app.lifecycle import handed
from runs_app.models import Run
from runs_app.runner.folder import RunFolder
from runs_app.sets.spec import FromStep, StepSpec
from tests.runs_app.sets.test_tick import HARD_CODED, bct, begin, carry_out

__all__ = ["bct"]

pytestmark = pytest.mark.django_db


def reading(experiment: Experiment, path: str) -> list[StepSpec]:
    (Path(experiment.path) / "infer.py").write_text(HARD_CODED)
    made = FromStep(step="train", file="weights/best.pt")
    return [
        StepSpec(experiment=experiment, type="train", name="train"),
        StepSpec(experiment=experiment, type="infer", name="infer", reads={path: made}),
    ]


def test_an_absolute_path_in_the_directory_is_checked_like_any_other(bct: Experiment) -> None:
    chain = begin(reading(bct, f"{bct.path}/weights/best.pt"))
    carry_out(chain, "train")
    assert carry_out(chain, "infer").status == "succeeded"


def test_a_path_outside_the_directory_is_refused(bct: Experiment, tmp_path: Path) -> None:
    with pytest.raises(RefusedError, match=r"elsewhere\.pt of reads is outside the directory"):
        begin(reading(bct, f"{tmp_path}/elsewhere.pt"))


def test_a_way_up_is_refused_before_the_chain_starts(bct: Experiment) -> None:
    (Path(bct.path).parent / "elsewhere.pt").write_bytes(b"weights of this run")
    with pytest.raises(RefusedError, match="is outside the directory"):
        begin(reading(bct, "weights/../../elsewhere.pt"))


def test_a_file_that_cannot_be_read_is_not_said_to_be_missing(bct: Experiment) -> None:
    chain = begin(reading(bct, "weights/best.pt"))
    carry_out(chain, "train")
    weights = Path(bct.path) / "weights" / "best.pt"
    weights.unlink()
    weights.symlink_to("/etc/hostname")
    refused = carry_out(chain, "infer")
    assert "and cannot be read: " in refused.status_reason
    weights.unlink()
    chain_again = begin(reading(bct, "weights/best.pt"))
    carry_out(chain_again, "train")
    weights.unlink()
    assert "does not exist" in carry_out(chain_again, "infer").status_reason


def test_a_step_that_others_may_overlap_is_refused_before_the_start(bct: Experiment) -> None:
    steps = reading(bct, "weights/best.pt")
    bct.entry_points.filter(type="infer").update(overlap=True)
    with pytest.raises(RefusedError, match="needs its directory for itself"):
        begin(steps)
    bct.entry_points.filter(type="infer").update(overlap=False)
    chain = begin(steps)
    carry_out(chain, "train")
    Run.objects.filter(steps__run_set=chain, type="infer").update(overlap=True)
    assert "needs its directory for itself" in carry_out(chain, "infer").status_reason


def test_a_file_that_is_written_after_it_was_checked_is_not_read(
    bct: Experiment, monkeypatch: pytest.MonkeyPatch
) -> None:
    chain = begin(reading(bct, "weights/best.pt"))
    carry_out(chain, "train")
    weights = Path(bct.path) / "weights" / "best.pt"
    give = handed.give

    def and_write(run: Run, folder: RunFolder) -> Mapping[str, str]:
        checked = give(run, folder)
        weights.write_bytes(b"of another portal")
        return checked

    monkeypatch.setattr(handed, "give", and_write)
    ended = carry_out(chain, "infer")
    assert ended.status == "errored"
    assert "best.pt was changed after it was checked" in ended.status_reason
