"""Changed commands in the form of runs: equal changes are read once, whatever their number.

The form carries the digest of each command that it showed, and the key of each change that was
ticked. Both must be those of now, or the form is shown again.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from django.http import QueryDict

from registry_app.fields.confirmation import (
    DIRECTORY,
    Difference,
    Unconfirmed,
    all_unconfirmed,
    command_of,
    digest_of,
)
from registry_app.fields.word_diff import Piece
from registry_app.models import EntryPoint
from runs_app.preflight.confirmation import label, who_and_when, words


@dataclass(frozen=True, kw_only=True)
class ShownDifference:
    """One changed field, word by word."""

    label: str
    pieces: tuple[Piece, ...]


@dataclass(frozen=True, kw_only=True)
class Group:
    """Entry points whose commands changed in the same way; one tick confirms them.

    `key` names the change. `is_new`: an engineer never confirmed a command of them.
    """

    key: str
    members: tuple[Unconfirmed, ...]
    differences: tuple[ShownDifference, ...]
    is_new: bool
    is_read: bool

    @property
    def names(self) -> list[str]:
        return [one.entry_point.experiment.name for one in self.members]

    @property
    def changes(self) -> list[tuple[str, str]]:
        """Each experiment with who changed it and when, '' where unknown."""
        return [(one.entry_point.experiment.name, who_and_when(one)) for one in self.members]


@dataclass(frozen=True, kw_only=True)
class Commands:
    """The commands of a form by the number of their experiment.

    `digests` are those of now, `waiting` what is to be read, `read` which of that was ticked as it
    is now. `is_changed`: a command is another one than the form had shown.
    """

    digests: dict[int, str]
    waiting: dict[int, Unconfirmed]
    groups: tuple[Group, ...]
    read: frozenset[int]
    is_changed: bool

    @property
    def all_read(self) -> bool:
        return self.read >= self.waiting.keys()

    def may_ask(self, experiment: int) -> bool:
        """Whether the interpreter of a command may be started to check it."""
        return experiment not in self.waiting or experiment in self.read

    def confirms(self, experiment: int) -> str:
        """Return the digest that the sender of the form has read, '' where none."""
        return self.digests[experiment] if experiment in self.read else ""


def commands_of(entries: Iterable[EntryPoint], data: QueryDict | None = None) -> Commands:
    """Return the commands of a form, and what of them its sender has read; two queries."""
    entries = list(entries)
    sent = data if data is not None else QueryDict()
    digests = {one.experiment_id: digest_of(command_of(one)) for one in entries}
    shown = {pk: sent.get(f"{pk}-command", "") for pk in digests}
    waiting = {one.entry_point.experiment_id: one for one in all_unconfirmed(entries)}
    ticked = set(sent.getlist("read"))
    read = {pk for pk, one in waiting.items() if shown[pk] == digests[pk] and key_of(one) in ticked}
    unread = {key_of(one) for pk, one in waiting.items() if pk not in read}
    return Commands(
        digests=digests,
        waiting=waiting,
        groups=tuple(groups_of(list(waiting.values()), read=ticked - unread)),
        read=frozenset(read),
        is_changed=any(shown[pk] and shown[pk] != digests[pk] for pk in digests),
    )


def groups_of(waiting: Sequence[Unconfirmed], *, read: Collection[str] = ()) -> list[Group]:
    """Return the changes to be read, the most frequent first; `read` are keys that were ticked."""
    members: dict[str, list[Unconfirmed]] = {}
    for one in waiting:
        members.setdefault(key_of(one), []).append(one)
    groups = [
        Group(
            key=key,
            members=tuple(some),
            differences=tuple(_shown(one, some[0]) for one in _told(some[0])),
            is_new=some[0].confirmed is None,
            is_read=key in read,
        )
        for key, some in members.items()
    ]
    return sorted(groups, key=lambda group: -len(group.members))


def key_of(waiting: Unconfirmed) -> str:
    """Return a digest of a change: equal for entry points in which the same became the same."""
    told = [[one.field.rpartition(".")[2], one.old, one.new] for one in _told(waiting)]
    text = json.dumps([waiting.confirmed is None, told], ensure_ascii=False)
    return hashlib.sha256(text.encode(errors="surrogatepass")).hexdigest()[:32]


def _told(waiting: Unconfirmed) -> list[Difference]:
    """Return what is to be read; a first directory stands above the fields of its experiment."""
    return [
        one
        for one in waiting.differences
        if one.field != DIRECTORY or one.old or len(waiting.differences) == 1
    ]


def _shown(one: Difference, waiting: Unconfirmed) -> ShownDifference:
    return ShownDifference(label=label(one), pieces=words(one, waiting))
