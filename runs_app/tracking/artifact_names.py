"""Artifact names in MLflow: safe to send over HTTP, distinct and reversible."""

from __future__ import annotations

import hashlib
import posixpath
import re

OUTPUTS = "outputs"
# Characters that would end a path in a URL, be decoded there, or separate folders on other
# systems; text that would look like one of our escapes; and, below, unprintable characters.
_UNSAFE = re.compile(r"[#?\\]|%(?=[0-9A-Fa-f]{2})|~(?=[0-9a-f]{2})|^ | $", re.ASCII)
_MARK = re.compile(r"(?:~[0-9a-f]{2})+")
# Per part of a path, the limit of file systems.
MAX_BYTES = 255


def safe_name(path: str) -> str:
    """Return a path that is safe to send: unsafe bytes are written as `~` and two digits.

    Different paths stay different, and `original_name` restores them. Only a part that would become
    too long for a file system is truncated, with its hash at the end.
    """
    return "/".join(_fitting(part, _escaped(part)) for part in path.split("/"))


def original_name(name: str) -> str:
    """Return the path from which `safe_name` made `name`."""
    return _MARK.sub(lambda marks: bytes.fromhex(marks[0].replace("~", "")).decode(), name)


def artifact_path(path: str) -> str:
    """Return the artifact path of the file `path` of an experiment."""
    return f"{OUTPUTS}/{safe_name(path)}"


def _escaped(part: str) -> str:
    marked = _UNSAFE.sub(lambda found: _mark(found[0]), part)
    return "".join(
        character if character.isprintable() else _mark(character) for character in marked
    )


def _mark(character: str) -> str:
    return "".join(f"~{byte:02x}" for byte in character.encode("utf-8", "surrogateescape"))


def _fitting(part: str, escaped: str) -> str:
    if len(escaped.encode()) <= MAX_BYTES:
        return escaped
    digest = hashlib.sha256(part.encode("utf-8", "surrogateescape")).hexdigest()[:8]
    root, suffix = posixpath.splitext(escaped)
    suffix = suffix if len(suffix.encode()) < MAX_BYTES // 4 else ""
    max_name_bytes = MAX_BYTES - len(digest) - len(suffix.encode()) - 1
    return f"{root.encode()[:max_name_bytes].decode('utf-8', 'ignore')}-{digest}{suffix}"
