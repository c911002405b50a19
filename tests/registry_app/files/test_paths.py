"""Paths that people write lead below a root and into an experiment, or are refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from registry_app.exceptions import PathRefusedError
from registry_app.files.paths import resolve_directory, script_inside


@pytest.fixture
def roots(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """Two roots; the second is below the home directory and has one experiment."""
    monkeypatch.setenv("HOME", str(tmp_path))
    first, second = tmp_path / "disk1", tmp_path / "experiments"
    first.mkdir()
    (second / "donghwa-entec-ppe").mkdir(parents=True)
    return [first, second]


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("~/experiments/donghwa-entec-ppe", "experiments/donghwa-entec-ppe"),
        ("donghwa-entec-ppe", "experiments/donghwa-entec-ppe"),
        ("not-there-yet", "disk1/not-there-yet"),
        ("~/experiments/동화 엔텍+ppe", "experiments/동화 엔텍+ppe"),
        ("~/experiments/team/ppe/", "experiments/team/ppe"),
        ("~/experiments//ppe/.", "experiments/ppe"),
    ],
)
def test_a_path_below_a_root_is_found(
    tmp_path: Path, roots: list[Path], written: str, expected: str
) -> None:
    assert resolve_directory(written, roots) == tmp_path / expected


@pytest.mark.parametrize(
    ("written", "fix"),
    [
        ("/etc", "GUARDIANFLOW_ROOTS"),
        ("~/experiments", "below one of them"),
        ("~/experiments-old/ppe", "is outside every root"),
        ("~/experiments/../secrets", "write it without"),
        ("../secrets", "write it without"),
        (".", "names a root itself"),
        ("", "needs the path"),
        ("ppe\0", "needs the path"),
    ],
)
def test_any_other_path_is_refused_with_a_fix(roots: list[Path], written: str, fix: str) -> None:
    with pytest.raises(PathRefusedError, match=fix):
        resolve_directory(written, roots)


@pytest.mark.parametrize("start", ["", "~/experiments/"])
def test_a_name_that_no_file_system_holds_is_refused(roots: list[Path], start: str) -> None:
    with pytest.raises(PathRefusedError, match="longer than a file system allows"):
        resolve_directory(f"{start}{'a' * 300}", roots)


def test_without_roots_the_setting_is_named() -> None:
    with pytest.raises(PathRefusedError, match="set GUARDIANFLOW_ROOTS"):
        resolve_directory("ppe", [])


def test_a_linked_experiment_keeps_the_path_it_was_written_with(
    tmp_path: Path, roots: list[Path]
) -> None:
    elsewhere = tmp_path / "nas/ppe"
    elsewhere.mkdir(parents=True)
    (roots[1] / "linked").symlink_to(elsewhere)
    directory = resolve_directory("~/experiments/linked", roots)
    assert directory == roots[1] / "linked"
    assert script_inside(directory, "train.py") == directory / "train.py"


@pytest.mark.parametrize(
    ("link", "written", "is_allowed"),
    [
        ("experiments/nas -> nas", "experiments/nas", True),
        ("experiments/nas -> nas", "experiments/nas/ppe/v2", True),
        ("experiments/team/nas -> nas", "experiments/team/nas", False),
        ("experiments/team/nas -> nas/ppe", "experiments/team/nas/deep", False),
        ("experiments/team/other -> disk1/ppe", "experiments/team/other", True),
        ("experiments/team/inside -> experiments/team/v1", "experiments/team/inside", True),
        ("nas/out -> secrets", "linked/out", False),
        ("nas/in -> nas/ppe", "linked/in", True),
        ("experiments/team/loop -> experiments/team/loop", "experiments/team/loop", True),
    ],
)
def test_below_a_child_of_a_root_no_link_leads_out(
    tmp_path: Path, roots: list[Path], link: str, written: str, is_allowed: bool
) -> None:
    for folder in ("experiments/team/v1", "nas/ppe/v2", "secrets", "disk1/ppe"):
        (tmp_path / folder).mkdir(parents=True, exist_ok=True)
    (tmp_path / "experiments/linked").symlink_to(tmp_path / "nas")
    name, target = link.split(" -> ")
    (tmp_path / name).symlink_to(tmp_path / target)
    written = written.replace("linked", "experiments/linked")
    if is_allowed:
        assert resolve_directory(f"~/{written}", roots) == tmp_path / written
    else:
        with pytest.raises(PathRefusedError, match="leads by a link"):
            resolve_directory(f"~/{written}", roots)


def test_a_root_that_is_a_link_itself_holds_what_lies_in_it(
    tmp_path: Path, roots: list[Path]
) -> None:
    (tmp_path / "alias").symlink_to(roots[1])
    for written in ("~/alias/donghwa-entec-ppe", "~/experiments/donghwa-entec-ppe/deep"):
        assert resolve_directory(written, [tmp_path / "alias"])


@pytest.mark.parametrize("script", ["", "/bin/sh", "../other/train.py", "a/../../b.py", "a\0.py"])
def test_a_script_outside_its_experiment_is_refused(roots: list[Path], script: str) -> None:
    with pytest.raises(PathRefusedError, match="inside the experiment"):
        script_inside(roots[1] / "donghwa-entec-ppe", script)


def test_a_script_that_is_a_link_out_is_refused(tmp_path: Path, roots: list[Path]) -> None:
    directory = roots[1] / "donghwa-entec-ppe"
    (tmp_path / "evil.py").write_text("")
    (directory / "train.py").symlink_to(tmp_path / "evil.py")
    with pytest.raises(PathRefusedError, match="by a link"):
        script_inside(directory, "train.py")
