"""List the files of an experiment that a scan may need to read; reads and writes nothing.

Links to folders are not followed, links to files only where they stay inside the directory, or
where a script is shared.
Version control, environments and caches are skipped. A folder of data costs one listing, however
many files it holds: only files worth reading are examined further. Among thousands of data files
those are scripts, YAML, and notes if there are few of them.
"""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from registry_app.files.lfs_pointers import pointers_among
from registry_app.files.link_targets import LinkRule
from registry_app.messages import Message
from registry_app.texts import remarks

CACHE_FOLDERS = frozenset({"__pycache__", "node_modules", "site-packages", "mlruns"})
# Files that mark a folder as a Python environment, whatever its name.
ENVIRONMENT_MARKS = frozenset({"pyvenv.cfg", "conda-meta"})
SCRIPTS = frozenset({".py", ".ipynb", ".sh", ".bash", ".bat", ".cmd", ".ps1"})
YAML = frozenset({".yaml", ".yml"})
NOTES = frozenset({".md", ".rst", ".csv", ".names", ".pbtxt", ".toml"})
# Text files are read only under promising names.
_PROMISING_TEXT = re.compile(
    r"class|label|name|categories|emotions|gestures|defects|diseases|species|breeds|readme|memo|note|require|읽어|메모|설명",
    re.IGNORECASE,
)
# Names of files with all categories of a data set, of which there is one, not one per image.
_CATEGORY_FILE = re.compile(
    r"(?:config|classes|class_names|labels|label_?map|id2label|categories|_annotations\.coco|annotations?"
    r"|instances_\w+|coco\w*|(?:train|val|test)(?:_?coco)?"
    r"|class_?(?:indices|index|map|mapping|dict|list|labels)|label_?(?:mapping|list|dict)"
    r"|(?:id|idx|index)_?(?:2|to)_?(?:label|name|class)"
    r"|(?:label|name|class)_?(?:2|to)_?(?:id|idx|index)"
    # Named after a model, and not after one of many pictures.
    r"|(?:labels|classes|class_names)_[a-z][a-z_-]{1,30}|[a-z][a-z_-]{1,30}_(?:labels|classes|class_names))\.json",
    re.IGNORECASE,
)
# Event files are only listed, as evidence of a run.
_OTHER_NOTE = re.compile(
    r"pipfile|mlproject|results\.txt|events\.out\.tfevents\..+|setup\.cfg|(?:gnu)?makefile|justfile"
    r"|dockerfile(?:\..+)?|.+\.dockerfile|.+\.launch(?:\.xml)?"
    # Settings of TensorFlow's object detection.
    r"|.+\.config",
    re.IGNORECASE,
)
# Weights, and code of other languages that may run a model.
MODELS = frozenset(
    ".pt .pth .onnx .engine .trt .tflite .pb .h5 .hdf5 .keras .weights .caffemodel .safetensors"
    " .rknn .hef .mlmodel .ckpt .pdparams .pdmodel .torchscript .mar .uff".split()
)
NATIVE = frozenset(
    ".cpp .cc .cxx .cu .c .h .hpp .rs .go .cs .java .kt .swift .js .mjs .jl .m".split()
)
NATIVE_BUILDS = frozenset({"CMakeLists.txt", "Cargo.toml", "Makefile"})
DATA_FOLDER_FILES = 2000
# Next to data, more notes than this are data themselves: one label file per image.
FEW_NOTES = 20
# Code of other languages is read for classes, and for whether it runs a model.
MAX_NATIVE = 100
MAX_DEPTH = 16
MAX_FILES = 20_000
MAX_READ_BYTES = 4 * 2**20

Visit = Callable[[str], None]
NO_LINKS = LinkRule()


class Identity(NamedTuple):
    """Attributes that identify the state of a file without reading it."""

    size_bytes: int
    mtime_ns: int
    ctime_ns: int
    inode: int

    @classmethod
    def of(cls, found: os.stat_result) -> Identity:
        return cls(found.st_size, found.st_mtime_ns, found.st_ctime_ns, found.st_ino)


@dataclass(frozen=True, kw_only=True)
class Listing:
    """Files worth reading by their path relative to the directory, as they were when listed.

    `links` has for each script that is a link out of the directory where it leads, relative to it.
    `models` are the first files of weights; where there is no script, `files` has the first files
    in other languages of programming too. `others` are the states of the folders that were listed
    (`./`, `src/`) and of pointers of Git LFS, None if the listing depends on more than these.
    """

    directory: Path
    links: dict[str, str] = field(default_factory=dict)
    files: dict[str, Identity] = field(default_factory=dict)
    warnings: tuple[Message, ...] = ()
    models: tuple[str, ...] = ()
    others: dict[str, Identity] | None = None


def walk(
    directory: Path,
    *,
    skipped: Collection[str] = (),
    visit: Visit = lambda path: None,
    links: LinkRule = NO_LINKS,
) -> Listing:
    """List a directory; raises OSError only if the directory itself cannot be read.

    `skipped` are paths to skip; `visit` is called with each folder before it is listed, as
    `folder/`. `links` decides which links of scripts are followed.
    """
    return _Walk(directory, skipped, visit, links).run()


def is_read(path: str) -> bool:
    """Whether a scan would read a file of this path inside an experiment, judged by names alone."""
    *folders, name = path.split("/")
    suffix = os.path.splitext(name)[1].lower()
    is_wanted = suffix in SCRIPTS or suffix in YAML or _is_note(name, suffix)
    return is_wanted and not name.startswith("._") and not any(map(_is_skipped, folders))


