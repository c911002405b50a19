"""Events of several sources become one timeline, in parts that neither repeat nor leave out any."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest

from registry_app.admin.details.events import (
    EVENTS_AT_ONCE,
    Event,
    Part,
    Source,
    limited,
    merged,
    moment_of,
)

NOON = datetime(2026, 11, 28, 12, tzinfo=UTC)


def at(minutes: int, kind: str = "edit") -> Event:
    return Event(at=NOON + timedelta(minutes=minutes), kind=kind, title=f"{kind} {minutes}")


def source_of(events: Sequence[Event], *, at_most: int = 1000) -> Source:
    """A source that gives at most so many events at a time, whatever it is asked for."""

    def source(before: datetime | None, most: int) -> Part:
        newest = sorted(events, key=lambda event: event.at, reverse=True)
        found = [event for event in newest if before is None or event.at < before]
        most = min(most, at_most)
        return limited(found[: most + 1], most)

    return source


def read_all(sources: Sequence[Source]) -> list[str]:
    """What a reader sees who asks for earlier entries until there are none."""
    timeline = merged(sources, None)
    titles = [str(event.title) for event in timeline.events]
    while timeline.older:
        timeline = merged(sources, moment_of(timeline.older))
        titles += [str(event.title) for event in timeline.events]
    return titles


@pytest.mark.parametrize(
    ("edits", "runs", "at_most"),
    [
        (3, 4, 1000),
        (EVENTS_AT_ONCE, 0, 1000),
        (EVENTS_AT_ONCE + 1, 2, 1000),
        (100, 70, 1000),
        (100, 70, 5),
        (0, 0, 1000),
    ],
)
def test_all_parts_together_are_every_event_once_and_in_order(
    edits: int, runs: int, at_most: int
) -> None:
    first = [at(2 * number, "edit") for number in range(edits)]
    other = [at(3 * number + 1, "run") for number in range(runs)]
    titles = read_all([source_of(first, at_most=at_most), source_of(other)])
    everything = sorted([*first, *other], key=lambda event: event.at, reverse=True)
    assert sorted(titles) == sorted(str(event.title) for event in everything)
    times = {str(event.title): event.at for event in everything}
    assert [times[title] for title in titles] == [event.at for event in everything]


def test_what_happened_in_one_moment_is_not_torn_apart() -> None:
    events = [at(number) for number in range(EVENTS_AT_ONCE - 1)]
    together = [at(-1, "run"), at(-1, "scan"), at(-1, "note")]
    titles = read_all([source_of([*events, *together])])
    assert len(titles) == len(set(titles)) == len(events) + len(together)


@pytest.mark.parametrize("text", ["", "yesterday", "2026-13-40T00:00:00Z", "2026-11-28T12:00:00"])
def test_an_address_without_a_moment_shows_the_newest(text: str) -> None:
    assert moment_of(text) is None


def test_a_moment_survives_the_address() -> None:
    assert moment_of(NOON.isoformat()) == NOON
