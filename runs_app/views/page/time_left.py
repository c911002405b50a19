"""How far a running script is, and when it is expected to end."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from statistics import median

from django.utils import timezone
from django.utils.translation import gettext as _

from runs_app.choices import RunStatus
from runs_app.models import Run
from runs_app.records.progress import Progress, progress_of
from runs_app.views.table.states import short_duration

# Less of a run says nothing of the rest: it loads data and compiles first.
LEAST_SHARE = 0.02
DAY_S = 86_400


@dataclass(frozen=True, kw_only=True)
class TimeLeft:
    """`percent` of the whole run, None if only a part tells how far it is; `text` in words."""

    percent: int | None
    text: str


def time_left(run: Run, usual_s: float | None) -> TimeLeft | None:
    """Return how far a run is, None if it is not running or nothing is known.

    `usual_s`: how long runs like it took, None if unknown.
    """
    if run.status != RunStatus.RUNNING or run.duration is None:
        return None
    progress = progress_of(run.folder, run.params)
    left_s = _left_s(progress, run.duration.total_seconds(), usual_s)
    parts = []
    if progress is not None:
        parts.append(f"{progress.at}/{progress.of}")
    if left_s is not None:
        end = timezone.localtime(timezone.now() + timedelta(seconds=left_s))
        clock = f"{end:%H:%M}" if left_s < DAY_S else f"{end:%m-%d %H:%M}"
        parts.append(
            _("about {time} left, until about {clock}").format(
                time=short_duration(left_s), clock=clock
            )
        )
    if not parts:
        return None
    share = progress.share if progress else None
    return TimeLeft(percent=None if share is None else int(share * 100), text=" · ".join(parts))


def usual_seconds(runs: Sequence[Run]) -> float | None:
    """Return how long runs took, as their median; None if none is known."""
    known = [run.duration_s for run in runs if run.duration_s]
    return float(median(known)) if known else None


def usual_text(runs: Sequence[Run]) -> str:
    """Return how long the earlier runs took, '' if unknown."""
    known = sorted(run.duration_s for run in runs if run.duration_s)
    if not known:
        return ""
    shortest, longest = short_duration(known[0]), short_duration(known[-1])
    span = shortest if shortest == longest else f"{shortest} – {longest}"
    return _("earlier runs: {time}").format(time=span)


def _left_s(progress: Progress | None, elapsed_s: float, usual_s: float | None) -> float | None:
    share = progress.share if progress else None
    if share is not None and share > LEAST_SHARE:
        return elapsed_s * (1 - share) / share
    if usual_s is None or usual_s < elapsed_s:
        return None
    return usual_s - elapsed_s
