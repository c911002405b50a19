"""The registry file on a branch of the core repository, as a place of a sync."""

from __future__ import annotations

import logging
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from django.conf import settings

from registry_app.messages import Message
from registry_app.models import SyncedFile
from registry_app.sync.authors import Authors, Person
from registry_app.sync.errors import SyncError
from registry_app.sync.git import credentials, folders, trainers
from registry_app.sync.git.plumbing import Git
from registry_app.sync.git.repository import PORTAL, Pushed, Repository, Version
from registry_app.sync.place import Content, Outcome, Prepared, Proposal, Put
from registry_app.texts import core_sync as texts

logger = logging.getLogger(__name__)

# Where the portal's changes wait if the branch itself takes no pushes.
PROPOSED = "guardianflow/sync"
_TEXTS = {
    Pushed.TAKEN: texts.WAITS_FOR_MERGE,
    Pushed.CHANGED: texts.OTHERS_ON_BRANCH,
    Pushed.REFUSED: texts.NO_PUSH_AT_ALL,
}
# Signs that git takes off both ends of a name.
_SIGNS = " .,:;<>\"\\'"


@dataclass(kw_only=True)
class CoreRepository:
    """A file of a remote repository; `open` fetches, and the rest works on what was fetched."""

    repository: Repository
    _head: str = field(default="", init=False)
    _read: Version | None = field(default=None, init=False)

    @property
    def name(self) -> str:
        return core_name()

    def open(self) -> None:
        self._head = self.repository.fetch()

    def keep(self) -> None:
        folders.keep(self.repository.git, self._head)
        try:
            trainers.keep(self.repository.git, self._head)
        except OSError as error:  # the copies; a start makes them again
            logger.warning("trainers not kept commit=%s error=%s", self._head, error)

    def has(self, mark: Mapping[str, str]) -> bool:
        return self.repository.has(mark["commit"], in_history_of=self._head)

    def read(self, known: SyncedFile) -> Content:
        version = self.repository.read(self._head)
        if not version.blob and known.links.exists():
            raise SyncError(self._gone(known.commit))
        self._read = version
        return Content(data=version.data, commit=version.commit)

    def whose(self, content: Content) -> Message:
        commit, author = self.repository.last_author(content.commit)
        return texts.LAST_COMMIT(file=self.repository.path, commit=commit, author=author)

    def prepare(self, content: Content, data: bytes, authors: Authors) -> Prepared:
        assert self._read is not None  # noqa: S101  # what is written was read
        first, *also = [named(person) for person in authors()] or [PORTAL]
        commit = self.repository.commit(self._read, data, by=first, also=also)
        return Prepared(data=data, mark={"commit": commit})

    def put(self, known: SyncedFile, content: Content, prepared: Prepared) -> Outcome:
        commit = prepared.mark["commit"]
        answer = self.repository.push(commit, onto=content.commit)
        if answer.pushed is Pushed.TAKEN:
            return Outcome(put=Put.WRITTEN)
        if answer.pushed is Pushed.CHANGED:
            self.open()
            return Outcome(put=Put.CHANGED)
        return Outcome(put=Put.REFUSED, reason=answer.reason)

    def propose(self, known: SyncedFile, prepared: Prepared, reason: str) -> Proposal:
        commit = prepared.mark["commit"]
        proposed = self.repository.propose(commit, PROPOSED, last=known.proposed)
        remark = _TEXTS[proposed.pushed](
            branch=self.repository.branch,
            proposed=PROPOSED,
            url=self.repository.shown_url,
            problem=reason,
        )
        return Proposal(commit=proposed.commit, remark=remark)

    def is_proposed(self, mark: Mapping[str, str]) -> bool:
        return self.repository.is_at(PROPOSED, mark["commit"])

    def remark(self, known: SyncedFile, content: Content) -> Message | None:
        if not known.commit or self.repository.has(known.commit, in_history_of=content.commit):
            return None
        return texts.REWRITTEN(branch=self.repository.branch)

    def withdraw(self, known: SyncedFile) -> None:
        """Delete the branch for a merge request, for nothing waits any more."""
        if not known.proposed:
            return
        try:
            self.repository.withdraw(PROPOSED, last=known.proposed)
        except SyncError as error:
            logger.warning("branch not deleted branch=%s error=%s", PROPOSED, error)

    def _gone(self, last: str) -> Message:
        of = self.repository
        new = of.moved_to(last, self._head) if last else ""
        if new:
            return texts.FILE_MOVED(file=of.path, branch=of.branch, new=new)
        return texts.FILE_REMOVED(file=of.path, branch=of.branch)


def core_name() -> str:
    """Return the name of the file of the settings: remote, branch and path, without a password."""
    url = credentials.masked_url(settings.GUARDIANFLOW_CORE_URL)
    return f"{url} {settings.GUARDIANFLOW_CORE_BRANCH}:{settings.GUARDIANFLOW_CORE_REGISTRY_PATH}"


def check_git() -> None:
    """Raise SyncError if git is missing or too old for the core repository."""
    Git(directory=Path(settings.GUARDIANFLOW_HOME) / "core.git").check_version()


def core_repository() -> CoreRepository:
    """Return the place that the settings name; raises SyncError for unusable credentials."""
    url = settings.GUARDIANFLOW_CORE_URL
    variables = credentials.environment(
        url,
        settings.GUARDIANFLOW_CORE_CREDENTIALS_FILE,
        proxy=settings.GUARDIANFLOW_CORE_PROXY,
        ca_file=settings.GUARDIANFLOW_CORE_CA_FILE,
    )
    directory = Path(settings.GUARDIANFLOW_HOME) / "core.git"
    return CoreRepository(
        repository=Repository(
            git=Git(directory=directory, variables=variables),
            url=url,
            branch=settings.GUARDIANFLOW_CORE_BRANCH,
            path=settings.GUARDIANFLOW_CORE_REGISTRY_PATH,
        )
    )


def named(person: Person) -> Person:
    """Return a person as git takes one: it refuses a name of nothing but signs, and no other."""
    name = "".join(" " if character in "<>" else character for character in person.name)
    email = re.sub(r"[<>\s\x00-\x1f\x7f]", "", person.email)
    return Person(" ".join(name.split()).strip(_SIGNS) or PORTAL.name, email)
