"""A scan loses nothing: each child of a root is drafted, left out for a reason, or never seen."""

from __future__ import annotations

import os
import unicodedata
from pathlib import Path

import pytest

from registry_app.scan.left_out import Decided, LeftOut, counted, key_of
from registry_app.scan.run import ScanResult, scan
from registry_app.texts import left_out
from registry_app.texts.left_out import short
from tests.factories import make_directory

TRAIN = {"train.py": "model.fit()"}


def odd_children(root: Path) -> None:
    """Make two experiments and a child of every other kind that people have among them."""
    make_directory(root, "sampyo-gimhae-bct", TRAIN)
    make_directory(root, "광양-헬멧", TRAIN)
    make_directory(root, unicodedata.normalize("NFD", "광양-헬멧"), TRAIN)
    make_directory(root, "gauge-handed-over", {"best.onnx": "x"})
    make_directory(root, "datasets", {"a.csv": "1"})
    make_directory(root, "pictures", {"1.jpg": "x"})
    make_directory(root, "plans", {"plan.pdf": "x"})
    make_directory(root, ".cache", TRAIN)
    make_directory(root, "venv", {"pyvenv.cfg": "", "bin/Activate.ps1": "x"})
    (root / "empty").mkdir()
    (root / "note.txt").touch()
    (root / "dead").symlink_to("nowhere")
    (root / "round").symlink_to("round")
    (root / "in-use").symlink_to("sampyo-gimhae-bct")
    os.mkfifo(root / "pipe")
    os.mkdir(os.fsencode(root) + b"/caf\xe9")


def lists(found: ScanResult) -> tuple[set[str], set[str], set[str]]:
    drafted = {key_of(experiment.directory) for experiment in found.experiments}
    left = {child.key for child in found.left_out}
    never = {key_of(path) for path in found.never}
    assert len(drafted) == len(found.experiments)
    assert len(left) == len(found.left_out)
    assert len(never) == len(found.never)
    return drafted, left, never


@pytest.mark.parametrize(
    ("added", "never"),
    [
        ("", ""),
        ("empty", "sampyo-gimhae-bct"),
        (".cache", "in-use"),
        ("venv", "caf\\xe9"),
        ("dead", "round"),
    ],
)
def test_each_child_is_in_exactly_one_list(tmp_path: Path, added: str, never: str) -> None:
    odd_children(tmp_path)
    children = {key_of(tmp_path / name) for name in os.listdir(tmp_path)}
    decided = Decided(
        added=frozenset({f"{tmp_path}/{added}"} if added else ()),
        never=frozenset({f"{tmp_path}/{never}"} if never else ()),
    )
    drafted, left, unseen = lists(scan([tmp_path], decided=decided))
    assert drafted | left | unseen == children
    assert len(drafted) + len(left) + len(unseen) == len(children)
    assert unseen == decided.never
    assert bool(drafted & decided.added) is (added not in ("", "dead"))


def test_each_reason_is_the_one_of_its_child(tmp_path: Path) -> None:
    odd_children(tmp_path)
    found = {child.key: child.reason for child in scan([tmp_path]).left_out}
    twin = unicodedata.normalize("NFC", "광양-헬멧")
    assert {Path(key).name: reason for key, reason in found.items()} == {
        twin: left_out.SAME_IN_UNICODE(name=twin),
        "datasets": left_out.DATA(),
        "pictures": left_out.PICTURES(),
        "plans": left_out.NO_SCRIPT(),
        ".cache": left_out.HIDDEN(),
        "venv": left_out.ENVIRONMENT(),
        "empty": left_out.EMPTY(),
        "note.txt": left_out.NO_FOLDER(),
        "dead": left_out.DEAD_LINK(target="nowhere"),
        "round": left_out.LOOP(),
        "in-use": left_out.LINK_TO_EXPERIMENT(target="sampyo-gimhae-bct"),
        "pipe": left_out.NO_FOLDER(),
        "caf\\xe9": left_out.BAD_NAME(),
    }


def test_a_second_scan_from_the_cache_says_the_same(tmp_path: Path) -> None:
    odd_children(tmp_path)
    first = scan([tmp_path]).left_out
    assert scan([tmp_path]).left_out == first
    (tmp_path / "empty" / "1.jpg").touch()
    assert LeftOut(path=tmp_path / "empty", reason=left_out.PICTURES()) in scan([tmp_path]).left_out


def test_an_added_directory_is_drafted_without_any_script(tmp_path: Path) -> None:
    (tmp_path / "posco-pohang-crane").mkdir()
    added = Decided(added=frozenset({key_of(tmp_path / "posco-pohang-crane")}))
    [experiment] = scan([tmp_path], decided=added).document.experiments
    assert (experiment.name, experiment.site.region) == ("posco-pohang-crane", "pohang")
    assert experiment.entry_points == {}


def test_reasons_are_counted_the_most_frequent_first() -> None:
    counts = counted(["left_out_data", "left_out_empty", "left_out_empty"])
    assert list(counts.items()) == [("left_out_empty", 2), ("left_out_data", 1)]
    assert str(short("left_out_dead_link")) == "a dead link"
    assert str(short("of_a_newer_version")) == "of_a_newer_version"
