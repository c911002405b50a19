"""The helper as one program: `helper.py` with the fence inside, to be installed owned by root."""

from __future__ import annotations

import hashlib
from pathlib import Path

FIRST_LINE = "#!/usr/bin/python3 -IS\n"
_HERE = Path(__file__).parent
_EMPTY_DIGEST = 'DIGEST = ""\n'
_EMPTY_FENCE = 'FENCE_SOURCE = ""\n'


def program() -> str:
    """Return the text of the program for this version of the portal."""
    text, fence = _sources()
    filled = text.replace(_EMPTY_DIGEST, f"DIGEST = {digest()!r}\n", 1)
    return FIRST_LINE + filled.replace(_EMPTY_FENCE, f"FENCE_SOURCE = {fence!r}\n", 1)


def digest() -> str:
    """Return a digest that identifies this version of the program."""
    return hashlib.sha256("\0".join(_sources()).encode()).hexdigest()[:16]


def _sources() -> tuple[str, str]:
    fence = _HERE / "fence.py"
    return (_HERE / "helper.py").read_text(encoding="utf-8"), (
        fence.read_text(encoding="utf-8") if fence.exists() else ""
    )
