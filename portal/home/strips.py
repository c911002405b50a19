"""The strip above the matrix: what a manager, a PM or an engineer looks for first.

Each number is a link to exactly the rows that it counts.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any
from urllib.parse import urlencode

from django.contrib.auth.models import User
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from portal.home.visits import SinceVisit
from runs_app.choices import ENDED_BADLY
from runs_app.comparing.wording import metric_text
from runs_app.models import GpuLease, HostHeartbeat, Run
from runs_app.overview.cell import list_address
from runs_app.overview.failures import Failures
from runs_app.overview.matrix import Matrix, Show
from runs_app.overview.queue import running
from runs_app.overview.standing import Standing
from runs_app.sentences import short_paths

MINE_SHOWN = 6
QUEUE_SHOWN = 8
COMPLETE = 100


class Strip(StrEnum):
    MANAGER = "manager"
    PM = "pm"
    ENGINEER = "engineer"


LABELS = {
    Strip.MANAGER: gettext_lazy("Overview"),
    Strip.PM: gettext_lazy("Metadata"),
    Strip.ENGINEER: gettext_lazy("My runs and machines"),
}


@dataclass(frozen=True, kw_only=True)
class Link:
    text: str
    address: str
    count: int | None = None


@dataclass(frozen=True, kw_only=True)
class Figure:
    """A number with its link, and further ones below it."""

    label: str
    count: int
    address: str
    more: Sequence[Link] = field(default=())
    tone: str = ""


@dataclass(frozen=True, kw_only=True)
class MyRun:
    """A run with its cause of failure, its progress, or its main metric."""

    run: Run
    text: str
    tone: str = ""


@dataclass(frozen=True, kw_only=True)
class Gpu:
    """A GPU, its memory in use, and the run that holds it."""

    name: str
    title: str
    used_mib: int
    total_mib: int
    run: Run | None


@dataclass(frozen=True, kw_only=True)
class Machine:
    host: HostHeartbeat
    gpus: Sequence[Gpu]


def strip_of(user: User, asked: str) -> Strip:
    """Return the requested strip, else the one that fits the user's permissions."""
    if asked in list(Strip):
        return Strip(asked)
    runs, curates = (
        user.has_perm(name) for name in ("runs_app.queue_run", "registry_app.change_experiment")
    )
    if runs and not curates:
        return Strip.ENGINEER
    return Strip.PM if curates and not runs else Strip.MANAGER


def manager_figures(
    standings: Sequence[Standing], matrix: Matrix, failures: Failures
) -> list[Figure]:
    """Return the failures by cause, what needs attention, and what has been idle."""
    before = Link(text=_("the week before"), address=failures.address_before, count=failures.before)
    causes = [
        Link(text=cause.label, address=cause.address, count=cause.count)
        for cause in failures.causes
    ]
    to_look_at = matrix.count_of(Show.LOOK)
    return [
        Figure(
            label=_("Failed this week"),
            count=failures.count,
            address=failures.address,
            more=[*causes, before],
            tone="bad" if failures.count else "",
        ),
        Figure(
            label=_("Cells that need attention"),
            count=to_look_at,
            address=f"?show={Show.LOOK}",
            tone="warn" if to_look_at else "",
        ),
        Figure(
            label=_("No run for 30 days"),
            count=sum(standing.is_still for standing in standings),
            address=list_address(last_run="still"),
        ),
        Figure(
            label=_("Running"),
            count=running(standings),
            address=runs_address(group="running"),
        ),
    ]


def pm_figures(
    standings: Sequence[Standing], proposals: int, since: SinceVisit | None
) -> list[Figure]:
    """Return what waits for a PM, and what has changed since the last visit."""
    found = [
        Figure(
            label=_("With guesses to confirm"),
            count=guessed(standings),
            address=list_address(look="guesses"),
            more=[Link(text=_("Confirm or correct them"), address=review_address(show="confirm"))],
            tone="warn" if guessed(standings) else "",
        ),
        Figure(
            label=_("With missing values"),
            count=incomplete(standings),
            address=list_address(complete="no"),
        ),
        Figure(label=_("Open proposals"), count=proposals, address=review_address()),
    ]
    return found if since is None else [*found, _since(since)]


def runs_of(user: User) -> list[MyRun]:
    """Return the newest runs that a user queued, with their experiments; one query."""
    rows = Run.objects.filter(queued_by=user).select_related("experiment")
    return [_mine(run) for run in rows.order_by("-pk")[:MINE_SHOWN]]


def _mine(run: Run) -> MyRun:
    if run.status in ENDED_BADLY:
        return MyRun(run=run, text=short_paths(run.cause_text or run.status_reason), tone="bad")
    if run.is_active:
        return MyRun(run=run, text=str(run.get_status_display()), tone="busy")
    if run.main_metric:
        name = run.main_metric.rpartition("/")[2]
        return MyRun(run=run, text=f"{metric_text(run.main_metric, run.main_value)} {name}")
    return MyRun(run=run, text=str(run.get_status_display()))


def machines(hosts: Iterable[HostHeartbeat]) -> list[Machine]:
    """Return each host with its GPUs and who holds them; one query."""
    leases = GpuLease.objects.filter(released_at__isnull=True)
    held = {
        (lease.host, lease.device): lease
        for lease in leases.select_related("run__queued_by").only(
            "host", "device", "run__queued_by__username"
        )
    }
    return [
        Machine(
            host=host,
            gpus=[_gpu(host, gpu, held.get((host.host, gpu["uuid"]))) for gpu in host.gpus],
        )
        for host in hosts
    ]


def _gpu(host: HostHeartbeat, gpu: dict[str, Any], lease: GpuLease | None) -> Gpu:
    used = gpu["total_mib"] - gpu["free_mib"]
    return Gpu(
        name=f"{host.host}:{gpu['index']}",
        title=gpu["name"],
        used_mib=used,
        total_mib=gpu["total_mib"],
        run=lease.run if lease is not None else None,
    )


def _since(since: SinceVisit) -> Figure:
    moment = since.since.isoformat()
    changes = reverse("admin:registry_app_changeset_changelist")
    return Figure(
        label=_("Changed by others since %(when)s")
        % {"when": timezone.localtime(since.since).strftime("%m-%d %H:%M")},
        count=since.changes,
        address=f"{changes}?{urlencode({'since': moment, 'others': 'yes'})}",
        more=[
            Link(
                text=_("new experiments"),
                address=list_address(new_since=moment),
                count=since.experiments,
            ),
            Link(text=_("runs ended"), address=runs_address(ended_since=moment), count=since.runs),
        ],
    )


def guessed(standings: Sequence[Standing]) -> int:
    """Count the experiments with guesses of a scan to confirm."""
    return sum(standing.confirmed < standing.completeness for standing in standings)


def incomplete(standings: Sequence[Standing]) -> int:
    """Count the experiments with missing values."""
    return sum(standing.completeness < COMPLETE for standing in standings)


def review_address(**query: str) -> str:
    """Return the address of the page Review with these filters."""
    page = reverse("admin:registry_app_proposal_changelist")
    return f"{page}?{urlencode(query)}" if query else page


def runs_address(**query: str) -> str:
    """Return the address of the list of runs with these filters."""
    return f"{reverse('admin:runs_app_run_changelist')}?{urlencode(query)}"
