"""Which children of a root are experiments, and what a bad child costs."""

from __future__ import annotations

import os
import unicodedata
from pathlib import Path

import pytest

from registry_app.messages import Message
from registry_app.scan.candidates import Candidates, candidates
from registry_app.scan.left_out import Decided, key_of
from registry_app.texts import left_out


def make(root: Path, *names: str) -> None:
    for name in names:
        (root / name).mkdir()


def names_of(found: Candidates) -> list[str]:
    return [name for name, _path in found.directories]


def reasons(found: Candidates) -> dict[str, Message]:
    return {child.path.name: child.reason for child in found.left_out}


def test_a_link_that_leads_to_itself_costs_itself(tmp_path: Path) -> None:
    make(tmp_path, "kcc-yeoju-smoke")
    (tmp_path / "round").symlink_to("round")
    found = candidates([tmp_path])
    assert names_of(found) == ["kcc-yeoju-smoke"]
    assert reasons(found) == {"round": left_out.LOOP()}


def test_a_link_and_its_target_are_one_experiment(tmp_path: Path) -> None:
    root, elsewhere = tmp_path / "root", tmp_path / "elsewhere"
    make(tmp_path, "root", "elsewhere")
    make(root, "kcc-yeoju-smoke")
    (root / "in-use").symlink_to("kcc-yeoju-smoke")
    (root / "a").symlink_to(elsewhere)
    (root / "b").symlink_to(elsewhere)
    found = candidates([root])
    assert names_of(found) == ["a", "kcc-yeoju-smoke"]
    assert reasons(found) == {
        "in-use": left_out.LINK_TO_EXPERIMENT(target="kcc-yeoju-smoke"),
        "b": left_out.LINK_TO_EXPERIMENT(target="a"),
    }


def test_both_forms_of_unicode_are_one_name(tmp_path: Path) -> None:
    name = "광양-헬멧"
    decomposed = unicodedata.normalize("NFD", name)
    make(tmp_path, decomposed)
    found = candidates([tmp_path])
    assert names_of(found) == [name]
    assert not found.left_out
    make(tmp_path, name)
    found = candidates([tmp_path])
    assert names_of(found) == [name]
    assert list(reasons(found).values()) == [left_out.SAME_IN_UNICODE(name=name)]


@pytest.mark.parametrize(
    ("name", "target", "reason"),
    [
        ("note.txt", None, left_out.NO_FOLDER()),
        ("dead", "nowhere", left_out.DEAD_LINK(target="nowhere")),
        ("dead", "note.txt/inside", left_out.DEAD_LINK(target="note.txt/inside")),
        ("to-a-file", "note.txt", left_out.NO_FOLDER()),
    ],
)
def test_what_is_no_folder_is_left_out(
    tmp_path: Path, name: str, target: str | None, reason: Message
) -> None:
    (tmp_path / "note.txt").touch()
    if target is not None:
        (tmp_path / name).symlink_to(target)
    assert reasons(candidates([tmp_path]))[name] == reason


def test_names_that_no_page_can_show_are_left_out(tmp_path: Path) -> None:
    for name in (b"caf\xe9", b"two\nlines", b"n" * 201):
        os.mkdir(os.fsencode(tmp_path) + b"/" + name)
    found = candidates([tmp_path])
    assert [child.reason for child in found.left_out] == [left_out.BAD_NAME()] * 3
    for child in found.left_out:
        child.key.encode()  # as a database stores it


ENVIRONMENT = ("pyvenv.cfg", "bin/Activate.ps1", "lib/python3.11/site-packages/yaml/__init__.py")


@pytest.mark.parametrize(
    ("files", "is_left_out"),
    [
        (ENVIRONMENT, True),
        (("conda-meta/history", "bin/python", "qml/a.qml", "lib/python3.11/this.py"), True),
        ((*ENVIRONMENT, "train.py"), False),
        ((*ENVIRONMENT, "src/train.py"), False),
        (("conda-meta/history", "train.py"), False),
        (("venv/pyvenv.cfg", "train.py"), False),
    ],
)
def test_an_environment_is_no_experiment_unless_somebody_works_in_it(
    tmp_path: Path, files: tuple[str, ...], is_left_out: bool
) -> None:
    for file in files:
        path = tmp_path / "kit" / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    found = candidates([tmp_path])
    assert reasons(found) == ({"kit": left_out.ENVIRONMENT()} if is_left_out else {})
    added = Decided(added=frozenset({key_of(tmp_path / "kit")}))
    assert names_of(candidates([tmp_path], added)) == ["kit"]


def test_a_hidden_folder_is_left_out_until_it_is_added(tmp_path: Path) -> None:
    make(tmp_path, ".trial")
    assert reasons(candidates([tmp_path])) == {".trial": left_out.HIDDEN()}
    found = candidates([tmp_path], Decided(added=frozenset({key_of(tmp_path / ".trial")})))
    assert (names_of(found), found.left_out) == ([".trial"], [])


def test_what_is_never_to_be_seen_is_neither_read_nor_left_out(tmp_path: Path) -> None:
    make(tmp_path, "datasets", "kcc-yeoju-smoke")
    (tmp_path / "data").symlink_to("datasets")
    found = candidates([tmp_path], Decided(never=frozenset({key_of(tmp_path / "datasets")})))
    assert found.never == [tmp_path / "datasets"]
    assert names_of(found) == ["kcc-yeoju-smoke"]
    # A link is no way around it.
    assert reasons(found) == {"data": left_out.LINK_TO_EXPERIMENT(target="datasets")}


def test_one_name_in_two_roots_is_settled_by_never_seeing_one_of_them(tmp_path: Path) -> None:
    roots = [tmp_path / "one", tmp_path / "two"]
    for root in roots:
        make(tmp_path, root.name)
        make(root, "datasets")
    found = candidates(roots, Decided(never=frozenset({key_of(roots[1] / "datasets")})))
    assert found.directories == [("datasets", roots[0] / "datasets")]
