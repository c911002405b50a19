"""The sample experiments of the demo, and a check that they are unchanged."""

from __future__ import annotations

import hashlib
import shutil
from pathlib import Path

from django.conf import settings

Fingerprint = dict[str, tuple[str, int, int]]


def copy(root: Path) -> int:
    """Copy the sample directories that are missing below `root`; return how many."""
    copied = 0
    root.mkdir(parents=True, exist_ok=True)
    aside = root.parent / "demo.partial"
    for sample in sorted(Path(settings.DEMO_EXPERIMENTS).iterdir()):
        if not sample.is_dir() or (root / sample.name).exists():
            continue
        shutil.rmtree(aside, ignore_errors=True)  # left by a demo that was killed
        shutil.copytree(sample, aside, symlinks=True, ignore=shutil.ignore_patterns("__pycache__"))
        aside.rename(root / sample.name)
        copied += 1
    return copied


def fingerprint(root: Path) -> Fingerprint:
    """Return digest, mode and time of the samples' own files below `root`, by their paths."""
    found = {}
    source = Path(settings.DEMO_EXPERIMENTS)
    for original in sorted(source.rglob("*")):
        path = original.relative_to(source)
        copy = root / path
        if "__pycache__" not in path.parts and copy.is_file():
            facts = copy.stat()
            digest = hashlib.sha256(copy.read_bytes()).hexdigest()
            found[str(path)] = (digest, facts.st_mode, facts.st_mtime_ns)
    return found
