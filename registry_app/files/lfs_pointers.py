"""Files that are only pointers: Git LFS stores their content elsewhere until a pull."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

_BEGINNING = b"version https://git-lfs.github.com/spec/"
# A pointer has three short lines; one with extensions has a few more.
LEAST_BYTES, MAX_BYTES = 100, 1024
# The usual types of LFS files; of other types only one per folder is checked.
_LARGE = frozenset(
    ".pt .pth .onnx .bin .h5 .hdf5 .keras .ckpt .safetensors .engine .tflite .pb .pdparams .weights"
    " .pkl .npy .npz .parquet .zip .tar .gz .7z .mp4 .avi .data .gguf .mlmodel .whl".split()
)
_MAX_LOOKED_AT = 5000
_MAX_DEPTH = 4
_PASSED_OVER = frozenset({"__pycache__", "node_modules", "site-packages", "mlruns", "wandb"})


def is_pointer(path: str | os.PathLike[str]) -> bool:
    """Whether a file is a pointer of Git LFS; False if it cannot be read."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOCTTY)
    except OSError:
        return False
    try:
        is_small = LEAST_BYTES <= os.fstat(descriptor).st_size <= MAX_BYTES
        return is_small and os.read(descriptor, len(_BEGINNING)) == _BEGINNING
    except OSError:
        return False
    finally:
        os.close(descriptor)


def pointers_among(entries: list[os.DirEntry[str]]) -> Iterator[str]:
    """Yield the names of the pointers in a folder; types other than weights are only sampled."""
    sampled: set[str] = set()
    for entry in entries:
        suffix = os.path.splitext(entry.name)[1].lower()
        if suffix in sampled:
            continue
        if suffix not in _LARGE:
            sampled.add(suffix)
        try:
            is_file = entry.is_file(follow_symlinks=False)
            size_bytes = entry.stat().st_size if is_file else 0
        except OSError:
            continue
        if LEAST_BYTES <= size_bytes <= MAX_BYTES and is_pointer(entry.path):
            yield entry.name


def pointers_in(directory: Path) -> Iterator[str]:
    """Yield the paths of pointers in a directory; the search is bounded and follows no links."""
    looked_at = 0
    folders = [("", 0)]
    while folders and looked_at < _MAX_LOOKED_AT:
        folder, depth = folders.pop()
        try:
            with os.scandir(directory / folder) as listed:
                entries = [entry for entry, _ in zip(listed, range(_MAX_LOOKED_AT), strict=False)]
        except OSError:
            continue
        looked_at += len(entries)
        if any(entry.name in {"pyvenv.cfg", "conda-meta"} for entry in entries):
            continue
        files: list[os.DirEntry[str]] = []
        for child in sorted(entries, key=lambda entry: entry.name):
            try:
                is_folder = child.is_dir(follow_symlinks=False)
            except OSError:
                continue
            if not is_folder:
                files.append(child)
            elif (
                depth < _MAX_DEPTH
                and not child.name.startswith(".")
                and child.name not in _PASSED_OVER
            ):
                folders.append((f"{folder}/{child.name}" if folder else child.name, depth + 1))
        for name in pointers_among(files):
            yield f"{folder}/{name}" if folder else name
