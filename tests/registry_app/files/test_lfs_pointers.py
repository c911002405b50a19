"""Pointers of Git LFS are distinguished from the files that they replace."""

from __future__ import annotations

from pathlib import Path

from registry_app.files.lfs_pointers import is_pointer, pointers_in

POINTER = (
    "version https://git-lfs.github.com/spec/v1\n"
    "oid sha256:4d7a214614ab2935c943f9e0ff69d22eadbb8f32b1258daaa5e2ca24d17e2393\nsize 12345\n"
)


def write(path: Path, text: str = POINTER) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def test_a_pointer_is_known_by_its_size_and_first_line(tmp_path: Path) -> None:
    assert is_pointer(write(tmp_path / "best.pt"))
    assert not is_pointer(write(tmp_path / "note.md", "About " + POINTER))
    assert not is_pointer(write(tmp_path / "large.pt", POINTER + "x" * 2000))
    assert not is_pointer(tmp_path / "gone.pt")
    assert not is_pointer(tmp_path)


def test_weights_are_all_looked_at_and_pictures_are_sampled(tmp_path: Path) -> None:
    for name in ("weights/best.pt", "weights/last.pt", "data/1.jpg", "data/2.jpg"):
        write(tmp_path / name)
    write(tmp_path / ".venv/lib/model.pt")
    write(tmp_path / "env/pyvenv.cfg", "home = /usr\n")
    write(tmp_path / "env/model.pt")
    found = sorted(pointers_in(tmp_path))
    assert found[1:] == ["weights/best.pt", "weights/last.pt"]
    assert found[0] in {"data/1.jpg", "data/2.jpg"}
