"""The core repository: fetch its branch, read one file of it, commit a new version and push that.

A commit is pushed only onto the one that was read (a lease), and never forced: a plain push to a
branch that was rewound meanwhile would bring its removed commits back.
"""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import Enum
from pathlib import PurePosixPath
from urllib.parse import quote

from registry_app.files.visible import visible
from registry_app.sync.authors import Person
from registry_app.sync.errors import SyncError
from registry_app.sync.git.credentials import masked_url
from registry_app.sync.git.plumbing import REMOTE, Git, GitError
from registry_app.texts import core_sync as texts

# The registry file of 100,000 experiments has about 40 MB.
MAX_MB = 100
_REGULAR = frozenset({"100644", "100755"})
_NEW_FILE = "100644"
# Where branches are kept here, under flat names: as folders and files, `a` and `a/b` would collide.
_HERE = "refs/core/"
# A ref that must not exist, for a lease.
_ABSENT = ""
# What git rejects itself because the remote has changed; all else is the remote's own refusal.
_CHANGED = re.compile(r"^!\t\S+\t\[rejected\]", re.MULTILINE)
# What a remote says where two push at the same moment.
_RACE = re.compile(r"failed to update ref|cannot lock ref|fetch first|non-fast-forward")
_REFUSED = re.compile(r"^!\t\S+\t\[remote rejected\] \((.*)\)$", re.MULTILINE)


PORTAL = Person("GuardianFlow portal", "")


class Pushed(Enum):
    """What became of a push."""

    TAKEN = "taken"
    CHANGED = "changed"  # the branch has moved since it was read
    REFUSED = "refused"  # the remote does not let the portal push there


@dataclass(frozen=True, kw_only=True)
class Answer:
    """The answer to a push: what the branch is at, or the remote's own word on a refusal."""

    pushed: Pushed
    commit: str = ""
    reason: str = ""


@dataclass(frozen=True, kw_only=True)
class Version:
    """The file in one commit; `blob` is '' where it is not there."""

    commit: str
    blob: str = ""
    mode: str = _NEW_FILE
    data: bytes = b""


@dataclass(frozen=True, kw_only=True)
class Change:
    """The new content of a file in a commit; None removes the file."""

    path: str
    data: bytes | None
    mode: str = _NEW_FILE


