"""Numbers about runs and workers for Prometheus, in its text format (version 0.0.4).

Each scrape costs the same few queries, however many runs and experiments there are.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from django.db.models import Count, Min, Q
from django.db.models.functions import Coalesce
from django.utils import timezone

from registry_app.choices import Stage
from registry_app.models import Experiment
from runs_app.choices import ON_HOST, TERMINAL, MlflowState, RunStatus
from runs_app.models import HostHeartbeat, Run
from runs_app.models.experiments import with_run_facts

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"

Sample = tuple[Mapping[str, str], float]


@dataclass(frozen=True, kw_only=True)
class Gauge:
    """A Prometheus gauge, with one value for each set of labels."""

    name: str
    help: str
    samples: tuple[Sample, ...]

    def lines(self) -> Iterator[str]:
        yield f"# HELP {self.name} {self.help}"
        yield f"# TYPE {self.name} gauge"
        for labels, value in self.samples:
            yield f"{self.name}{_labels(labels)} {value:.15g}"


def text() -> str:
    """Return the whole page."""
    gauges = [*_runs(), *_hosts(), _experiments()]
    return "".join(f"{line}\n" for gauge in gauges for line in gauge.lines())


def _runs() -> Iterator[Gauge]:
    counts = dict(Run.objects.order_by().values_list("status").annotate(n=Count("pk")))
    ended = Q(status__in=TERMINAL, started_at__isnull=False)
    facts = Run.objects.aggregate(
        # A run that was not to start before some time waits since then.
        oldest=Min(
            Coalesce("not_before", "queued_at"),
            filter=Q(status=RunStatus.QUEUED)
            & (Q(not_before__isnull=True) | Q(not_before__lte=timezone.now())),
        ),
        unsent=Count("pk", filter=ended & ~Q(mlflow_state=MlflowState.SENT)),
    )
    since = facts["oldest"]
    age_s = max(0.0, (timezone.now() - since).total_seconds()) if since else 0
    yield Gauge(
        name="guardianflow_runs",
        help="Runs by status.",
        samples=tuple(({"status": status}, counts.get(status, 0)) for status in RunStatus.values),
    )
    yield _plain("queue_length", "Runs that wait to be started.", counts.get(RunStatus.QUEUED, 0))
    yield _plain(
        "queue_oldest_age_seconds", "Age of the run that waits longest; 0 where none waits.", age_s
    )
    yield _plain(
        "mlflow_pending_runs", "Ended runs that MLflow does not know whole.", facts["unsent"]
    )


def _hosts() -> Iterator[Gauge]:
    hosts = list(HostHeartbeat.objects.all())
    busy = Run.objects.filter(status__in=ON_HOST).order_by().values_list("host")
    used = dict.fromkeys((host.host for host in hosts), 0) | dict(busy.annotate(n=Count("pk")))
    now = timezone.now()
    yield _per_host("slots", "Runs that a host takes at once.", ((h.host, h.slots) for h in hosts))
    yield _per_host("slots_used", "Runs on a host; foreground runs count too.", used.items())
    yield _per_host(
        "worker_heartbeat_age_seconds",
        "Time since the worker of a host last came by; missing where none ever did.",
        # The row of a host that only ran scripts in a terminal never had a heartbeat.
        (
            (host.host, max(0.0, (now - host.tick_at).total_seconds()))
            for host in hosts
            if host.tick_at.timestamp() > 0
        ),
    )


def _experiments() -> Gauge:
    rows = (
        with_run_facts(Experiment.objects.all())
        .order_by()
        .values_list("stage")  # type: ignore[misc]  # annotated there
        .annotate(n=Count("pk"))
    )
    counts: dict[int, int] = dict(rows)
    return Gauge(
        name="guardianflow_experiments",
        help="Experiments by migration stage, from 1 (scanned) to 5 (integrated).",
        samples=tuple(({"stage": str(stage.value)}, counts.get(stage, 0)) for stage in Stage),
    )


def _plain(name: str, description: str, value: float) -> Gauge:
    return Gauge(name=f"guardianflow_{name}", help=description, samples=(({}, value),))


def _per_host(name: str, description: str, values: Iterable[tuple[str, float]]) -> Gauge:
    samples = tuple(({"host": host}, value) for host, value in values)
    return Gauge(name=f"guardianflow_{name}", help=description, samples=samples)


def _labels(labels: Mapping[str, str]) -> str:
    if not labels:
        return ""
    return "{" + ",".join(f'{name}="{_escape(value)}"' for name, value in labels.items()) + "}"


def _escape(value: str) -> str:
    return value.replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\n")
