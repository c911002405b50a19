"""Files of run sets that come from git: read by an engineer first, then queued.

A user who may write to the core repository need not be allowed to run scripts. So a file of its
synced commit is queued only with the content that an engineer has confirmed last. A folder that
is named in a shell is not asked about: its user may run anything there anyway.
"""

from __future__ import annotations

import hashlib
import shlex
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from django.contrib.auth.models import User

from registry_app.choices import ConfirmedBy
from registry_app.fields.confirmation import Unconfirmed, all_unconfirmed
from registry_app.fields.line_diff import Line, line_diff
from registry_app.files.core_scripts import PREFIX, is_core
from registry_app.files.visible import visible
from registry_app.messages import Message, plain
from registry_app.messages import lines as several_lines
from registry_app.models import CoreTrainer, EntryPoint
from registry_app.reading import message_text
from runs_app.exceptions import RefusedError
from runs_app.lifecycle.prepare import outline
from runs_app.models import ConfirmedFile
from runs_app.preflight import confirmation as command_confirmation
from runs_app.preflight.script_choices import entry_point
from runs_app.sentences import short_time
from runs_app.sets.definitions import Definition, Wanted
from runs_app.sets.places import SourceFile
from runs_app.sets.plan import Planned, plan
from runs_app.texts import requests
from runs_app.texts import set_files as texts


@dataclass(frozen=True, kw_only=True)
class Content:
    """What is read of a file: its text, and the trainers of the core repository that it names.

    `trainers` are their digests by script. They are read with the file, because its steps start
    them whatever the default of the entry point is.
    """

    file: SourceFile
    trainers: Mapping[str, str]

    @property
    def digest(self) -> str:
        """The SHA-256 of the file; of file and trainers if it names any."""
        if not self.trainers:
            return self.file.digest
        return hashlib.sha256(self.text.encode(errors="surrogatepass")).hexdigest()

    @property
    def text(self) -> str:
        """The content as it is stored and compared; bytes that are no UTF-8 are written out."""
        text = self.file.data.decode("utf-8", "backslashreplace").replace("\0", "\\x00")
        lines = [f"# {script} → {digest}" for script, digest in sorted(self.trainers.items())]
        return "\n".join([text, *lines])


@dataclass(frozen=True, kw_only=True)
class Unread:
    """A file that waits for an engineer to read it.

    `members` are what it would queue, with their exact commands, as far as they are known without
    starting anything. `entries` are the changed commands among them, which are read with it.
    `confirmed` is the last confirmation, None if there never was one.
    """

    content: Content
    lines: tuple[Line, ...]
    members: tuple[Planned, ...]
    entries: tuple[Unconfirmed, ...]
    confirmed: ConfirmedFile | None

    @property
    def digest(self) -> str:
        return self.content.digest

    @property
    def digests(self) -> frozenset[str]:
        """Everything that has been read by who has read this."""
        return frozenset({self.digest, *(entry.digest for entry in self.entries)})


class UnreadFileError(RefusedError):
    """The file was changed since an engineer read it; `unread` holds what must be read."""

    def __init__(self, unread: Unread) -> None:
        super().__init__(_message(unread))
        self.unread = unread


def content_of(definition: Definition) -> Content:
    """Return what is read of a file; one query if it names a trainer."""
    scripts = {str(entry.values.get("script", "")) for entry in definition.entries}
    named = {script for script in scripts if is_core(script)}
    paths = [script.removeprefix(PREFIX) for script in named]
    rows = CoreTrainer.objects.filter(path__in=paths) if paths else ()
    found = {f"{PREFIX}{row.path}": row.digest for row in rows}
    return Content(
        file=definition.file, trainers={script: found.get(script, "") for script in named}
    )


def unread(definition: Definition, content: Content | None = None) -> Unread | None:
    """Return what must be read before a file may be queued, None if nothing must.

    Starts nothing: no interpreter is asked about what an unread file names.
    """
    content = content or content_of(definition)
    row = _last(content.file)
    if _counts(row, content):
        return None
    wanted = definition.wanted()
    members = plan(wanted, is_chain=definition.is_chain, look=outline)
    return Unread(
        content=content,
        lines=tuple(line_diff(row.content if row else "", content.text)),
        members=tuple(members),
        entries=tuple(changed_commands(wanted)),
        confirmed=row,
    )


