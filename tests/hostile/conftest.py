"""The world that hostile requests are sent to."""

from __future__ import annotations

from tests.permissions.conftest import home, mlflow_store, world

__all__ = ["home", "mlflow_store", "world"]
