"""Commands changed by a user without permission to run scripts: read first, then queued."""

from __future__ import annotations

import logging
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from django.contrib.auth.models import User
from django.utils.translation import gettext as _

from registry_app.arguments.secret_text import masked
from registry_app.choices import ConfirmedBy
from registry_app.fields import confirmation
from registry_app.fields.confirmation import DIRECTORY, Difference, Unconfirmed
from registry_app.fields.names import ENTRY_POINT_COLUMNS, split_field
from registry_app.fields.word_diff import Piece, marked, pieces
from registry_app.messages import Message, plain
from registry_app.messages import lines as several_lines
from registry_app.models import EntryPoint
from registry_app.reading import message_text
from runs_app.exceptions import UnconfirmedError
from runs_app.sentences import short_time
from runs_app.texts import requests as texts
from runs_app.trainers import core

logger = logging.getLogger(__name__)


def check(waiting: Unconfirmed, read: str) -> None:
    """Raise UnconfirmedError unless `read` is the digest of the current command."""
    if read != waiting.digest:
        raise UnconfirmedError(_message(waiting), waiting=waiting)


def keep(entry: EntryPoint, read: Unconfirmed | None, *, user: User | None) -> None:
    """Store that `user` has read the command; call it in the transaction that queues a run.

    `read` is what was shown, None if the command needed no reading. Raises UnconfirmedError if
    the command was changed after that.
    """
    now = EntryPoint.objects.select_related("experiment").filter(pk=entry.pk).first()
    waiting = confirmation.unconfirmed(now) if now is not None else None
    if now is None or waiting is None:
        return
    check(waiting, read.digest if read else "")
    how = ConfirmedBy.FORM if user is not None else ConfirmedBy.COMMAND
    confirmation.confirm(now, how=how, by=user)
    logger.info(
        "confirmed a command experiment=%s type=%s digest=%s by=%s",
        *(now.experiment, now.type, waiting.digest, user.pk if user is not None else "command"),
    )


def _message(waiting: Unconfirmed) -> Message:
    """Return what must be read, one changed field per line, and how to confirm it."""
    changes = [plain(line) for line in lines(waiting)]
    advice = texts.READ_IT(digest=waiting.digest)
    return several_lines([plain(summary(waiting)), *changes, advice])


def summary(waiting: Unconfirmed) -> str:
    """Return who changed the command and when, as far as known."""
    text = texts.NO_ENGINEER_CONFIRMED if waiting.confirmed is None else texts.COMMAND_CHANGED
    sentence = message_text(text(entry=str(waiting.entry_point)))
    return f"{sentence} {who_and_when(waiting)}".strip()


def who_and_when(waiting: Unconfirmed) -> str:
    """Return the latest change as a sentence, '' if its time is unknown."""
    if waiting.changed_at is None:
        return ""
    when = short_time(waiting.changed_at)
    if not waiting.changed_by:
        return message_text(texts.LAST_CHANGE(when=when))
    return message_text(texts.LAST_CHANGE_BY(user=str(waiting.changed_by), when=when))


def lines(waiting: Unconfirmed) -> list[str]:
    """Return each changed field as one line, with removed and added words marked."""
    return [
        f"  {label(difference)}: {marked(words(difference, waiting))}"
        for difference in waiting.differences
    ]


def words(difference: Difference, waiting: Unconfirmed) -> tuple[Piece, ...]:
    """Return a changed field word by word; for a secret, only that it was changed.

    A secret mark that no engineer has confirmed hides nothing. Otherwise a user without permission
    to run scripts could put a word into a command that is shown as ***.
    """
    before = (waiting.confirmed.values.get("parameters") if waiting.confirmed else None) or ()
    confirmed = {row.get("name") for row in before if row.get("secret")}
    marks = [*_without_marks(waiting.entry_point.parameters, confirmed), *before]
    if difference.field.endswith(".parameters"):
        new: Any = [
            {**shown, **{key: row[key] for key in ("secret",) if key in row}}
            for row, shown in zip(
                difference.new or (),
                masked(difference.field, _without_marks(difference.new or (), confirmed)),
                strict=True,
            )
        ]
    else:
        new = masked(difference.field, difference.new, marks)
    found = pieces(masked(difference.field, difference.old, marks), new)
    if not any(piece.state for piece in found):
        found.append(Piece(text=" " + _("(a secret value was changed)"), state="new"))
    if files := core.changed_files(str(difference.old or ""), str(difference.new or "")):
        found.append(Piece(text=f" ({_files_text(files)})", state="new"))
    return tuple(found)


def _files_text(files: Mapping[core.FileChange, Sequence[str]]) -> str:
    """Return which files of a trainer are new, changed or gone."""
    texts_of = {
        core.FileChange.NEW: _("new: {names}"),
        core.FileChange.CHANGED: _("changed: {names}"),
        core.FileChange.GONE: _("gone: {names}"),
    }
    return "; ".join(
        text.format(names=", ".join(files[kind])) for kind, text in texts_of.items() if files[kind]
    )


def _without_marks(
    rows: Iterable[Mapping[str, Any]], confirmed: Collection[Any]
) -> list[dict[str, Any]]:
    """Return parameters without secret marks that are not confirmed."""
    return [
        {
            key: value
            for key, value in row.items()
            if key != "secret" or not value or row.get("name") in confirmed
        }
        for row in rows
    ]


def label(difference: Difference) -> str:
    """Return the label of a field of a command for users."""
    if difference.field == DIRECTORY:
        return _("directory")
    column = ENTRY_POINT_COLUMNS[split_field(difference.field)[1]]
    return str(EntryPoint._meta.get_field(column).verbose_name)  # type: ignore[union-attr]
