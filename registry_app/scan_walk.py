"""Lists the files of an experiment that a scan may want to read, and reads them; never writes.

Links to folders are not followed, links to files only where they stay inside the directory.
Version control, environments and caches are left out. Of a folder with thousands of media files,
whatever its name, only scripts and YAML are read: which of its other files come first is chance.
"""

from __future__ import annotations

import os
import re
import stat
from dataclasses import dataclass, field
from pathlib import Path

from registry_app.inference import remarks

CACHE_FOLDERS = frozenset({"__pycache__", "node_modules", "site-packages", "mlruns"})
# What marks a folder as an environment of Python, whatever its name.
ENVIRONMENT_MARKS = frozenset({"pyvenv.cfg", "conda-meta"})
MEDIA = frozenset(
    ".jpg .jpeg .png .bmp .gif .tif .tiff .webp .mp4 .avi .mov .mkv .wav .npy .npz .txt .xml"
    " .json .pt .pth .onnx .bin .log .cache .dcm".split()
)
SCRIPTS = frozenset({".py", ".ipynb", ".sh", ".bash", ".bat", ".cmd", ".ps1"})
YAML = frozenset({".yaml", ".yml"})
NOTES = YAML | frozenset({".md", ".rst", ".csv", ".names", ".pbtxt", ".toml"})
# Texts are read only under names that promise something.
TEXT_WORDS = ("class", "label", "name", "readme", "memo", "note", "읽어", "메모", "설명")
# Names of files with all categories of a data set, of which there is one, not one for each picture.
CATEGORY_FILES = re.compile(
    r"(?:classes|class_names|labels|label_?map|id2label|categories|_annotations\.coco|annotations?"
    r"|instances_\w+|coco\w*|(?:train|val|test)(?:_?coco)?)\.json"
)
DATA_FOLDER_FILES = 2000
MAX_DEPTH = 16
MAX_FILES = 20_000
MAX_READ_BYTES = 4 * 2**20


@dataclass(frozen=True, kw_only=True)
class Listing:
    """Files worth reading by their path relative to the directory, with their size in bytes."""

    directory: Path
    sizes: dict[str, int] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()

    def read(self, path: str) -> bytes | None:
        """Return a file's content; None if it is too large, went away or cannot be read."""
        if self.sizes.get(path, MAX_READ_BYTES + 1) > MAX_READ_BYTES:
            return None
        try:
            # Not waiting: something else may lie there by now that never gives a byte.
            descriptor = os.open(
                self.directory / path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOCTTY
            )
        except OSError:
            return None
        with os.fdopen(descriptor, "rb") as file:
            if not stat.S_ISREG(os.fstat(descriptor).st_mode):
                return None
            try:
                data = file.read(MAX_READ_BYTES + 1)
            except OSError:
                return None
        return data if len(data) <= MAX_READ_BYTES else None


def walk(directory: Path) -> Listing:
    """List a directory; raises OSError only if the directory itself cannot be read."""
    return _Walk(directory).run()


def is_read(path: str) -> bool:
    """Whether a scan would read a file of this path inside an experiment, judged by names alone."""
    *folders, name = path.split("/")
    return _is_worth_reading(name) and not any(map(_is_left_out, folders))


class _Walk:
    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._inside = os.path.realpath(directory)
        self._sizes: dict[str, int] = {}
        self._warnings: list[str] = []

    def run(self) -> Listing:
        waiting = self._list("", depth=0)
        while waiting and len(self._sizes) < MAX_FILES:
            folder, depth = waiting.pop()
            try:
                waiting += self._list(folder, depth=depth)
            except OSError as error:
                self._warnings.append(
                    _about(folder, remarks.UNREADABLE.format(problem=error.strerror))
                )
        if len(self._sizes) >= MAX_FILES:
            self._warnings.append(remarks.TOO_MANY.format(count=MAX_FILES))
        return Listing(
            directory=self._directory,
            sizes=dict(sorted(self._sizes.items())),
            warnings=tuple(self._warnings),
        )

    def _list(self, folder: str, *, depth: int) -> list[tuple[str, int]]:
        """Note the files of one folder and return the folders below it with their depth."""
        below: list[tuple[str, int]] = []
        files: dict[str, int] = {}
        media = 0
        with os.scandir(self._directory / folder) as entries:
            for entry in entries:
                path = f"{folder}/{entry.name}" if folder else entry.name
                if entry.name in ENVIRONMENT_MARKS and folder:
                    return []
                if entry.is_dir(follow_symlinks=False):
                    if not _is_left_out(entry.name):
                        below.append((path, depth + 1))
                elif _is_worth_reading(entry.name):
                    self._note(entry, path, files)
                elif os.path.splitext(entry.name)[1].lower() in MEDIA:
                    media += 1
        if media > DATA_FOLDER_FILES:
            self._warnings.append(_about(folder or ".", remarks.DATA_FOLDER))
            files = {path: size for path, size in files.items() if _is_read_beside_data(path)}
        self._sizes |= files
        if depth >= MAX_DEPTH and below:
            self._warnings.append(_about(folder, remarks.TOO_DEEP))
            return []
        return sorted(below, reverse=True)

    def _note(self, entry: os.DirEntry[str], path: str, files: dict[str, int]) -> None:
        try:
            path.encode()
        except UnicodeEncodeError:
            shown = os.fsencode(path).decode(errors="replace")
            self._warnings.append(_about(shown, remarks.NO_UTF_8))
            return
        try:
            if entry.is_symlink() and not self._stays_inside(entry.path):
                self._warnings.append(_about(path, remarks.LINK_OUT))
                return
            found = entry.stat()
        except OSError as error:
            self._warnings.append(_about(path, remarks.UNREADABLE.format(problem=error.strerror)))
            return
        if stat.S_ISREG(found.st_mode):
            files[path] = found.st_size

    def _stays_inside(self, path: str) -> bool:
        return os.path.realpath(path).startswith(self._inside + os.sep)


def _about(name: str, remark: str) -> str:
    return f"{name}: {remark}"


def _is_left_out(name: str) -> bool:
    return name.startswith(".") or name in CACHE_FOLDERS


def _is_read_beside_data(path: str) -> bool:
    return os.path.splitext(path)[1].lower() in SCRIPTS | YAML


def _is_worth_reading(name: str) -> bool:
    if name.startswith("._"):  # what macOS leaves beside files
        return False
    stem, suffix = os.path.splitext(name.lower())
    if suffix in SCRIPTS or suffix in NOTES:
        return True
    if suffix == ".json":
        return CATEGORY_FILES.fullmatch(name.lower()) is not None
    return suffix == ".txt" and any(word in stem for word in TEXT_WORDS)
