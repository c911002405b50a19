"""Put files on a branch of their own, on top of the synced branch, for people to merge."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Mapping

from registry_app.sync.authors import Person
from registry_app.sync.git.repository import PORTAL, Answer, Repository

_NEW_FILE = "100644"


def propose(
    repository: Repository,
    files: Mapping[str, bytes],
    *,
    branch: str,
    subject: str,
    by: Person,
    last: str = "",
) -> Answer:
    """Push one commit with these files, by path, to a branch; the synced branch stays.

    The answer is CHANGED if the branch is there with other content than `last`, the commit that
    was proposed before. Raises SyncError if the remote cannot be reached.
    """
    git = repository.git
    base = repository.fetch()
    with tempfile.TemporaryDirectory(dir=git.directory) as folder:
        index = {"GIT_INDEX_FILE": os.path.join(folder, "index")}
        git.run("read-tree", base, more=index)
        entries = b""
        for path, data in files.items():
            blob = git.run("hash-object", "-w", "--stdin", data=data).decode().strip()
            entries += f"{_NEW_FILE} {blob}\t{path}\0".encode()
        git.run("update-index", "-z", "--index-info", data=entries, more=index)
        # The blobs of the other files may not be here, and are not needed for their names.
        tree = git.run("write-tree", "--missing-ok", more=index).decode().strip()
    names = {
        "GIT_AUTHOR_NAME": by.name,
        "GIT_AUTHOR_EMAIL": by.email,
        "GIT_COMMITTER_NAME": PORTAL.name,
        "GIT_COMMITTER_EMAIL": PORTAL.email,
    }
    message = f"{subject}\n".encode()
    made = git.run("commit-tree", tree, "-p", base, "-F", "-", data=message, more=names)
    return repository.propose(made.decode().strip(), branch, last=last)
