"""Deletes the folder of a run whose supervisor lives, and makes files again while it goes."""

from __future__ import annotations

import errno
import shutil
from pathlib import Path

from tests.waiting import wait_until


def delete(folder: Path) -> None:
    """Delete a folder as `rm -r` does, again where something was written into it meanwhile."""
    wait_until(lambda: _is_deleted(folder), what=f"{folder} is deleted")


def _is_deleted(folder: Path) -> bool:
    try:
        shutil.rmtree(folder)
    except FileNotFoundError:
        return not folder.exists()
    except OSError as error:
        if error.errno != errno.ENOTEMPTY:
            raise
        return False
    return True
