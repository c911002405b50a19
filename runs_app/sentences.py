"""What rows of runs hold for machines, in the words of whoever reads it."""

from __future__ import annotations

import signal
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone
from django.utils.translation import get_language, gettext_noop
from django.utils.translation import gettext as _

# Who acts where no person does; stored as they stand here, as nobody knows who will read them.
COMMAND_LINE = gettext_noop("the command line")
INTERRUPT = gettext_noop("an interrupt")
END_OF_TERMINAL = gettext_noop("the end of the terminal it waited in")
_ACTORS = frozenset({COMMAND_LINE, INTERRUPT, END_OF_TERMINAL})


def duration_text(duration: timedelta | None) -> str:
    """Return a length of time for people, '' where it is not known."""
    if duration is None:
        return ""
    minutes, seconds = divmod(max(0, round(duration.total_seconds())), 60)
    hours, minutes = divmod(minutes, 60)
    if hours and minutes:
        return _("{hours} h {minutes} min").format(hours=hours, minutes=minutes)
    if hours:
        return _("{hours} h").format(hours=hours)
    if minutes and seconds:
        return _("{minutes} min {seconds} s").format(minutes=minutes, seconds=seconds)
    if minutes:
        return _("{minutes} min").format(minutes=minutes)
    return _("{seconds} s").format(seconds=seconds)


def short_time(moment: datetime | None) -> str:
    """Return a time to the minute in the portal's zone, '' where it is not known."""
    return timezone.localtime(moment).strftime("%Y-%m-%d %H:%M") if moment else ""


def actor_text(name: str) -> str:
    """Return who did something: a person by name, anything else in the reader's language."""
    return _(name) if name in _ACTORS else name


def signal_text(number: int) -> str:
    """Return a signal with its name, such as 9 (SIGKILL)."""
    try:
        return f"{number} ({signal.Signals(number).name})"
    except ValueError:  # one that has no name
        return str(number)


def filled_in(sentence: str, values: dict[str, Any]) -> str:
    """Put the values of a reason into its sentence, each as people write it.

    One of another version of the portal may lack some; then it stays as it is.
    """
    words = dict(values)
    if isinstance(values.get("user"), str):
        words["user"] = actor_text(values["user"])
    if isinstance(values.get("signal"), int):
        words["signal"] = signal_text(values["signal"])
    if isinstance(values.get("seconds"), int):
        words["duration"] = duration_text(timedelta(seconds=values["seconds"]))
    told = values.get("told")
    if isinstance(told, dict):
        words["error"] = told.get(get_language(), values.get("error"))
    try:
        return sentence.format(**words)
    except KeyError:
        return sentence