def check(definition: Definition, content: Content, read: Collection[str]) -> None:
    """Raise UnreadFileError if a file must be read, and its digest is not in `read`."""
    if content.digest not in read and (waiting := unread(definition, content)) is not None:
        raise UnreadFileError(waiting)


def keep(content: Content, *, user: User | None) -> None:
    """Store that `user` has read a file; call it in the transaction that queues the set."""
    if _counts(_last(content.file), content):
        return
    ConfirmedFile.objects.create(
        path=content.file.path,
        digest=content.digest,
        content=content.text,
        how=ConfirmedBy.COMMAND if user is None else ConfirmedBy.FORM,
        by=user,
    )


def pinned(wanted: Sequence[Wanted], content: Content) -> list[Wanted]:
    """Return the members; a later step starts a trainer only as it is now."""
    return [
        replace(item, spec=replace(item.spec, trainer=content.trainers.get(item.spec.script, "")))
        if item.spec is not None
        else item
        for item in wanted
    ]


def with_read_commands(wanted: Sequence[Wanted], read: Collection[str]) -> list[Wanted]:
    """Return the members; those whose changed command was read confirm it."""
    entries = _entries(wanted) if read else {}
    waiting = {row.entry_point.pk: row.digest for row in all_unconfirmed(list(entries.values()))}
    return [
        replace(item, spec=replace(item.spec, confirm=digest))
        if item.spec is not None
        and (entry := entry_point(item.spec.experiment, item.spec.type)) is not None
        and (digest := waiting.get(entry.pk, "")) in read
        else item
        for item in wanted
    ]


def changed_commands(wanted: Sequence[Wanted]) -> list[Unconfirmed]:
    """Return the changed commands of members that wait for an engineer."""
    return all_unconfirmed(list(_entries(wanted).values()))


def summary(waiting: Unread) -> str:
    """Return why a file must be read: that it is new, or who confirmed what before it."""
    row = waiting.confirmed
    if row is None:
        return message_text(texts.NEVER_CONFIRMED(file=waiting.content.file.path))
    when = short_time(row.at)
    if row.by is None:
        return message_text(texts.CHANGED(file=waiting.content.file.path, when=when))
    user = row.by.get_username()
    return message_text(texts.CHANGED_SINCE(file=waiting.content.file.path, when=when, user=user))


def shown(waiting: Unread) -> list[str]:
    """Return what must be read as lines of text: the difference, the commands, what changed."""
    found = [f"  {line.marked}" for line in waiting.lines]
    found.append(message_text(texts.WOULD_START()))
    for item in waiting.members:
        name = visible(item.name)
        if item.prepared is not None:
            found.append(f"  {name}: {visible(shlex.join(item.prepared.argv))}")
        elif item.refusal is not None:
            found.append(f"  {name}: {message_text(item.refusal)}")
    for entry in waiting.entries:
        found += [command_confirmation.summary(entry), *command_confirmation.lines(entry)]
    return found


def _last(file: SourceFile) -> ConfirmedFile | None:
    return ConfirmedFile.objects.filter(path=file.path).select_related("by").first()


def _counts(row: ConfirmedFile | None, content: Content) -> bool:
    """Whether a file may be queued as it is: it is of a shell, or its last reading is of this."""
    return not content.file.is_of_core or (row is not None and row.digest == content.digest)


def _entries(wanted: Sequence[Wanted]) -> dict[int, EntryPoint]:
    found = (
        entry_point(item.spec.experiment, item.spec.type)
        for item in wanted
        if item.spec is not None
    )
    return {entry.pk: entry for entry in found if entry is not None}


def _message(waiting: Unread) -> Message:
    """Return what must be read, and how to confirm it."""
    advice = requests.READ_IT(digest=waiting.digest)
    return several_lines(
        [plain(summary(waiting)), *(plain(line) for line in shown(waiting)), advice]
    )
