"""Whether a user may queue runs now; asked again whenever something starts in its name."""

from __future__ import annotations

from django.contrib.auth.models import User

from runs_app.exceptions import RefusedError
from runs_app.texts import sets as texts

QUEUE_PERMISSION = "runs_app.queue_run"


def may_queue(user: User) -> bool:
    """Whether a user has the right in the database, whatever this process remembers of it."""
    found = User.objects.filter(pk=user.pk).first()
    return found is not None and found.is_active and found.has_perm(QUEUE_PERMISSION)


def check_may_queue(user: User) -> None:
    """Raise RefusedError unless a user may queue runs."""
    if not may_queue(user):
        raise RefusedError(texts.NO_RIGHT(user=user.get_username()))
