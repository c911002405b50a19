"""Which children of a root are experiments, and what a bad child costs."""

from __future__ import annotations

import unicodedata
from pathlib import Path

from registry_app.messages import joined
from registry_app.scan.candidates import candidates


def make(root: Path, *names: str) -> None:
    for name in names:
        (root / name).mkdir()


def test_a_link_that_leads_to_itself_costs_itself(tmp_path: Path) -> None:
    make(tmp_path, "kcc-yeoju-smoke")
    (tmp_path / "round").symlink_to("round")
    found = candidates([tmp_path])
    assert [name for name, _path in found.directories] == ["kcc-yeoju-smoke"]
    assert "round" in joined(found.warnings)


def test_a_link_and_its_target_are_one_experiment(tmp_path: Path) -> None:
    root, elsewhere = tmp_path / "root", tmp_path / "elsewhere"
    make(tmp_path, "root", "elsewhere")
    make(root, "kcc-yeoju-smoke")
    (root / "in-use").symlink_to("kcc-yeoju-smoke")
    (root / "a").symlink_to(elsewhere)
    (root / "b").symlink_to(elsewhere)
    found = candidates([root])
    assert [name for name, _path in found.directories] == ["a", "kcc-yeoju-smoke"]
    assert "in-use" in joined(found.warnings)


def test_both_forms_of_unicode_are_one_name(tmp_path: Path) -> None:
    name = "광양-헬멧"
    make(tmp_path, unicodedata.normalize("NFD", name))
    found = candidates([tmp_path])
    assert [name for name, _path in found.directories] == [name]
    assert not found.warnings
    make(tmp_path, name)
    found = candidates([tmp_path])
    assert [name for name, _path in found.directories] == [name]
    assert name in joined(found.warnings)
