"""The files right in a folder of a commit, and those of run sets kept at hand with each sync."""

from __future__ import annotations

from dataclasses import dataclass

from registry_app.sync.git.plumbing import Git

# Of scenarios and of pipelines.
SET_FOLDERS = ("scenario", "pipelines")
SUFFIXES = (".yaml", ".yml")
MAX_FILES = 500
MAX_BYTES = 2**20
_REGULAR = frozenset({"100644", "100755"})


@dataclass(frozen=True, kw_only=True)
class CoreFile:
    """One file: its path in the repository, its bytes, and the commit that it was read from."""

    path: str
    data: bytes
    commit: str


def keep(git: Git, commit: str) -> None:
    """Fetch the files of run sets of a commit, so that no page has to reach the remote for them."""
    for folder in SET_FOLDERS:
        read_folder(git, commit, folder)


def read_folder(git: Git, commit: str, folder: str) -> list[CoreFile]:
    """Return the YAML files right in a folder, without links and huge ones; raises SyncError."""
    listed = git.run("ls-tree", "-z", "-l", commit, "--", f"{folder}/")
    found = []
    for entry in filter(None, listed.split(b"\0")):
        facts, _tab, name = entry.partition(b"\t")
        mode, _kind, blob, size = facts.decode().split()
        path = name.decode("utf-8", "replace")
        if mode in _REGULAR and path.endswith(SUFFIXES) and int(size) <= MAX_BYTES:
            data = git.run("cat-file", "blob", blob)
            found.append(CoreFile(path=path, data=data, commit=commit))
    return found[:MAX_FILES]
