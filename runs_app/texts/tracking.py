"""Why MLflow does not have a run yet."""

from __future__ import annotations

from registry_app.messages import TEXTS
from registry_app.messages import marked as _

AWAY = TEXTS.add(
    "mlflow_away", _("MLflow does not respond. Start it, or check MLFLOW_TRACKING_URI.")
)
STORE_GONE = TEXTS.add(
    "mlflow_store_gone",
    _(
        "The MLflow store {file} does not exist. Restore it; or, to start a new one, create an "
        "empty file of that name and restart the worker."
    ),
)
NOT_IMPORTED = TEXTS.add("mlflow_not_imported", _("MLflow cannot be imported: {error}"))
RECORD_NOT_READ = TEXTS.add("record_not_read", _("{path} cannot be read: {error}"))