@dataclass(frozen=True, kw_only=True)
class Repository:
    """A branch of the remote `url`, and the file at `path` in it."""

    git: Git
    url: str
    branch: str
    path: str

    @property
    def shown_url(self) -> str:
        """The URL without a password, for pages and logs."""
        return masked_url(self.url)

    def fetch(self) -> str:
        """Bring the branch here; return its commit. Raises SyncError if it cannot be reached."""
        self.git.make()
        try:
            self._fetch(self.branch)
            return self._commit_of(self.branch)
        except GitError as error:
            if "couldn't find remote ref" in error.stderr:
                raise SyncError(texts.NO_BRANCH(url=self.shown_url, branch=self.branch)) from error
            raise SyncError(
                texts.UNREACHABLE(url=self.shown_url, problem=self._masked(error.stderr))
            ) from error

    def read(self, commit: str) -> Version:
        """Return the file in a commit; raises SyncError for links, folders and huge files."""
        entry = self.git.run("ls-tree", "-z", commit, "--", self.path)
        if not entry:
            self._check_parents(commit)
            return Version(commit=commit)
        mode, _kind, blob = entry.partition(b"\t")[0].decode().split()
        if mode not in _REGULAR:
            raise SyncError(texts.NOT_A_FILE(file=self.path, branch=self.branch))
        if self.git.size_bytes(blob, MAX_MB * 10**6) is None:
            raise SyncError(texts.TOO_LARGE(file=self.path, most=MAX_MB))
        data = self.git.run("cat-file", "blob", blob)
        return Version(commit=commit, blob=blob, mode=mode, data=data)

    def _check_parents(self, commit: str) -> None:
        """Raise SyncError if the path leads through a file, a link or a submodule.

        A commit with the file would replace that.
        """
        for parent in PurePosixPath(self.path).parents[:-1]:
            entry = self.git.run("ls-tree", "-z", commit, "--", str(parent))
            if entry and entry.split(maxsplit=2)[1] != b"tree":
                raise SyncError(texts.NOT_A_FILE(file=str(parent), branch=self.branch))

    def has(self, commit: str, *, in_history_of: str) -> bool:
        """Whether a commit is known and part of the history of another one."""
        known = self.git.ended("cat-file", "-e", f"{commit}^{{commit}}")
        if known.returncode:
            return False
        asked = self.git.ended("merge-base", "--is-ancestor", commit, in_history_of)
        return asked.returncode == 0

    def moved_to(self, old: str, new: str) -> str:
        """Return where the file of an older commit is now with the same content, or ''.

        Only names and ids are compared: to look for similar files, git would fetch all of them.
        """
        if self.git.ended("cat-file", "-e", f"{old}^{{commit}}").returncode:
            return ""
        before = self.git.run("ls-tree", "-z", old, "--", self.path)
        if not before:
            return ""
        blob = before.partition(b"\t")[0].split()[2]
        for entry in self.git.run("ls-tree", "-r", "-z", new).split(b"\0"):
            about, _tab, path = entry.partition(b"\t")
            mode, _kind, *id_ = about.decode().split() or ["", ""]
            if mode in _REGULAR and id_ == [blob.decode()]:
                return visible(path.decode(errors="replace"))
        return ""

    def last_author(self, commit: str) -> tuple[str, str]:
        """Return the short name and the author of the last commit that touched the file."""
        listed = self.git.run(
            "rev-list", "--max-count=1", "--no-commit-header", "--format=%h%x00%an", commit,
            "--", f":(literal){self.path}",
        )  # fmt: skip
        short, _nul, author = listed.decode(errors="replace").strip().partition("\0")
        return short, visible(author)

    def at(self, path: str) -> Repository:
        """Return the same branch with another file."""
        return replace(self, path=path)

    def commit(self, old: Version, data: bytes, *, by: Person, also: Sequence[Person]) -> str:
        """Make a commit on `old` with new content for the file; return its id."""
        change = Change(path=self.path, data=data, mode=old.mode)
        return self.commit_all(old.commit, [change], by=by, message=_message(also))

    def commit_all(self, onto: str, changes: Sequence[Change], *, by: Person, message: str) -> str:
        """Make a commit on `onto` with these changes of files; return its id."""
        entries = []
        for change in changes:
            if change.data is None:
                entries.append(f"0 {'0' * len(onto)}\t{change.path}\0")
                continue
            blob = self.git.run("hash-object", "-w", "--stdin", data=change.data).decode().strip()
            entries.append(f"{change.mode} {blob}\t{change.path}\0")
        with tempfile.TemporaryDirectory(dir=self.git.directory) as folder:
            index = {"GIT_INDEX_FILE": os.path.join(folder, "index")}
            self.git.run("read-tree", onto, more=index)
            data = "".join(entries).encode()
            self.git.run("update-index", "-z", "--index-info", data=data, more=index)
            # The blobs of the other files may not be here, and are not needed for their names.
            tree = self.git.run("write-tree", "--missing-ok", more=index).decode().strip()
        names = {
            "GIT_AUTHOR_NAME": by.name,
            "GIT_AUTHOR_EMAIL": by.email,
            "GIT_COMMITTER_NAME": PORTAL.name,
            "GIT_COMMITTER_EMAIL": PORTAL.email,
        }
        made = self.git.run(
            "commit-tree", tree, "-p", onto, "-F", "-", data=message.encode(), more=names
        )
        return made.decode().strip()

    def blob(self, commit: str, path: str) -> str:
        """Return the blob of a file in a commit, '' where there is no plain file."""
        entry = self.git.run("ls-tree", "-z", commit, "--", path)
        mode, _space, rest = entry.partition(b"\t")[0].decode().partition(" ")
        return rest.split()[1] if mode in _REGULAR else ""

    def content(self, blob: str) -> bytes:
        """Return the content of a blob."""
        return self.git.run("cat-file", "blob", blob)

    def push(self, commit: str, *, onto: str) -> Answer:
        """Push a commit to the branch if that is still at `onto`; raises SyncError if unclear."""
        return self._push(commit, self.branch, lease=onto)

    def propose(self, commit: str, branch: str, *, last: str) -> Answer:
        """Put a commit on a branch for people to merge, in place of `last`, the one before.

        The branch is the portal's, but others may push to it: until they are merged, the answer
        is CHANGED, and their commits stay.
        """
        there = self._tip(branch)
        if there and self._tree_of(there) == self._tree_of(commit):
            return Answer(pushed=Pushed.TAKEN, commit=there)
        is_merged = bool(there) and self.has(there, in_history_of=commit)
        if there not in {_ABSENT, last} and not is_merged:
            return Answer(pushed=Pushed.CHANGED)
        answer = self._push(commit, branch, lease=there)
        if answer.pushed is Pushed.CHANGED and self._tip(branch) == there:
            # No commits of others: the service cannot make it, as beside a branch `guardianflow`.
            return replace(answer, pushed=Pushed.REFUSED)
        return answer

    def is_at(self, branch: str, commit: str) -> bool:
        """Whether a branch of the remote is at a commit."""
        return self._tip(branch) == commit

    def withdraw(self, branch: str, *, last: str) -> bool:
        """Delete a branch if it still is at the commit that was proposed last."""
        if self._tip(branch) != last:
            return False
        return self._push("", branch, lease=last).pushed is Pushed.TAKEN

    def _tip(self, branch: str) -> str:
        try:
            self._fetch(branch)
            return self._commit_of(branch)
        except GitError:
            return _ABSENT

    def _push(self, commit: str, branch: str, *, lease: str) -> Answer:
        ref = f"refs/heads/{branch}"
        done = self.git.ended(
            "push", "--porcelain", "--no-verify", f"--force-with-lease={ref}:{lease}",
            REMOTE, f"{commit}:{ref}",
        )  # fmt: skip
        output = done.stdout.decode(errors="replace")
        stderr = self._masked(" ".join(done.stderr.decode(errors="replace").split())[-500:])
        if done.returncode == 0:
            return Answer(pushed=Pushed.TAKEN, commit=commit)
        refused = _REFUSED.search(output)
        if refused and _RACE.search(refused[1]):
            return Answer(pushed=Pushed.CHANGED, reason=self._masked(refused[1]))
        if refused:
            return Answer(pushed=Pushed.REFUSED, reason=self._masked(refused[1]))
        if _CHANGED.search(output):
            return Answer(pushed=Pushed.CHANGED)
        raise SyncError(texts.PUSH_UNCLEAR(url=self.shown_url, problem=stderr))

    def _fetch(self, branch: str) -> None:
        self.git.run(
            "fetch", "--quiet", "--no-tags", "--no-write-fetch-head", "--filter=blob:none",
            REMOTE, f"+refs/heads/{branch}:{_kept_as(branch)}",
        )  # fmt: skip

    def _commit_of(self, branch: str) -> str:
        name = f"{_kept_as(branch)}^{{commit}}"
        return self.git.run("rev-parse", "--verify", "--quiet", name).decode().strip()

    def _tree_of(self, commit: str) -> str:
        return self.git.run("rev-parse", "--verify", f"{commit}^{{tree}}").decode().strip()

    def _masked(self, text: str) -> str:
        return text.replace(self.url, self.shown_url)


def _kept_as(branch: str) -> str:
    return _HERE + quote(branch, safe="")


def _message(also: Sequence[Person]) -> str:
    """Return the message of a commit; further people stand at its end as git knows them."""
    trailers = "".join(f"Co-authored-by: {name} <{email}>\n" for name, email in also)
    return f"{texts.COMMIT_SUBJECT}\n" + (f"\n{trailers}" if trailers else "")
