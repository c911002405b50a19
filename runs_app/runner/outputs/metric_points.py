"""The points of metrics, and the record of where they were read.

Apart from what reads them, which takes long to import.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from registry_app.messages import Message
from registry_app.results.rows import Skipped


@dataclass(frozen=True, kw_only=True)
class MetricPoint:
    """One value of one metric; time in milliseconds since 1970.

    `file` is the file or output that it was read from, `line` its line there, 0 if it has none.
    `was_before`: the file contained the same value before the run as well.
    """

    key: str
    value: float
    step: int
    timestamp_ms: int
    file: str = ""
    line: int = 0
    was_before: bool = False


@dataclass(frozen=True, kw_only=True)
class LivePoint:
    """A point that was seen while the script ran, in the file or output `file`.

    `name` is the one in the source. `is_sent`: it was sent to MLflow, or may have been, under the
    key of the point.
    """

    point: MetricPoint
    name: str
    is_sent: bool


@dataclass(frozen=True, kw_only=True)
class SourceRecord:
    """A source, its reader, and how many points were taken or why none were.

    `skipped` are the values that were seen and not taken, by name.
    """

    source: str
    reader: str = ""
    points: int = 0
    reason: Message | None = None
    notes: tuple[Message, ...] = ()
    skipped: Mapping[str, Skipped] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Collected:
    """The metrics of a run and the record of all sources.

    `seen` is by name how many points there were, if fewer are saved.
    """

    points: tuple[MetricPoint, ...] = ()
    sources: tuple[SourceRecord, ...] = ()
    seen: Mapping[str, int] = field(default_factory=dict)
