"""Which script of a type is started first, and why."""

from __future__ import annotations

import fnmatch

import pytest

from registry_app.choices import Confidence
from registry_app.inference.defaults import choose_default, draft_patterns, is_copy, version_of
from registry_app.inference.entry_points import EntryScript, find_entry_scripts
from tests.registry_app.inference.projects import make_project


def scripts(*paths: str) -> list[EntryScript]:
    return find_entry_scripts(make_project(dict.fromkeys(paths, "model.fit()\n")))


@pytest.mark.parametrize(
    ("path", "version"),
    [
        ("train_v2.py", (2,)),
        ("train_yolov11_v2.py", (2,)),
        ("train_v2.1.py", (2, 1)),
        ("train-v10-final.py", (10,)),
        ("v3_train.py", (3,)),
        ("train_yolov8.py", ()),
        ("train.py", ()),
        ("train_ver4.py", (4,)),
    ],
)
def test_versions_in_names(path: str, version: tuple[int, ...]) -> None:
    assert version_of(path) == version


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("old/train.py", True),
        ("train_backup.py", True),
        ("train (copy).py", True),
        ("train_사본.py", True),
        ("train_bold.py", False),
        ("gold/train.py", False),
    ],
)
def test_old_copies(path: str, expected: bool) -> None:
    assert is_copy(path) is expected


@pytest.mark.parametrize(
    ("paths", "default"),
    [
        (["train_v1.py", "train_v2.py"], "train_v2.py"),
        (["train_v9.py", "train_v10.py"], "train_v10.py"),
        (["train_v1.py", "train_yolov11_v1.py", "train_yolov11_v2.py"], "train_yolov11_v2.py"),
        (["train.py", "train_v2.py"], "train_v2.py"),
        (["train_v3_old.py", "train_v2.py"], "train_v2.py"),
        (["tools/deep/train.py", "train.py"], "train.py"),
        (["backup/train.py", "src/train.py"], "src/train.py"),
        (["main.py", "train.py"], "train.py"),
    ],
)
def test_newest_version_nearest_to_the_top_no_old_copy(paths: list[str], default: str) -> None:
    guess = choose_default("train", scripts(*paths))
    assert guess is not None
    assert guess.value == default


def test_the_reason_says_that_the_version_won() -> None:
    guess = choose_default("train", scripts("train_v1.py", "train_v2.py"))
    assert guess is not None
    assert guess.reason == "highest version among 2 train scripts"
    assert guess.confidence is Confidence.LIKELY


def test_what_a_note_names_wins_among_equals() -> None:
    both = scripts("train_a.py", "train_b.py")
    guess = choose_default("train", both, mentioned={"train_b.py"})
    assert guess is not None
    assert (guess.value, guess.confidence) == ("train_b.py", Confidence.SURE)


def test_a_type_without_scripts_has_no_default() -> None:
    assert choose_default("quant", scripts("train.py")) is None


def test_patterns_offer_all_of_a_type_and_none_of_another() -> None:
    found = find_entry_scripts(
        make_project(
            {
                **dict.fromkeys(["train_v1.py", "train_v2.py", "fit[1].py"], "model.fit()\n"),
                "infer.py": "cv2.VideoCapture(0)\n",
                "train_export.sh": "yolo export model=a.pt\n",
            }
        )
    )
    patterns = draft_patterns("train", "train_v2.py", found)
    assert patterns[0] == "train*.py"
    for one in found:
        offered = any(fnmatch.fnmatchcase(one.path, pattern) for pattern in patterns)
        assert offered == ("train" in one.types.value), one.path


def test_a_single_script_needs_no_pattern() -> None:
    assert draft_patterns("train", "train.py", scripts("train.py")) == ()
