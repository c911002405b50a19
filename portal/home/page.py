"""The context of the home page: only what its user may see."""

from __future__ import annotations

from typing import Any, cast

from django.conf import settings
from django.contrib.auth.models import User
from django.db.models import Exists, OuterRef
from django.http import HttpRequest

from portal.home import strips
from portal.home.strips import Strip
from portal.home.visits import since_last_visit
from portal.home.waits import waits
from portal.models import UpgradeNotice
from registry_app.fields.confirmation import experiments_to_read
from registry_app.models import Experiment, Proposal, ScanJob
from registry_app.row_numbers import row_number
from runs_app.choices import OBSERVED
from runs_app.executors.chosen import executor
from runs_app.lifecycle import without_worker
from runs_app.models import HostHeartbeat, Run
from runs_app.overview.failures import failures_of_week
from runs_app.overview.matrix import Show, matrix_of
from runs_app.overview.queue import waiting_runs
from runs_app.overview.stages import stage_links
from runs_app.overview.standing import Standing, standings
from runs_app.preflight.directory import free_mib_at, full_folder

SEES_REGISTRY = "registry_app.view_experiment"
SEES_RUNS = "runs_app.view_run"


def dashboard(request: HttpRequest, context: dict[str, Any]) -> dict[str, Any]:
    """Add what this user may see to the context of the home page."""
    user = cast("User", request.user)
    sees_registry, sees_runs = user.has_perm(SEES_REGISTRY), user.has_perm(SEES_RUNS)
    context |= {"shows_registry": sees_registry, "shows_runs": sees_runs}
    if sees_runs:
        context |= _hosts()
    if not sees_registry:
        return context
    every = standings(Experiment.objects.all())
    if not every:
        return context | {"is_empty": True, "roots": settings.GUARDIANFLOW_ROOTS}
    context["stages"] = stage_links(every)
    if not sees_runs:
        return context
    return context | _overview(request, user, every, context["hosts"])


def _hosts() -> dict[str, Any]:
    active = Exists(Run.objects.filter(status__in=OBSERVED, host=OuterRef("host")))
    hosts = list(HostHeartbeat.objects.annotate(has_active=active))
    if any(host.has_active and host.host == executor().place for host in hosts):
        without_worker.look()
    full = full_folder(least_mib=1)  # also where runs are not held back for free space
    alive = [host for host in hosts if host.is_alive()]
    return {
        "hosts": hosts,
        "worker_alive": bool(alive),
        "full_folder": full,
        "free_mib": free_mib_at(full) if full else None,
        "all_drained": bool(alive) and all(host.is_drained for host in alive),
    }


def _overview(
    request: HttpRequest, user: User, every: list[Standing], hosts: list[HostHeartbeat]
) -> dict[str, Any]:
    asked = request.GET.get("show", "")
    matrix = matrix_of(
        every,
        show=Show(asked) if asked in list(Show) else Show.ALL,
        opened=row_number(request.GET.get("open", "")),
    )
    strip = strips.strip_of(user, request.GET.get("as", ""))
    waiting = waiting_runs(every)
    context: dict[str, Any] = {
        "matrix": matrix,
        "strip": strip,
        "strips": [(name, strips.LABELS[name]) for name in Strip],
        "waiting": waiting[: strips.QUEUE_SHOWN],
        "queued": len(waiting),
    }
    proposals = Proposal.objects.open().count()
    guessed = sum(row.confirmed < row.completeness for row in every)
    request.waiting_for_review = proposals + guessed  # type: ignore[attr-defined]
    if strip is Strip.MANAGER:
        context |= {
            "figures": strips.manager_figures(every, matrix, failures_of_week()),
            "waits": waits(every, proposals, len(experiments_to_read()), len(waiting)),
        }
    elif strip is Strip.PM:
        since = since_last_visit(user)
        context |= {
            "figures": strips.pm_figures(every, proposals, since),
            "last_scan": ScanJob.objects.select_related("requested_by").first(),
            "guesses_notice": UpgradeNotice.objects.filter(
                kind=UpgradeNotice.GUESSES, closed_at=None
            ).first(),
        }
    else:
        context |= {"mine": strips.runs_of(user), "machines": strips.machines(hosts)}
    return context
