"""Rows of runs. The Run table is the queue: order, exclusivity and state live here.

Every change of state is one conditional update (`RunQuerySet.move`); zero rows changed means
that another process was first. The run folder is the source of truth for these rows.
"""

from runs_app.models.confirmed_files import ConfirmedFile
from runs_app.models.files import RunFile
from runs_app.models.hosts import GpuLease, HostHeartbeat
from runs_app.models.inputs import RunInput
from runs_app.models.main_metrics import MainMetric, SummaryBasis
from runs_app.models.measured import RunMetric, RunParameter
from runs_app.models.parity import Parity, ParityRun
from runs_app.models.promotions import Promotion, PromotionQuerySet
from runs_app.models.querysets import RunQuerySet
from runs_app.models.rules import HIGHEST_PRIORITY, LOWEST_PRIORITY
from runs_app.models.run_sets import RunSet, RunStep
from runs_app.models.runs import Run
from runs_app.models.schedules import Schedule, ScheduleQuerySet, ScheduleTime
from runs_app.models.stages import StageChange, StageProof
from runs_app.models.tracked import MlflowExperiment

__all__ = [
    "HIGHEST_PRIORITY",
    "LOWEST_PRIORITY",
    "ConfirmedFile",
    "GpuLease",
    "HostHeartbeat",
    "MainMetric",
    "MlflowExperiment",
    "Parity",
    "ParityRun",
    "Promotion",
    "PromotionQuerySet",
    "Run",
    "RunFile",
    "RunInput",
    "RunMetric",
    "RunParameter",
    "RunQuerySet",
    "RunSet",
    "RunStep",
    "Schedule",
    "ScheduleQuerySet",
    "ScheduleTime",
    "StageChange",
    "StageProof",
    "SummaryBasis",
]
