"""Pages of runs, and what runs add to the pages of experiments and places."""

from runs_app.admin.experiments import ExperimentAdmin
from runs_app.admin.hosts import HostHeartbeatAdmin
from runs_app.admin.main_metrics import MainMetricAdmin
from runs_app.admin.places import CustomerAdmin, SiteAdmin, ZoneAdmin
from runs_app.admin.promotions import PromotionAdmin
from runs_app.admin.run_sets import RunSetAdmin
from runs_app.admin.runs import RunAdmin
from runs_app.admin.schedules import ScheduleAdmin

__all__ = [
    "CustomerAdmin",
    "ExperimentAdmin",
    "HostHeartbeatAdmin",
    "MainMetricAdmin",
    "PromotionAdmin",
    "RunAdmin",
    "RunSetAdmin",
    "ScheduleAdmin",
    "SiteAdmin",
    "ZoneAdmin",
]
