"""Names of metrics and parameters that MLflow accepts.

The portal keeps the name that the script wrote, for example `metrics/mAP50(B)`. MLflow accepts
letters, digits and a few other characters, so there the key is `metrics/mAP50B`. Two names never
share a key, and the record of the results, which is sent with the run, has the name of each key.
"""

from __future__ import annotations

import hashlib
import posixpath
import re
from collections.abc import Iterable

MAX_KEY = 250
_FORBIDDEN = re.compile(r"[^\w./ :-]")


def clean_key(name: str) -> str:
    """Return a name that MLflow accepts as a key, '' if nothing of it is left.

    `metrics/mAP50(B)` becomes `metrics/mAP50B`.
    """
    kept = _FORBIDDEN.sub("", name).strip()[:MAX_KEY]
    normal = posixpath.normpath(kept) if kept else ""
    parts = [part.strip() for part in normal.split("/")]
    key = "/".join(part for part in parts if part not in {"", ".", ".."})
    # MLflow treats any name that begins with two dots as a path that leads out.
    return clean_key(key.lstrip(".")) if key.startswith("..") else key


class Keys:
    """The keys of the names of one run: a name keeps the key that it got first."""

    def __init__(self) -> None:
        self._keys: dict[str, str] = {}
        self._taken: set[str] = set()

    def key(self, name: str) -> str:
        """Return the key of a name."""
        if name not in self._keys:
            self._keys[name] = self._new(name)
            self._taken.add(self._keys[name])
        return self._keys[name]

    def _new(self, name: str) -> str:
        key = clean_key(name)
        if key and key not in self._taken:
            return key
        digest = hashlib.sha256(name.encode("utf-8", "surrogatepass")).hexdigest()[:8]
        return f"{key[: MAX_KEY - 9] or 'name'}-{digest}"


def keys_of(names: Iterable[str]) -> dict[str, str]:
    """Return the key of each name; a name that is already a valid key takes precedence."""
    names = list(dict.fromkeys(names))
    keys = Keys()
    for name in sorted(names, key=lambda text: clean_key(text) != text):
        keys.key(name)
    return {name: keys.key(name) for name in names}
