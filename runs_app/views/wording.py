"""How pages write what a run has: its state in colour, lengths of time, sizes, commands."""

from __future__ import annotations

import re
import shlex
from collections.abc import Sequence
from typing import Any

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from runs_app.choices import RunStatus
from runs_app.models import Run
from runs_app.runner.outputs.damage import Damage, DamagedAs

MOST_LINKS = 5

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


def status_badge(status: str) -> SafeString:
    """Return the translated word of a state on its colour."""
    return format_html(
        '<span class="gfr-badge gfr-{}" data-status="{}">{}</span>',
        TONES.get(status, "quiet"),
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
            map(_address, run.blocked_by[:MOST_LINKS]),
        )
        more = len(run.blocked_by) - MOST_LINKS
        if more > 0:
            links = format_html("{} {}", links, _("and {count} more").format(count=more))
        parts.append(format_html("{} {}", _("blocked by"), links))
    return format_html_join(" · ", "{}", ((part,) for part in parts))


def _address(pk: int) -> tuple[str, int]:
    return Run(pk=pk).get_absolute_url(), pk


def command_text(argv: Sequence[str]) -> str:
    """Return a command as one would type it into a POSIX shell."""
    return shlex.join(argv)


def value_text(value: Any) -> str:
    """Return the value of a parameter; several values as one would type them."""
    if isinstance(value, list):
        return shlex.join(str(one) for one in value)
    return str(value)


def source_text(changed: list[str] | None) -> str:
    """Return whether the source stayed as it was; '' where nobody knows."""
    if changed is None:
        return ""
    if not changed:
        return _("untouched")
    return _("changed while it ran")


def damage_text(damage: Damage | None) -> str:
    """Return what is wrong with a kept file, '' where nothing is."""
    if damage is None:
        return ""
    if damage.kind == DamagedAs.PICTURE:
        return _("This picture is damaged or cut off; download the file to see what there is.")
    what = (
        _("This file is no valid JSON")
        if damage.kind == DamagedAs.JSON
        else _("This table cannot be read to its end")
    )
    if damage.line is None:
        return f"{what}."
    return _("{what}: line {line}.").format(what=what, line=damage.line)


# The reasons are written where no language is known; `{limit}` alone differs in them.
_LEFT_OUT = (
    gettext_noop("its path is too long for the run folder"),
    gettext_noop("not one of the kinds of files that are kept"),
    gettext_noop("it was still being written"),
    gettext_noop("the files of one run are kept up to {limit} MiB"),
    gettext_noop("its copy in the run folder is damaged"),
    gettext_noop("removed with the run folder; MLflow has it"),
)


def left_out_text(reason: str) -> str:
    """Return why a file was left out, in the reader's language as far as it is one of ours."""
    number = next(iter(re.findall(r"\d+", reason)), "")
    known = reason.replace(number, "{limit}", 1) if number else reason
    return _(known).format(limit=number) if known in _LEFT_OUT else reason
