"""What happened to a row, as one list: the type of its entries, and how sources are merged."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils.dateparse import parse_datetime
from django.utils.safestring import SafeString

from registry_app.admin.history_pages.values import Difference
from registry_app.models import ChangeSet

EVENTS_AT_ONCE = 20


@dataclass(frozen=True, kw_only=True)
class Event:
    """One entry of a timeline.

    `kind` chooses its icon. `change_set` is what an undo would take back; `is_alone` says that it
    changed this row and nothing else, so that the undo can be offered here.
    """

    at: datetime
    kind: str
    title: SafeString | str
    by: str = ""
    changes: Sequence[Difference] = ()
    change_set: ChangeSet | None = None
    is_alone: bool = False


@dataclass(frozen=True, kw_only=True)
class Part:
    """Events of one source, newest first, complete back to `since`; None: complete."""

    events: Sequence[Event]
    since: datetime | None = None


# Returns the newest events before a moment (None: the newest of all), about as many as asked for.
Source = Callable[[datetime | None, int], Part]


@dataclass(frozen=True, kw_only=True)
class Timeline:
    """Events, newest first; `older` is the moment to continue before, '' at the end."""

    events: Sequence[Event]
    older: str


def merged(sources: Sequence[Source], before: datetime | None) -> Timeline:
    """Return the newest events of all sources before a moment, or the newest of all."""
    parts = [source(before, EVENTS_AT_ONCE) for source in sources]
    found = sorted(
        (event for part in parts for event in part.events),
        key=lambda event: event.at,
        reverse=True,
    )
    # Where one source ends early, what others say of the time before would be out of order.
    limits = [part.since for part in parts if part.since is not None]
    shown = [event for event in found if not limits or event.at > max(limits)]
    is_more = bool(limits) or len(shown) > EVENTS_AT_ONCE
    if len(shown) > EVENTS_AT_ONCE:
        last = shown[EVENTS_AT_ONCE - 1].at
        # Events of one moment stay together, else the next part would leave out the rest of them.
        shown = [event for event in shown if event.at >= last]
    older = shown[-1].at.isoformat() if shown and is_more else ""
    return Timeline(events=shown, older=older)


def limited(events: Sequence[Event], most: int) -> Part:
    """Return at most `most` events of a source that was queried for one more."""
    if len(events) <= most:
        return Part(events=events)
    return Part(events=events[:most], since=events[most].at)


def moment_of(text: str) -> datetime | None:
    """Return the moment in a URL, None for anything else."""
    try:
        found = parse_datetime(text)
    except ValueError:
        return None
    return found if found is not None and found.tzinfo is not None else None
