"""A command that was changed by a user who may not run scripts: read first, then queued."""

from __future__ import annotations

import logging
from collections.abc import Collection, Iterable, Mapping
from typing import Any

from django.contrib.auth.models import User
from django.utils.translation import gettext as _

from registry_app.arguments.secret_text import masked
from registry_app.choices import ConfirmedBy
from registry_app.fields import confirmation
from registry_app.fields.confirmation import DIRECTORY, Difference, Unconfirmed
from registry_app.fields.names import ENTRY_POINT_COLUMNS, split_field
from registry_app.fields.word_diff import Piece, marked, pieces
from registry_app.models import EntryPoint
from runs_app.exceptions import UnconfirmedError
from runs_app.sentences import short_time

logger = logging.getLogger(__name__)


def check(waiting: Unconfirmed, read: str) -> None:
    """Raise UnconfirmedError unless `read` is the digest of the command as it is now."""
    if read != waiting.digest:
        raise UnconfirmedError(in_words(waiting), waiting=waiting)


def keep(entry: EntryPoint, read: Unconfirmed | None, *, user: User | None) -> None:
    """Write down that `user` has read the command; call it in the transaction that queues a run.

    `read` is what was shown, None where the command needed no reading. Raises UnconfirmedError
    where the command was changed after that.
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


def in_words(waiting: Unconfirmed) -> str:
    """Return what is to be read, one changed field a line, and how it is confirmed."""
    return "\n".join([summary(waiting), *lines(waiting), _advice(waiting)])


def summary(waiting: Unconfirmed) -> str:
    """Return who changed the command and when, as far as that is known."""
    entry = waiting.entry_point
    if waiting.confirmed is None:
        text = _("No engineer has confirmed the command of {entry} yet.").format(entry=entry)
    else:
        text = _("The command of {entry} was changed since an engineer confirmed it.").format(
            entry=entry
        )
    changed = who_and_when(waiting)
    return f"{text} {changed}".strip()


def who_and_when(waiting: Unconfirmed) -> str:
    """Return the latest change as a sentence, '' where its time is not known."""
    if waiting.changed_at is None:
        return ""
    when = short_time(waiting.changed_at)
    if not waiting.changed_by:
        return _("Last change: {when}.").format(when=when)
    return _("Last change: {user}, {when}.").format(user=waiting.changed_by, when=when)


def lines(waiting: Unconfirmed) -> list[str]:
    """Return each changed field as one line, words that went and came marked."""
    return [f"  {label(one)}: {marked(words(one, waiting))}" for one in waiting.differences]


def words(one: Difference, waiting: Unconfirmed) -> tuple[Piece, ...]:
    """Return a changed field word by word; of a secret only that it was changed is told.

    A mark that no engineer has confirmed hides nothing: else who may not run scripts could put a
    word into a command that is read as ***.
    """
    before = (waiting.confirmed.values.get("parameters") if waiting.confirmed else None) or ()
    confirmed = {row.get("name") for row in before if row.get("secret")}
    marks = [*_without_marks(waiting.entry_point.parameters, confirmed), *before]
    if one.field.endswith(".parameters"):
        new: Any = [
            {**shown, **{key: row[key] for key in ("secret",) if key in row}}
            for row, shown in zip(
                one.new or (),
                masked(one.field, _without_marks(one.new or (), confirmed)),
                strict=True,
            )
        ]
    else:
        new = masked(one.field, one.new, marks)
    found = pieces(masked(one.field, one.old, marks), new)
    if not any(piece.state for piece in found):
        found.append(Piece(text=" " + _("(a secret value was changed)"), state="new"))
    return tuple(found)


def _without_marks(
    rows: Iterable[Mapping[str, Any]], confirmed: Collection[Any]
) -> list[dict[str, Any]]:
    """Return parameters without the marks of secrets that are not confirmed."""
    return [
        {
            key: value
            for key, value in row.items()
            if key != "secret" or not value or row.get("name") in confirmed
        }
        for row in rows
    ]


def label(one: Difference) -> str:
    """Return what people call a field of a command."""
    if one.field == DIRECTORY:
        return _("directory")
    column = ENTRY_POINT_COLUMNS[split_field(one.field)[1]]
    return str(EntryPoint._meta.get_field(column).verbose_name)  # type: ignore[union-attr]


def _advice(waiting: Unconfirmed) -> str:
    return _(
        "Read it; then queue it in the form of the portal, or repeat the command with --confirm "
        "{digest}"
    ).format(digest=waiting.digest)
