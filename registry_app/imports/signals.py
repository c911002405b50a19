"""What imports send; apart from their code, for every command connects to it at its start."""

from __future__ import annotations

from django.dispatch import Signal

# Sent with the id of an import that waits for a worker; the registry does not know workers.
worker_wanted = Signal()
