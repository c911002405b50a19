"""Why an edit is refused."""

from __future__ import annotations

from registry_app.messages import MessageError


class EditRefusedError(MessageError):
    """The edit cannot be made without touching something else."""
