"""Build what pages need besides code: static files with hashed names, compiled translations."""

from __future__ import annotations

import hashlib
import os
import tempfile
from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.management import call_command
from django.utils.translation import gettext as _

from portal.frame import fonts
from registry_app.files import umask
from runs_app.system import locks


class NotBuiltError(Exception):
    """The assets cannot be built; the message says what to do."""


def build() -> bool:
    """Build what has changed since the last build; return whether anything had.

    Files of an earlier build stay, so that a running portal keeps its pages.
    Raises NotBuiltError if something must be built in a folder that is not writable.
    """
    if is_built():
        return False
    root = Path(settings.STATIC_ROOT)
    try:
        with umask.as_caller():
            root.parent.mkdir(parents=True, exist_ok=True)
            return _build(root)
    except OSError as error:
        raise NotBuiltError(
            _(
                "Static files and translations cannot be built in {folder}: {reason}. Run "
                "`make setup` as the user that owns it."
            ).format(folder=settings.BASE_DIR, reason=error.strerror or error)
        ) from error


def _build(root: Path) -> bool:
    with locks.hold(root.parent / "assets.lock", wait=True):
        compiled = compile_messages()
        collected = _collect(root, stamp=root.parent / "static.stamp")
    return compiled or collected


def is_built() -> bool:
    """Return whether everything is as new as its sources; writes nothing."""
    root = Path(settings.STATIC_ROOT)
    sources = (file for folder in settings.LOCALE_PATHS for file in Path(folder).rglob("*.po"))
    return all(map(_is_compiled, sources)) and _is_collected(
        root, stamp=root.parent / "static.stamp", present=_fingerprint()
    )


def compile_messages() -> bool:
    """Compile the catalogues that are newer than their compiled form."""
    stale = [
        source
        for folder in settings.LOCALE_PATHS
        for source in Path(folder).rglob("*.po")
        if not _is_compiled(source)
    ]
    for source in stale:
        _compile(source)
    return bool(stale)


def _is_compiled(source: Path) -> bool:
    target = source.with_suffix(".mo")
    return target.exists() and target.stat().st_mtime_ns >= source.stat().st_mtime_ns


def _compile(source: Path) -> None:
    from babel.messages.mofile import write_mo

    from portal import catalogue

    target = source.with_suffix(".mo")
    handle, aside = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
    with os.fdopen(handle, "wb") as file:
        write_mo(file, catalogue.load(source))
    os.chmod(aside, 0o644)
    os.replace(aside, target)


def _collect(root: Path, *, stamp: Path) -> bool:
    present = _fingerprint()
    if _is_collected(root, stamp=stamp, present=present):
        return False
    call_command("collectstatic", verbosity=0, interactive=False)
    stamp.write_text(present)
    return True


def _is_collected(root: Path, *, stamp: Path, present: str) -> bool:
    try:
        return (root / "staticfiles.json").exists() and stamp.read_text() == present
    except OSError:
        return False


def _fingerprint() -> str:
    """Return a digest of the names, sizes and times of all source files, and what fonts keep."""
    digest = hashlib.sha256(settings.STORAGES["staticfiles"]["BACKEND"].encode())
    digest.update(fonts.recipe())
    for finder in get_finders():
        for name, storage in finder.list([]):
            facts = os.stat(storage.path(name))
            digest.update(f"{storage.path(name)}\0{facts.st_size}\0{facts.st_mtime_ns}\n".encode())
    return digest.hexdigest()
