"""How a comparison is put into words: runs, hours and numbers, for pages and commands alike."""

from __future__ import annotations

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from runs_app.parity.plan import Plan


def runs_text(plan: Plan) -> str:
    """Return how many runs a comparison takes."""
    equal, most = plan.runs
    if plan.starts_script:
        return _(
            "{count} run if the trainer starts the same file with the same arguments, at most"
            " {most}."
        ).format(count=equal, most=most)
    if equal == most:
        return ngettext("{count} run.", "{count} runs.", equal).format(count=equal)
    return _("{count} runs if old and new are equal under one seed, at most {most}.").format(
        count=equal, most=most
    )


def hours_text(plan: Plan) -> str:
    """Return the expected hours, said to be an estimate, or that they are not known."""
    expected = plan.expected
    equal, most = (expected.hours(runs) for runs in plan.runs)
    if equal is None or most is None:
        return _("Expected hours: not known, as no run of the old script has succeeded yet.")
    if expected.gpus:
        text = _("Expected: {hours} GPU hours, at most {most}.")
    else:
        text = _("Expected: {hours} hours of the machine, at most {most}.")
    basis = ngettext(
        "An estimate from {count} earlier run of the old script.",
        "An estimate from {count} earlier runs of the old script.",
        expected.based_on,
    )
    parts = [
        text.format(hours=_hours(equal), most=_hours(most)),
        basis.format(count=expected.based_on),
    ]
    if expected.scaled_from is not None:
        parts.append(
            _("They had {count} epochs; the estimate is in proportion.").format(
                count=f"{expected.scaled_from:g}"
            )
        )
    return " ".join(parts)


def number_text(value: float | None) -> str:
    """Return a number of the table in short, – for none."""
    return "–" if value is None else f"{value:.6g}"


def _hours(value: float) -> str:
    if value < 0.01:
        return _("less than 0.01")
    return f"{value:.2f}" if value < 1 else f"{value:.1f}"
