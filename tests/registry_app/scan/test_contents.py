"""What the list says that a folder holds, where a scan found no script in it."""

from __future__ import annotations

from pathlib import Path

import pytest

from registry_app.messages import Message
from registry_app.scan.contents import MAX_LOOKED_AT, why_no_experiment
from registry_app.texts import left_out


@pytest.mark.parametrize(
    ("files", "reason"),
    [
        ((), left_out.EMPTY()),
        ((".gitkeep",), left_out.EMPTY()),
        (("train/1.jpg", "train/2.PNG", "line3.mp4"), left_out.PICTURES()),
        (("train/1.jpg", "labels/1.txt", "data.yaml"), left_out.DATA()),
        (("plans.pdf", "1.jpg"), left_out.NO_SCRIPT()),
        (("LICENSE",), left_out.NO_SCRIPT()),
    ],
)
def test_the_reason_is_what_the_names_of_its_files_say(
    tmp_path: Path, files: tuple[str, ...], reason: Message
) -> None:
    (tmp_path / "empty-one").mkdir()
    for file in files:
        (tmp_path / file).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / file).touch()
    assert why_no_experiment(tmp_path) == reason


def test_a_link_in_it_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "round").symlink_to(".")
    assert why_no_experiment(tmp_path) == left_out.NO_SCRIPT()


def test_among_very_many_files_the_first_decide(tmp_path: Path) -> None:
    for number in range(MAX_LOOKED_AT + 5):
        (tmp_path / f"{number}.jpg").touch()
    assert why_no_experiment(tmp_path) == left_out.PICTURES()
