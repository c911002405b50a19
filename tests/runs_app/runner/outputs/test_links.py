"""Links to folders and files inside of the roots are followed, and no others."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from runs_app.runner.outputs import links
from runs_app.runner.outputs.choice import Rule
from runs_app.runner.outputs.keeping import keep
from runs_app.runner.outputs.snapshot import compare, take


@pytest.fixture
def root(tmp_path: Path) -> Iterator[Path]:
    root = tmp_path / "experiments"
    root.mkdir()
    links.allow([root])
    yield root
    links.allow([])


def make(root: Path, *folders: str) -> Path:
    for folder in ("e", *folders):
        (root / folder).mkdir(parents=True, exist_ok=True)
    return root / "e"


def test_a_runs_folder_that_is_a_link_inside_the_roots_is_kept(root: Path, tmp_path: Path) -> None:
    directory = make(root, "big/runs")
    (directory / "runs").symlink_to("../big/runs")
    before = take(directory)
    (directory / "runs/exp").mkdir()
    (directory / "runs/exp/results.csv").write_text("epoch,loss\n1,0.5\n")
    deltas = compare(before, take(directory))
    assert [delta.path for delta in deltas] == ["runs/exp/results.csv"]
    kept = keep(
        directory, deltas, tmp_path / "outputs", rule=Rule(patterns=["*"]), limit_bytes=2**20
    )
    assert [one.kept for one in kept] == ["outputs/runs/exp/results.csv"]
    assert (tmp_path / "outputs/runs/exp/results.csv").read_text().endswith("0.5\n")


def test_a_file_that_is_a_link_inside_the_roots_is_kept(root: Path, tmp_path: Path) -> None:
    directory = make(root, "big")
    (root / "big/best.pt").write_text("old")
    (tmp_path / "secret.txt").write_text("secret")
    (directory / "best.pt").symlink_to("../big/best.pt")
    (directory / "epoch_1.pt").write_text("1")
    for name, target in (("secret.txt", tmp_path / "secret.txt"), ("last.pt", "epoch_1.pt")):
        (directory / name).symlink_to(target)
    before = take(directory)
    assert set(before.files) == {"best.pt", "epoch_1.pt"}
    (root / "big/best.pt").write_text("trained")
    deltas = compare(before, take(directory))
    [one] = keep(
        directory, deltas, tmp_path / "outputs", rule=Rule(patterns=["*"]), limit_bytes=2**20
    )
    assert (one.path, one.kept) == ("best.pt", "outputs/best.pt")
    assert (tmp_path / "outputs/best.pt").read_text() == "trained"


def test_links_out_back_and_in_circles_are_not_followed(root: Path, tmp_path: Path) -> None:
    directory = make(root, "other")
    (tmp_path / "secret").mkdir()
    for name in (tmp_path / "secret/a.txt", directory / "train.py", root / "other/b.txt"):
        name.write_text("x")
    (directory / "out").symlink_to(tmp_path / "secret")
    (directory / "self").symlink_to(".")
    (directory / "above").symlink_to("..")
    (directory / "once").symlink_to("../other")
    (directory / "twice").symlink_to("../other")
    (root / "other/back").symlink_to("../e")
    files = take(directory).files
    assert len(files) == 2
    assert {path.rpartition("/")[2] for path in files} == {"train.py", "b.txt"}


@pytest.mark.parametrize("target", ["secret.txt", "../experiments/e/train.py", "gone"])
def test_a_link_to_a_file_that_is_changed_before_the_copy_leads_nowhere(
    root: Path, tmp_path: Path, target: str
) -> None:
    directory = make(root, "big")
    for file in (tmp_path / "secret.txt", directory / "train.py", root / "big/a.txt"):
        file.write_text("x")
    (directory / "a.txt").symlink_to("../big/a.txt")
    before = take(directory)
    (root / "big/a.txt").write_text("xy")
    deltas = compare(before, take(directory))
    (directory / "a.txt").unlink()
    (directory / "a.txt").symlink_to(tmp_path / target)
    [one] = keep(
        directory, deltas, tmp_path / "outputs", rule=Rule(patterns=["*"]), limit_bytes=2**20
    )
    assert (one.kept, bool(one.left_out)) == ("", True)


def test_a_link_that_is_changed_before_the_copy_leads_nowhere(root: Path, tmp_path: Path) -> None:
    directory = make(root, "big")
    (tmp_path / "secret").mkdir()
    (tmp_path / "secret/a.txt").write_text("secret")
    (directory / "runs").symlink_to("../big")
    before = take(directory)
    (root / "big/a.txt").write_text("x")
    deltas = compare(before, take(directory))
    (directory / "runs").unlink()
    (directory / "runs").symlink_to(tmp_path / "secret")
    [one] = keep(
        directory, deltas, tmp_path / "outputs", rule=Rule(patterns=["*"]), limit_bytes=2**20
    )
    assert (one.kept, bool(one.left_out)) == ("", True)
