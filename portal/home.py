"""The home page: where the experiments stand, what runs, what failed, what waits."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db.models import Count, F, Q
from django.http import HttpRequest
from django.utils import timezone

from registry_app.choices import Stage
from registry_app.models import Experiment, Proposal, ScanJob
from runs_app.choices import ENDED_BADLY, ON_HOST, TERMINAL, MlflowState, RunStatus
from runs_app.models import HostHeartbeat, Run
from runs_app.models.experiments import with_run_facts

LATEST = 8
FAILURES = 5


@dataclass(frozen=True, kw_only=True)
class StageCount:
    number: int
    label: str
    count: int


@dataclass(frozen=True, kw_only=True)
class RunCounts:
    """Runs by what a reader asks: `unsent` have ended but MLflow does not know them whole."""

    total: int
    queued: int
    on_host: int
    bad_today: int
    unsent: int


def dashboard(request: HttpRequest, context: dict[str, Any]) -> dict[str, Any]:
    """Add what this person may see to the context of the home page."""
    if request.user.has_perm("registry_app.view_experiment"):
        context |= _registry()
    if request.user.has_perm("runs_app.view_run"):
        context |= _runs()
    return context


def _registry() -> dict[str, Any]:
    rows = (
        with_run_facts(Experiment.objects.all())
        .order_by()
        .values_list("stage")  # type: ignore[misc]  # annotated there
        .annotate(n=Count("pk"))
    )
    counts: dict[int, int] = dict(rows)
    return {
        "shows_registry": True,
        "stages": [
            StageCount(number=stage.value, label=str(stage.label), count=counts.get(stage, 0))
            for stage in Stage
        ],
        "experiments": sum(counts.values()),
        "open_proposals": Proposal.objects.open().count(),
        "last_scan": ScanJob.objects.select_related("requested_by").first(),
        "roots": settings.GUARDIANFLOW_ROOTS,
    }


def _runs() -> dict[str, Any]:
    ended = Q(status__in=TERMINAL, started_at__isnull=False)
    counts = Run.objects.aggregate(
        total=Count("pk"),
        queued=Count("pk", filter=Q(status=RunStatus.QUEUED)),
        on_host=Count("pk", filter=Q(status__in=ON_HOST)),
        bad_today=Count("pk", filter=Q(status__in=ENDED_BADLY, queued_date=timezone.localdate())),
        unsent=Count("pk", filter=ended & ~Q(mlflow_state=MlflowState.SENT)),
    )
    hosts = list(HostHeartbeat.objects.all())
    return {
        "shows_runs": True,
        "run_counts": RunCounts(**counts),
        "latest_runs": Run.objects.select_related("experiment", "queued_by")[:LATEST],
        "latest_failures": Run.objects.filter(status__in=ENDED_BADLY)
        .select_related("experiment")
        .order_by(F("finished_at").desc(nulls_last=True))[:FAILURES],
        "waiting_runs": Run.objects.in_order().select_related("experiment")[:LATEST],
        "hosts": hosts,
        "worker_alive": any(host.is_alive() for host in hosts),
        "all_drained": bool(hosts)
        and all(host.is_drained for host in hosts if host.is_alive())
        and any(host.is_alive() for host in hosts),
    }
