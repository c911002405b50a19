"""What waits for whom, above the matrix: each line is a link to exactly the rows that it counts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.contrib.humanize.templatetags.humanize import intcomma
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from portal.home.strips import guessed, incomplete, review_address, runs_address
from runs_app.choices import RunStatus
from runs_app.overview.cell import list_address
from runs_app.overview.standing import Standing


@dataclass(frozen=True, kw_only=True)
class Waits:
    """How many items wait for which users, in words too; `address` lists them."""

    whom: str
    what: str
    count: int
    address: str


def waits(standings: Sequence[Standing], proposals: int, to_read: int, queued: int) -> list[Waits]:
    """Return the waiting items by role, without roles that have none."""
    # The names of groups, as everywhere.
    pm, engineer, worker = "PM", "Engineer", _("worker")
    with_guesses, with_gaps = guessed(standings), incomplete(standings)
    found = [
        Waits(
            whom=pm,
            what=_counted(
                ngettext(
                    "{n} experiment has guesses to confirm",
                    "{n} experiments have guesses to confirm",
                    with_guesses,
                ),
                with_guesses,
            ),
            count=with_guesses,
            address=list_address(look="guesses"),
        ),
        Waits(
            whom=pm,
            what=_counted(
                ngettext("{n} experiment lacks values", "{n} experiments lack values", with_gaps),
                with_gaps,
            ),
            count=with_gaps,
            address=list_address(complete="no"),
        ),
        Waits(
            whom=pm,
            what=_counted(
                ngettext("{n} proposal to answer", "{n} proposals to answer", proposals), proposals
            ),
            count=proposals,
            address=review_address(),
        ),
        Waits(
            whom=engineer,
            what=_counted(
                ngettext(
                    "{n} experiment has changed commands to read",
                    "{n} experiments have changed commands to read",
                    to_read,
                ),
                to_read,
            ),
            count=to_read,
            address=list_address(look="commands"),
        ),
        Waits(
            whom=worker,
            what=_counted(ngettext("{n} run to start", "{n} runs to start", queued), queued),
            count=queued,
            address=runs_address(status__exact=RunStatus.QUEUED),
        ),
    ]
    return [waiting for waiting in found if waiting.count]


def _counted(text: str, count: int) -> str:
    return text.format(n=intcomma(count))
