"""What a script said last tells whether the fence kept it from something."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from runs_app.runner.isolation.fence import PORTAL, STRICT
from runs_app.runner.outputs.fence_trouble import Refusal, Trouble, find_refusal


@pytest.fixture
def fence(tmp_path: Path) -> dict[str, Any]:
    for name in ("user/.cache", "user/portal/var", "user/experiments/bct"):
        (tmp_path / name).mkdir(parents=True)
    return {
        "mode": PORTAL,
        "hide": [str(tmp_path / "user/portal/var")],
        "protect": [str(tmp_path / "user/portal")],
    }


def found(said: str, fence: dict[str, Any], tmp_path: Path) -> Refusal | None:
    text = said.replace("~", str(tmp_path / "user"))
    return find_refusal(text.encode(), fence, cwd=tmp_path / "user/experiments/bct")


@pytest.mark.parametrize(
    "said",
    [
        "PermissionError: [Errno 13] Permission denied: '~/.torch'",
        "mkdir: cannot create directory ‘~/.torch’: Permission denied",
        "touch: cannot touch '~/.torch/hub/x': Permission denied",
        "bash: ~/.torch: Permission denied",
        "OSError: [Errno 13] 허가 거부: '~/.torch'",
        "fatal: could not create '~/.torch' (EACCES)\nand more lines\nof a traceback",
        "sh: 1: cannot create ../../.torch: Permission denied",
    ],
)
def test_making_something_beside_the_portal_is_told_with_the_folder(
    said: str, fence: dict[str, Any], tmp_path: Path
) -> None:
    if "../.." in said:
        said = said.replace("../../.torch", "'../../.torch'")
    expected = Refusal(
        trouble=Trouble.FROZEN, path=f"{tmp_path}/user/.torch", folder=f"{tmp_path}/user"
    )
    assert found(said, fence, tmp_path) == expected


@pytest.mark.parametrize(
    ("said", "path"),
    [
        ("PermissionError: [Errno 13] Permission denied: '~/portal/var/key'", "portal/var/key"),
        ("cp: cannot create regular file '~/portal/x.py': Permission denied", "portal/x.py"),
        ("cat: ../../portal/var/key: Permission denied", ""),
    ],
)
def test_files_of_the_portal_are_closed(
    said: str, path: str, fence: dict[str, Any], tmp_path: Path
) -> None:
    refusal = found(said, fence, tmp_path)
    if path:
        assert refusal == Refusal(trouble=Trouble.CLOSED, path=f"{tmp_path}/user/{path}")
    else:  # a path that is neither quoted nor absolute is not taken for one
        assert refusal is None


@pytest.mark.parametrize(
    "said",
    [
        'sudo: The "no new privileges" flag is set, which prevents sudo from running as root.',
        "nvidia-modprobe: failed",
        "sudo: effective uid is not 0, is /usr/bin/sudo on a file system with the 'nosuid' option",
        "newuidmap: write to uid_map failed: Operation not permitted",
    ],
)
def test_programs_that_gain_rights_are_told(
    said: str, fence: dict[str, Any], tmp_path: Path
) -> None:
    assert found(said, fence, tmp_path) == Refusal(trouble=Trouble.PRIVILEGES)


@pytest.mark.parametrize(
    "said",
    [
        "",
        "ValueError: no such class",
        "PermissionError: [Errno 13] Permission denied: '~/.cache/theirs'",
        "PermissionError: [Errno 13] Permission denied: '/etc/passwd'",
        "Permission denied (publickey).",
    ],
)
def test_what_others_refuse_is_not_laid_at_the_fences_door(
    said: str, fence: dict[str, Any], tmp_path: Path
) -> None:
    assert found(said, fence, tmp_path) is None


def test_under_strict_any_folder_that_is_not_named_is_the_reason(
    fence: dict[str, Any], tmp_path: Path
) -> None:
    strict = fence | {"mode": STRICT, "write": [str(tmp_path / "user/.cache")]}
    said = "PermissionError: [Errno 13] Permission denied: '~/experiments/shared/x'"
    expected = Refusal(trouble=Trouble.STRICT, path=f"{tmp_path}/user/experiments/shared/x")
    assert found(said, strict, tmp_path) == expected
    assert found(said.replace("experiments/shared", ".cache"), strict, tmp_path) is None


def test_the_last_refusal_is_the_one_that_counts(fence: dict[str, Any], tmp_path: Path) -> None:
    first = "PermissionError: [Errno 13] Permission denied: '~/portal/var/key'\n"
    last = "PermissionError: [Errno 13] Permission denied: '~/.torch'\n"
    refusal = found(first + "x" * 50 + "\n" + last, fence, tmp_path)
    assert refusal is not None
    assert refusal.trouble is Trouble.FROZEN
