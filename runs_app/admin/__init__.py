"""Pages of runs, and what runs add to the pages of experiments."""

from runs_app.admin.experiments import ExperimentAdmin
from runs_app.admin.hosts import HostHeartbeatAdmin
from runs_app.admin.runs import RunAdmin

__all__ = ["ExperimentAdmin", "HostHeartbeatAdmin", "RunAdmin"]
