"""Rows of runs. The Run table is the queue: order, exclusivity and state live here.

Every change of state is one conditional update (`RunQuerySet.move`); zero rows changed means
that somebody else was first. The run folder is the witness these rows are derived from.
"""

from runs_app.models.files import RunFile
from runs_app.models.hosts import GpuLease, HostHeartbeat
from runs_app.models.querysets import RunQuerySet
from runs_app.models.rules import HIGHEST_PRIORITY, LOWEST_PRIORITY
from runs_app.models.runs import Run

__all__ = [
    "HIGHEST_PRIORITY",
    "LOWEST_PRIORITY",
    "GpuLease",
    "HostHeartbeat",
    "Run",
    "RunFile",
    "RunQuerySet",
]
