"""A walk lists what is worth reading, and nothing leads it astray."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from registry_app.files.link_targets import LinkRule
from registry_app.messages import joined
from registry_app.scan import walk as scan_walk
from registry_app.scan.walk import walk
from tests.factories import make_directory


def test_scripts_and_notes_are_listed_also_beside_data(tmp_path: Path) -> None:
    files = ["train.py", "data/data.yaml", "data/prepare.py", "README.md", "classes.txt"]
    files += ["requirements.txt", "Pipfile", "runs/results.txt", "runs/events.out.tfevents.1.host"]
    files += ["data/_annotations.coco.json", "data/label_map.pbtxt", "m/class_indices.json"]
    files += ["m/config.json", "m/idx_to_class.json", "m/pipeline.config"]
    left = ["weights/best.pt", "data/images/1.jpg", "shopping.txt", "._train.py", "m/vocab.json"]
    directory = make_directory(tmp_path, "e", dict.fromkeys([*files, *left], "x"))
    assert list(walk(directory).files) == sorted(files)


def test_version_control_environments_and_caches_are_left_out(tmp_path: Path) -> None:
    files = {
        ".git/hooks/a.py": "",
        "__pycache__/b.py": "",
        "myenv/pyvenv.cfg": "",
        "myenv/lib/c.py": "",
        "conda/conda-meta/history": "",
        "conda/d.py": "",
        "x/node_modules/e.py": "",
        ".ipynb_checkpoints/train.ipynb": "",
        "train.py": "",
    }
    assert list(walk(make_directory(tmp_path, "e", files)).files) == ["train.py"]


def fill(folder: Path, pattern: str) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for number in range(scan_walk.DATA_FOLDER_FILES + 10):
        (folder / pattern.format(number)).touch()


def test_beside_thousands_of_pictures_scripts_yaml_and_a_few_notes_are_read(
    tmp_path: Path,
) -> None:
    directory = make_directory(tmp_path, "e", {"train.py": "", "data/classes.txt": ""})
    fill(directory / "data", "{}.jpg")
    # Made last, because most file systems list what is new at a place of its own.
    make_directory(
        tmp_path, "e", {"data/split.py": "", "data/data.yaml": "", "data/sub/fix.py": ""}
    )
    listing = walk(directory)
    expected = ["classes.txt", "data.yaml", "split.py", "sub/fix.py"]
    assert list(listing.files) == [*(f"data/{name}" for name in expected), "train.py"]
    assert joined(listing.warnings) == "data: skipped: thousands of data files"


@pytest.mark.parametrize("pattern", ["label_{}.txt", "{}.csv", "{}.names"])
def test_thousands_of_notes_are_data(tmp_path: Path, pattern: str) -> None:
    directory = make_directory(tmp_path, "e", {"train.py": ""})
    fill(directory / "labels", pattern)
    listing = walk(directory)
    assert list(listing.files) == ["train.py"]
    assert joined(listing.warnings) == "labels: skipped: thousands of data files"


def test_links_out_of_the_directory_are_not_followed(tmp_path: Path) -> None:
    make_directory(tmp_path, "secret", {"key.py": "SECRET = 1"})
    directory = make_directory(tmp_path, "e", {"train.py": "", "src/a.py": ""})
    (directory / "out.py").symlink_to(tmp_path / "secret" / "key.py")
    (directory / "folder").symlink_to(tmp_path / "secret")
    (directory / "inside.py").symlink_to("src/a.py")
    (directory / "circle").symlink_to(directory)
    (directory / "dangling.py").symlink_to("nothing.py")
    listing = walk(directory)
    assert list(listing.files) == ["inside.py", "src/a.py", "train.py"]
    assert "out.py: a link out of the directory, not followed" in joined(listing.warnings)


def test_a_link_to_a_script_inside_a_root_is_read(tmp_path: Path) -> None:
    make_directory(tmp_path, "common", {"train.py": "x = 1", "data.yaml": ""})
    directory = make_directory(tmp_path, "e", {})
    directory.mkdir()
    for name in ("train.py", "data.yaml"):
        (directory / name).symlink_to(f"../common/{name}")
    (directory / "folder").symlink_to("../common")
    listing = walk(directory, links=LinkRule.of([tmp_path], []))
    assert list(listing.files) == ["train.py"]
    assert listing.links == {"train.py": "../common/train.py"}
    assert joined(listing.warnings) == "data.yaml: a link out of the directory, not followed"


def test_a_directory_that_is_a_link_itself_is_read(tmp_path: Path) -> None:
    make_directory(tmp_path, "real", {"train.py": "", "src/a.py": ""})
    (tmp_path / "link").symlink_to("real")
    (tmp_path / "real" / "b.py").symlink_to("src/a.py")
    assert list(walk(tmp_path / "link").files) == ["b.py", "src/a.py", "train.py"]


def test_names_that_are_no_utf_8_are_reported_and_left(tmp_path: Path) -> None:
    directory = make_directory(tmp_path, "e", {"train.py": ""})
    (Path(os.fsdecode(bytes(directory) + b"/\xc7\xd0\xbd\xc0.py"))).touch()
    listing = walk(directory)
    assert list(listing.files) == ["train.py"]
    assert "the name is not UTF-8" in str(listing.warnings[0])
    str(listing.warnings[0]).encode()


def test_what_is_no_file_is_left_out(tmp_path: Path) -> None:
    directory = make_directory(tmp_path, "e", {"train.py": "x = 1"})
    os.mkfifo(directory / "pipe.py")
    assert list(walk(directory).files) == ["train.py"]


def test_what_brought_a_reader_down_is_not_looked_at_again(tmp_path: Path) -> None:
    directory = make_directory(tmp_path, "e", {"train.py": "", "bad.py": "", "slow/a.py": ""})
    visited: list[str] = []
    listing = walk(directory, skipped=["bad.py", "slow"], visit=visited.append)
    assert list(listing.files) == ["train.py"]
    assert visited == ["/"]


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read every folder")
def test_a_folder_that_cannot_be_read_is_a_warning(tmp_path: Path) -> None:
    directory = make_directory(tmp_path, "e", {"locked/a.py": "", "train.py": ""})
    (directory / "locked").chmod(0)
    try:
        listing = walk(directory)
    finally:
        (directory / "locked").chmod(0o700)
    assert list(listing.files) == ["train.py"]
    assert "locked: cannot be read (Permission denied)" in joined(listing.warnings)


def test_endless_depth_ends(tmp_path: Path) -> None:
    deep = "/".join(["d"] * 40)
    listing = walk(make_directory(tmp_path, "e", {f"{deep}/train.py": ""}))
    assert not listing.files
    assert "nested too deeply" in str(listing.warnings[0])


def test_pointers_of_git_lfs_are_reported_once(tmp_path: Path) -> None:
    pointer = (
        "version https://git-lfs.github.com/spec/v1\n"
        "oid sha256:4d7a214614ab2935c943f9e0ff69d22eadbb8f32b1258daaa5e2ca24d17e2393\nsize 12\n"
    )
    files = {"train.py": "x", "weights/best.pt": pointer, "weights/last.pt": pointer}
    warnings = walk(make_directory(tmp_path, "e", files)).warnings
    assert [warning.code for warning in warnings] == ["lfs_pointers"]
    assert "git lfs pull" in joined(warnings)
    assert joined(warnings).startswith("weights/")
