"""Where experiments and their scripts may lie.

An experiment lies below one of the roots, a script inside its experiment. Both are asked for
again whenever something is started: a link may have changed since a scan.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Sequence
from pathlib import Path, PurePosixPath

from django.conf import settings
from django.utils.translation import gettext as _

from registry_app.exceptions import PathRefusedError
from registry_app.models import Experiment


def resolve_directory(written: str, roots: Sequence[Path]) -> Path:
    """Return the directory that a registry file means by `written`; it need not exist.

    `~` is the home directory; a relative path lies below the first root that has it, or else
    below the first root. Links are not resolved: a child of a root may be one.
    Raises PathRefusedError outside every root.
    """
    if not written.strip() or "\0" in written:
        raise PathRefusedError(_("An experiment needs the path of its directory."))
    if ".." in PurePosixPath(written).parts:
        raise PathRefusedError(
            _("The path {path} climbs with “..”; write it without.").format(path=written)
        )
    expanded = Path(os.path.expanduser(written))
    if not expanded.is_absolute():
        return _checked_length(_below_a_root(expanded, roots))
    normal = Path(os.path.normpath(expanded))
    if not any(root in normal.parents for root in _spellings(roots)):
        raise PathRefusedError(
            _(
                "The path {path} lies outside every root ({roots}). Move the directory below one "
                "of them, or add its folder to GUARDIANFLOW_ROOTS."
            ).format(path=written, roots=_listed(roots))
        )
    return _checked_length(normal)


def experiment_directory(experiment: Experiment) -> Path:
    """Return the directory of an experiment; raises PathRefusedError."""
    return resolve_directory(experiment.path, settings.GUARDIANFLOW_ROOTS)


def script_inside(directory: Path, script: str) -> Path:
    """Return the path of `script` in `directory`; it need not exist.

    Raises PathRefusedError if it is absolute, climbs, or leads out of the directory by a link.
    """
    written = PurePosixPath(script)
    if not script.strip() or "\0" in script or written.is_absolute() or ".." in written.parts:
        raise PathRefusedError(
            _(
                "“{script}” is no path inside the experiment; write it relative to its directory."
            ).format(script=script)
        )
    path = directory / written
    inside = Path(os.path.realpath(directory))
    if not Path(os.path.realpath(path)).is_relative_to(inside):
        raise PathRefusedError(
            _(
                "{script} leads out of {directory} by a link; only scripts inside it are run."
            ).format(script=script, directory=directory)
        )
    return path


def leads_out(pattern: str) -> bool:
    """Whether a pattern of scripts could match outside of its experiment."""
    return pattern.startswith("/") or ".." in pattern.split("/")


def _below_a_root(relative: Path, roots: Sequence[Path]) -> Path:
    if not roots:
        raise PathRefusedError(
            _("There is no root that {path} could lie below; set GUARDIANFLOW_ROOTS.").format(
                path=relative
            )
        )
    candidates = [Path(os.path.normpath(root / relative)) for root in roots]
    if candidates[0] == roots[0]:
        raise PathRefusedError(_("The path {path} names a root itself.").format(path=relative))
    return next((path for path in candidates if os.path.isdir(path)), candidates[0])


def _checked_length(path: Path) -> Path:
    """Refuse a path that no file system can hold, before somebody stumbles over it."""
    try:
        os.lstat(path)
    except OSError as error:
        if error.errno == errno.ENAMETOOLONG:
            raise PathRefusedError(
                _("The path of the directory is longer than a file system allows. Shorten it.")
            ) from error
    return path


def _spellings(roots: Sequence[Path]) -> set[Path]:
    """Return the roots as written and with their links resolved: people write either."""
    return {*roots, *(Path(os.path.realpath(root)) for root in roots)}


def _listed(roots: Sequence[Path]) -> str:
    return ", ".join(str(root) for root in roots) or _("none is set")
