"""Which Python the script `activate` of a virtual environment puts first; nothing is executed."""

from __future__ import annotations

import re
from pathlib import Path

MAX_BYTES = 2**16
_SET = re.compile(
    r"""^[ \t]*(?:export\s+)?VIRTUAL_ENV=(?P<quote>["']?)(?P<folder>[^"'$`\n]+?)(?P=quote)\s*$""",
    re.MULTILINE,
)


def activated_python(activate: Path) -> Path:
    """Return the Python that is found first after `source ACTIVATE`; it need not exist.

    The script names the folder in which the environment was made. That is the wrong one in an
    environment that was moved or copied.
    """
    found = _SET.search(_text(activate))
    environment = Path(found["folder"].strip()) if found else activate.parent.parent
    return environment / activate.parent.name / "python"


def _text(activate: Path) -> str:
    try:
        if not activate.is_file():  # opening a pipe would wait
            return ""
        with activate.open("rb") as file:
            return file.read(MAX_BYTES).decode("utf-8", "replace")
    except OSError:
        return ""
