"""A full disk is reported as such, with its fix, in every message about the error."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from registry_app.files.disk_full import explained
from registry_app.messages import Message, message_of, plain
from runs_app.texts import reasons


def full_disk(folder: Path) -> OSError:
    return OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(folder / "spec.json"))


@pytest.mark.parametrize(
    "wrap", [lambda output: output, lambda output: reasons.LAUNCH_FAILED(error=output)]
)
def test_the_systems_words_give_way_to_the_folder_and_the_fix(
    tmp_path: Path, wrap: Callable[[Message], Message]
) -> None:
    error = full_disk(tmp_path)
    reported = str(wrap(explained(error, message_of(error))))
    assert f"MiB are free for {tmp_path}. Free some space there, then try again." in reported
    assert "No space left" not in reported


def test_a_message_that_says_something_else_is_kept_before_it(tmp_path: Path) -> None:
    reported = str(explained(full_disk(tmp_path), plain("The log could not be written.")))
    assert reported.startswith("The log could not be written. The disk is full:")


def test_another_error_is_left_alone(tmp_path: Path) -> None:
    message = plain("Permission denied")
    assert explained(PermissionError("Permission denied"), message) is message
