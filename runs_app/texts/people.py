"""Who did something if it was not a user, and durations."""

from __future__ import annotations

from datetime import timedelta

from registry_app.messages import TEXTS, Message
from registry_app.messages import marked as _

# Stored in place of a user name; no user name can contain a colon.
COMMAND_LINE = ":command_line"
INTERRUPT = ":interrupt"
END_OF_TERMINAL = ":end_of_terminal"
PARITY = ":parity"

_ACTORS = {
    COMMAND_LINE: TEXTS.add("command_line", _("the command line")),
    INTERRUPT: TEXTS.add("interrupt", _("an interrupt")),
    PARITY: TEXTS.add("end_of_parity", _("the end of its comparison")),
    END_OF_TERMINAL: TEXTS.add("end_of_terminal", _("the closing of its terminal")),
}

_HOURS_MINUTES = TEXTS.add("hours_minutes", _("{hours} h {minutes} min"))
_HOURS = TEXTS.add("hours", _("{hours} h"))
_MINUTES_SECONDS = TEXTS.add("minutes_seconds", _("{minutes} min {seconds} s"))
_MINUTES = TEXTS.add("minutes", _("{minutes} min"))
_SECONDS = TEXTS.add("seconds", _("{seconds} s"))


def actor(name: str) -> Message | str:
    """Return who did something: a user by name, anything else as a message."""
    text = _ACTORS.get(name)
    return name if text is None else text()


def length_of_time(duration: timedelta) -> Message:
    """Return a duration as a message."""
    minutes, seconds = divmod(max(0, round(duration.total_seconds())), 60)
    hours, minutes = divmod(minutes, 60)
    if hours and minutes:
        return _HOURS_MINUTES(hours=hours, minutes=minutes)
    if hours:
        return _HOURS(hours=hours)
    if minutes and seconds:
        return _MINUTES_SECONDS(minutes=minutes, seconds=seconds)
    return _MINUTES(minutes=minutes) if minutes else _SECONDS(seconds=seconds)
