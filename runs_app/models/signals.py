"""What changes of runs make others do; models know neither files nor workers."""

from __future__ import annotations

from django.dispatch import Signal

# Sent with the `run`'s UUID once its script has ended or will never start.
secrets_no_longer_needed = Signal()
