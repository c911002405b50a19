"""The state of a run as a shape in a colour, its moment and its duration in few characters."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from runs_app.choices import RunStatus
from runs_app.models import Run

SYMBOLS: dict[str, str] = {
    RunStatus.QUEUED: "wait",
    RunStatus.STARTING: "run",
    RunStatus.RUNNING: "run",
    RunStatus.FINALIZING: "run",
    RunStatus.SUCCEEDED: "ok",
    RunStatus.FAILED: "bad",
    RunStatus.ERRORED: "bad",
    RunStatus.CANCELLED: "stop",
    RunStatus.TIMED_OUT: "late",
    RunStatus.LOST: "lost",
}
_MINUTE, _HOUR, _DAY = 60, 3600, 86_400


def symbol(run: Run) -> SafeString:
    """Return the state of a run as a labelled icon; success is inconspicuous, failure is not."""
    kind = "odd" if run.looks_wrong else SYMBOLS.get(run.status, "lost")
    label = run.get_status_display()
    if run.looks_wrong:
        label = _("{status}, but something looks wrong").format(status=label)
    return format_html(
        '<svg class="gf-st gf-st-{}" viewBox="0 0 16 16" role="img" aria-label="{}">'
        '<title>{}</title><use href="#gf-st-{}"></use></svg>',
        kind,
        label,
        label,
        kind,
    )


def short_duration(seconds: float | None) -> str:
    """Return a duration in at most two units, '' if unknown: `4 s`, `48 m`, `1 h 5 m`."""
    if seconds is None:
        return ""
    whole = max(0, round(seconds))
    if whole < _MINUTE:
        return _("{seconds} s").format(seconds=whole)
    if whole < _HOUR:
        return _("{minutes} m").format(minutes=whole // _MINUTE)
    if whole < _DAY:
        return _both(whole // _HOUR, whole % _HOUR // _MINUTE, _("{hours} h"), _("{minutes} m"))
    return _both(whole // _DAY, whole % _DAY // _HOUR, _("{days} d"), _("{hours} h"))


def moment(run: Run) -> datetime:
    """Return the moment that a list shows: its end, else its start, else when it was queued."""
    return run.finished_at or run.started_at or run.queued_at


def ago(then: datetime, *, now: datetime | None = None) -> str:
    """Return how long ago a moment was, in one unit; after four weeks the date or the month."""
    now = now or timezone.now()
    passed = (now - then).total_seconds()
    if passed < _MINUTE:
        return _("now")
    if passed < _HOUR:
        return _("{minutes} m").format(minutes=int(passed // _MINUTE))
    if passed < _DAY:
        return _("{hours} h").format(hours=int(passed // _HOUR))
    day, today = timezone.localtime(then).date(), timezone.localtime(now).date()
    if today - day < timedelta(days=28):
        return _("{days} d").format(days=(today - day).days)
    return f"{day:%m-%d}" if today - day < timedelta(days=300) else f"{day:%Y-%m}"


def _both(many: int, few: int, first: str, second: str) -> str:
    parts = [first.format(hours=many, days=many)]
    if few:
        parts.append(second.format(minutes=few, hours=few))
    return " ".join(parts)
