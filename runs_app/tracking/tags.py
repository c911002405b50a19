"""Tags by which the portal finds its own runs in MLflow."""

from __future__ import annotations

RUN_TAG = "guardianflow.run_id"
COMPLETE_TAG = "guardianflow.complete"
# On copies of runs that a script opened itself: the portal's run, and their original id.
OWNER_TAG = "guardianflow.parent_run"
CHILD_TAG = "guardianflow.child_id"
# Names of the metrics that are left to the portal's run, which has the same curves.
CURVES_TAG = "guardianflow.curves_in_parent"
