"""How many edits in the portal a sync has not seen yet."""

from __future__ import annotations

from datetime import datetime

from registry_app.choices import ChangeOrigin
from registry_app.models import ChangeSet


def edits_since(synced_at: datetime) -> int:
    """Return the number of change sets of people and scans after a sync."""
    later = ChangeSet.objects.filter(at__gt=synced_at)
    return later.exclude(origin=ChangeOrigin.SYNC).count()
