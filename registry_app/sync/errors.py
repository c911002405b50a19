"""Why a sync could not be done."""

from __future__ import annotations

from registry_app.exceptions import RegistryError


class SyncError(RegistryError):
    """The registry file and the portal could not be synced."""
