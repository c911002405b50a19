"""Which classes a run tells apart: those of its data file, else those of its experiment."""

from __future__ import annotations

import posixpath
from collections.abc import Sequence
from functools import lru_cache
from hashlib import sha256

from runs_app.comparing.data import DataKnown
from runs_app.models import Run

KEY_LENGTH = 16
_YAML = (".yaml", ".yml")


def classes_of(run: Run, data: DataKnown) -> tuple[str, ...]:
    """Return the names of the classes of a run, () if unknown.

    The data file that the run read is better evidence than the registry, which may have been
    changed since.
    """
    return _in_file(data.name, data.content) or tuple(map(str, run.experiment.classes))


def classes_key(names: Sequence[str]) -> str:
    """Return the digest of a set of classes, '' for none; their order does not matter."""
    if not names:
        return ""
    text = "\n".join(sorted({name.strip().casefold() for name in names}))
    return sha256(text.encode("utf-8", "replace")).hexdigest()[:KEY_LENGTH]


@lru_cache(maxsize=64)
def _in_file(name: str, content: bytes) -> tuple[str, ...]:
    text = content.decode("utf-8", "replace")
    suffix = posixpath.splitext(name)[1].lower()
    if not text:
        return ()
    # Only runs that read a data file wait for a parser of YAML.
    from registry_app.inference.task.class_files import names_in_yaml
    from registry_app.inference.task.class_lists import names_in_json, names_in_list

    if suffix in _YAML:
        found = names_in_yaml(text)
        return found[0] if found else ()
    if suffix == ".json":
        return names_in_json(text)
    return names_in_list(text) if suffix == ".names" else ()
