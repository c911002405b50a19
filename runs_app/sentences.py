"""Times, durations, actors and paths as readers see them, in their language."""

from __future__ import annotations

import re
import signal
from datetime import datetime, timedelta

from django.utils import timezone

from registry_app.messages import Message
from registry_app.reading import message_text
from runs_app.texts.people import actor, length_of_time

# The parent and the name are what a path in a narrow cell is read for.
_LONG_PATH = re.compile(r"(?<![\w.:/])/(?:[^\s/'\",:]+/){2,}(?=[^\s/'\",:]+/[^\s/'\",:]+)")


def short_paths(text: str) -> str:
    """Return a sentence with the beginning of each long absolute path replaced by "…/"."""
    return _LONG_PATH.sub("…/", text)


def duration_text(duration: timedelta | None) -> str:
    """Return a duration as readable text, '' if unknown."""
    return "" if duration is None else message_text(length_of_time(duration))


def short_time(moment: datetime | None) -> str:
    """Return a time to the minute in the portal's time zone, '' if unknown."""
    return timezone.localtime(moment).strftime("%Y-%m-%d %H:%M") if moment else ""


def actor_text(name: str) -> str:
    """Return who did something: a user by name, anything else in the reader's language."""
    found = actor(name)
    return message_text(found) if isinstance(found, Message) else found


def signal_text(number: int) -> str:
    """Return a signal with its name, such as 9 (SIGKILL)."""
    try:
        return f"{number} ({signal.Signals(number).name})"
    except ValueError:  # a signal without a name
        return str(number)
