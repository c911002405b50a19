"""Changed commands in the form of runs: equal changes are read once, however many there are.

The form carries the digest of each command that it showed, and the key of each change that was
ticked. Both must still be current, or the form is shown again.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Mapping, Sequence
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

    `key` identifies the change. `is_new`: no engineer has ever confirmed one of their commands.
    """

    key: str
    members: tuple[Unconfirmed, ...]
    differences: tuple[ShownDifference, ...]
    is_new: bool
    is_read: bool

    @property
    def names(self) -> list[str]:
        return [member.entry_point.experiment.name for member in self.members]

    @property
    def changes(self) -> list[tuple[str, str]]:
        """Each experiment with who changed it and when, '' where unknown."""
        return [
            (member.entry_point.experiment.name, who_and_when(member)) for member in self.members
        ]


@dataclass(frozen=True, kw_only=True)
class Commands:
    """The commands of a form, by the key that starts the names of its fields for each.

    `digests` are the current ones, `waiting` is what must be read, `read` is what was ticked in
    its current version. `is_changed`: a command differs from the one that the form showed.
    """

    digests: dict[str, str]
    waiting: dict[str, Unconfirmed]
    groups: tuple[Group, ...]
    read: frozenset[str]
    is_changed: bool

    @property
    def all_read(self) -> bool:
        return self.read >= self.waiting.keys()

    def may_ask(self, key: str) -> bool:
        """Whether the interpreter of a command may be started to check it."""
        return key not in self.waiting or key in self.read

    def confirms(self, key: str) -> str:
        """Return the digest that the sender of the form has read, '' if none."""
        return self.digests[key] if key in self.read else ""


def commands_of(entries: Mapping[str, EntryPoint], data: QueryDict | None = None) -> Commands:
    """Return the commands of a form, and which of them its sender has read; two queries."""
    keys = {entry.pk: key for key, entry in entries.items()}
    sent = data if data is not None else QueryDict()
    digests = {key: digest_of(command_of(entry)) for key, entry in entries.items()}
    shown = {key: sent.get(f"{key}-command", "") for key in digests}
    waiting = {
        keys[unconfirmed.entry_point.pk]: unconfirmed
        for unconfirmed in all_unconfirmed(list(entries.values()))
    }
    ticked = set(sent.getlist("read"))
    read = {
        key
        for key, unconfirmed in waiting.items()
        if shown[key] == digests[key] and key_of(unconfirmed) in ticked
    }
    unread = {key_of(unconfirmed) for key, unconfirmed in waiting.items() if key not in read}
    return Commands(
        digests=digests,
        waiting=waiting,
        groups=tuple(groups_of(list(waiting.values()), read=ticked - unread)),
        read=frozenset(read),
        is_changed=any(shown[key] and shown[key] != digests[key] for key in digests),
    )


def groups_of(waiting: Sequence[Unconfirmed], *, read: Collection[str] = ()) -> list[Group]:
    """Return the changes to be read, the most frequent first; `read` are keys that were ticked."""
    members: dict[str, list[Unconfirmed]] = {}
    for unconfirmed in waiting:
        members.setdefault(key_of(unconfirmed), []).append(unconfirmed)
    groups = [
        Group(
            key=key,
            members=tuple(some),
            differences=tuple(_shown(difference, some[0]) for difference in _differences(some[0])),
            is_new=some[0].confirmed is None,
            is_read=key in read,
        )
        for key, some in members.items()
    ]
    return sorted(groups, key=lambda group: -len(group.members))


def key_of(waiting: Unconfirmed) -> str:
    """Return a digest of a change: equal for entry points with the same old and new values."""
    changes = [
        [difference.field.rpartition(".")[2], difference.old, difference.new]
        for difference in _differences(waiting)
    ]
    text = json.dumps([waiting.confirmed is None, changes], ensure_ascii=False)
    return hashlib.sha256(text.encode(errors="surrogatepass")).hexdigest()[:32]


def _differences(waiting: Unconfirmed) -> list[Difference]:
    """Return what must be read; a first directory comes before the fields of its experiment."""
    return [
        difference
        for difference in waiting.differences
        if difference.field != DIRECTORY or difference.old or len(waiting.differences) == 1
    ]


def _shown(difference: Difference, waiting: Unconfirmed) -> ShownDifference:
    return ShownDifference(label=label(difference), pieces=words(difference, waiting))