class _Walk:
    def __init__(
        self, directory: Path, skipped: Collection[str], visit: Visit, links: LinkRule
    ) -> None:
        self._directory = directory
        self._inside = os.path.realpath(directory)
        self._skipped = frozenset(skipped)
        self._visit = visit
        self._rule = links
        self._links: dict[str, str] = {}
        self._files: dict[str, Identity] = {}
        self._warnings: list[Message] = []
        self._pointers: list[str] = []
        self._models: list[str] = []
        self._native: list[tuple[os.DirEntry[str], str]] = []
        self._others: dict[str, Identity] = {}
        self._depends_on_more = bool(skipped)

    def run(self) -> Listing:
        waiting = self._list("", depth=0)
        while waiting and len(self._files) < MAX_FILES:
            folder, depth = waiting.pop()
            try:
                waiting += self._list(folder, depth=depth)
            except OSError as error:
                self._depends_on_more = True
                self._warn(folder, remarks.UNREADABLE(problem=error.strerror))
        for entry, folder in self._native:
            self._note([entry], folder)
        if len(self._files) >= MAX_FILES:
            self._warnings.append(remarks.TOO_MANY(count=MAX_FILES))
        if self._pointers:
            self._warn(self._pointers[0], remarks.LFS_POINTERS(count=len(self._pointers)))
        return Listing(
            directory=self._directory,
            links=dict(sorted(self._links.items())),
            files=dict(sorted(self._files.items())),
            warnings=tuple(self._warnings),
            models=tuple(sorted(self._models)),
            others=None if self._depends_on_more or waiting else self._others,
        )

    def _list(self, folder: str, *, depth: int) -> list[tuple[str, int]]:
        """Note the files of one folder and return the folders below it with their depth."""
        self._visit(f"{folder}/")
        below: list[tuple[str, int]] = []
        wanted: list[os.DirEntry[str]] = []
        notes: list[os.DirEntry[str]] = []
        files: list[os.DirEntry[str]] = []
        others = 0
        # Before it is listed, so that a change meanwhile makes it differ next time.
        self._remember(f"{folder or '.'}/")
        with os.scandir(self._directory / folder) as entries:
            for entry in entries:
                name = entry.name
                if name in ENVIRONMENT_MARKS and folder:
                    return []
                if entry.is_dir(follow_symlinks=False):
                    if not _is_skipped(name):
                        below.append((f"{folder}/{name}" if folder else name, depth + 1))
                    continue
                suffix = os.path.splitext(name)[1].lower()
                if suffix in SCRIPTS or suffix in YAML:
                    wanted.append(entry)
                    continue
                if suffix in MODELS and len(self._models) < FEW_NOTES:
                    self._models.append(f"{folder}/{name}" if folder else name)
                elif (suffix in NATIVE or name in NATIVE_BUILDS) and len(self._native) < MAX_NATIVE:
                    self._native.append((entry, folder))
                others += 1
                if others <= DATA_FOLDER_FILES:
                    files.append(entry)
                if _is_note(name, suffix):
                    notes.append(entry)
        if others <= DATA_FOLDER_FILES or len(notes) <= FEW_NOTES:
            wanted += notes
        if others > DATA_FOLDER_FILES:
            self._warn(folder or ".", remarks.DATA_FOLDER())
        self._note(wanted, folder)
        self._note_pointers(files, folder)
        if depth >= MAX_DEPTH and below:
            self._warn(folder, remarks.TOO_DEEP())
            return []
        return sorted((entry for entry in below if entry[0] not in self._skipped), reverse=True)

    def _note(self, entries: list[os.DirEntry[str]], folder: str) -> None:
        for entry in entries:
            path = f"{folder}/{entry.name}" if folder else entry.name
            if entry.name.startswith("._") or path in self._skipped:  # macOS leaves `._*`
                continue
            try:
                path.encode()
            except UnicodeEncodeError:
                self._warn(os.fsencode(path).decode(errors="replace"), remarks.NO_UTF_8())
                continue
            try:
                if entry.is_symlink() and not self._stays_inside(entry.path):
                    target = os.path.realpath(entry.path)
                    if not self._rule.allows(path, target):
                        self._warn(path, remarks.LINK_OUT())
                        continue
                    self._links[path] = os.path.relpath(target, self._inside)
                found = entry.stat()
            except OSError as error:
                self._depends_on_more = True
                self._warn(path, remarks.UNREADABLE(problem=error.strerror))
                continue
            if stat.S_ISREG(found.st_mode):
                self._files[path] = Identity.of(found)
            else:
                self._depends_on_more = True

    def _note_pointers(self, entries: list[os.DirEntry[str]], folder: str) -> None:
        for name in pointers_among(entries):
            path = f"{folder}/{name}" if folder else name
            self._pointers.append(path)
            try:
                self._remember(path)
            except OSError:  # it was deleted meanwhile
                self._depends_on_more = True

    def _remember(self, path: str) -> None:
        self._others[path] = Identity.of(os.stat(f"{self._directory}/{path}"))

    def _stays_inside(self, path: str) -> bool:
        return os.path.realpath(path).startswith(self._inside + os.sep)

    def _warn(self, name: str, remark: Message) -> None:
        self._warnings.append(remark.at(name))


def _is_skipped(name: str) -> bool:
    return name.startswith(".") or name in CACHE_FOLDERS


def _is_note(name: str, suffix: str) -> bool:
    if suffix in NOTES or _OTHER_NOTE.fullmatch(name):
        return True
    if suffix == ".txt":
        return _PROMISING_TEXT.search(name) is not None
    return suffix == ".json" and _CATEGORY_FILE.fullmatch(name) is not None
