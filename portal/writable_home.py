"""Whether the portal can write into its data directory."""

from __future__ import annotations

import tempfile

from django.conf import settings

# An empty file fits on a full disk; a block does not.
_BLOCK = bytes(4096)


def problem_of_home() -> OSError | None:
    """Return why no block can be written into the data directory."""
    try:
        with tempfile.TemporaryFile(dir=settings.GUARDIANFLOW_HOME) as probe:
            probe.write(_BLOCK)
    except OSError as error:
        return error
    return None
