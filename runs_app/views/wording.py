"""How pages render facts of a run: its state in colour, durations, sizes, commands."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from registry_app.arguments.variables import to_lines
from runs_app.choices import RunStatus
from runs_app.models import Run
from runs_app.runner.outputs.damage import Damage, DamagedAs

MAX_LINKS = 5

TONES: dict[str, str] = {
    RunStatus.QUEUED: "quiet",
    RunStatus.STARTING: "busy",
    RunStatus.RUNNING: "busy",
    RunStatus.FINALIZING: "busy",
    RunStatus.SUCCEEDED: "good",
    RunStatus.FAILED: "bad",
    RunStatus.ERRORED: "bad",
    RunStatus.CANCELLED: "quiet",
    RunStatus.TIMED_OUT: "warn",
    RunStatus.LOST: "warn",
}


def status_badge(status: str, *, looks_wrong: bool = False) -> SafeString:
    """Return the translated state as a coloured badge, amber if the run looks wrong."""
    return format_html(
        '<span class="gfr-badge gfr-{}" data-status="{}">{}</span>',
        "warn" if looks_wrong else TONES.get(status, "quiet"),
        status,
        RunStatus(status).label,
    )


def waiting_text(run: Run, place: int | None) -> SafeString:
    """Return the place of a queued run and links to the runs that block it; '' for any other."""
    parts = []
    if place is not None:
        parts.append(format_html("{}", _("Place {place} in the queue").format(place=place)))
    if run.blocked_by:
        links = format_html_join(
            ", ",
            '<a class="gfr-link" href="{}">#{}</a>',
            map(_address, run.blocked_by[:MAX_LINKS]),
        )
        more = len(run.blocked_by) - MAX_LINKS
        if more > 0:
            links = format_html("{} {}", links, _("and {count} more").format(count=more))
        parts.append(format_html("{} {}", _("blocked by"), links))
    return format_html_join(" · ", "{}", ((part,) for part in parts))


def _address(pk: int) -> tuple[str, int]:
    return Run(pk=pk).get_absolute_url(), pk


def command_text(argv: Sequence[str]) -> str:
    """Return a command as typed into a POSIX shell."""
    return shlex.join(argv)


def variables_text(variables: Mapping[str, str]) -> str:
    """Return environment variables as typed before a command of a POSIX shell."""
    return shlex.join(to_lines(variables).split("\n")) if variables else ""


def value_text(value: Any) -> str:
    """Return the value of a parameter; several values as typed on a command line."""
    if isinstance(value, list):
        return shlex.join(str(word) for word in value)
    return str(value)


def source_text(changed: list[str] | None) -> str:
    """Return whether the source stayed unchanged; '' if unknown."""
    if changed is None:
        return ""
    if not changed:
        return _("untouched")
    return _("changed while it ran")


def damage_text(damage: Damage | None) -> str:
    """Return what is wrong with a saved file, '' if nothing is."""
    if damage is None:
        return ""
    if damage.kind == DamagedAs.IMAGE:
        return _("This image is corrupt or truncated; download the file to look at it.")
    what = (
        _("This file is not valid JSON")
        if damage.kind == DamagedAs.JSON
        else _("This table cannot be read to its end")
    )
    if damage.line is None:
        return f"{what}."
    return _("{what}: line {line}.").format(what=what, line=damage.line)
