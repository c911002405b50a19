"""What a folder holds that is no experiment, judged by the names of its first files."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Iterator
from pathlib import Path

from registry_app.messages import Message
from registry_app.scan.walk import ENVIRONMENT_MARKS, SCRIPTS
from registry_app.texts import left_out

MAX_LOOKED_AT = 1000
PICTURES = frozenset(
    ".jpg .jpeg .png .bmp .gif .tif .tiff .webp .heic .dng .raw .svg"
    " .mp4 .avi .mov .mkv .webm .m4v .mpg .mpeg .ts .h264 .h265".split()
)
DATA = PICTURES | frozenset(
    ".csv .tsv .json .jsonl .ndjson .txt .xml .yaml .yml .npy .npz .parquet .feather .arrow .pkl"
    " .mat .hdf .db .sqlite .xls .xlsx .tfrecord .lmdb .bin .dat .pcd .ply .las .bag .wav .mp3"
    " .cache .zip .tar .gz .tgz .7z .rar .names .md5".split()
)
# What file managers and git leave in an empty folder.
LEAVINGS = frozenset({".DS_Store", "Thumbs.db", "desktop.ini", ".gitkeep", ".keep"})
# The folders that `venv` makes; an experiment beside them has others, or scripts.
_OF_VENV = frozenset(
    {"bin", "etc", "include", "lib", "lib64", "share", "Include", "Lib", "Scripts"}
)


def why_no_experiment(directory: Path) -> Message:
    """Return why a readable folder, in which no script was found, is no experiment."""
    suffixes = set()
    try:
        for name in _names(directory):
            suffixes.add(os.path.splitext(name)[1].lower())
    except OSError:
        return left_out.NO_SCRIPT()
    if not suffixes:
        return left_out.EMPTY()
    if suffixes <= PICTURES:
        return left_out.PICTURES()
    return left_out.DATA() if suffixes <= DATA else left_out.NO_SCRIPT()


def is_environment(directory: Path) -> bool:
    """Whether a folder is a Python environment and nothing else.

    People also make one in the folder of their experiment itself, beside their own scripts.
    """
    if not any(os.path.lexists(directory / mark) for mark in ENVIRONMENT_MARKS):
        return False
    is_conda = os.path.lexists(directory / "conda-meta")
    try:
        with os.scandir(directory) as entries:
            return not any(_is_own(entry, is_conda=is_conda) for entry in entries)
    except OSError:
        return False


def _is_own(entry: os.DirEntry[str], *, is_conda: bool) -> bool:
    """Whether an entry at the top of an environment is what people put beside it.

    An environment of conda has folders of many names, so only scripts count there.
    """
    if entry.is_dir():
        return not is_conda and entry.name not in _OF_VENV and not entry.name.startswith(".")
    return os.path.splitext(entry.name)[1].lower() in SCRIPTS


def _names(directory: Path) -> Iterator[str]:
    """Yield the names of the first files, folder by folder; links to folders are not followed."""
    waiting = deque([directory])
    left = MAX_LOOKED_AT
    while waiting:
        with os.scandir(waiting.popleft()) as entries:
            for entry in entries:
                left -= 1
                if left < 0:
                    return
                if entry.is_dir(follow_symlinks=False):
                    waiting.append(Path(entry.path))
                elif entry.name not in LEAVINGS:
                    yield entry.name
