"""Where experiments and their scripts may lie.

An experiment lies below one of the roots, a script inside its experiment. A path is judged by its
words and by where its links lead: a child of a root may be a link to anywhere, as somebody who may
write into the root put it there, and nothing else may lead out. Both are asked for again whenever
something is started or read: a link may have changed since a scan.
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
    below the first root. The path is returned as it was written, with its links.
    Raises PathRefusedError outside every root, also where a link leads there.
    """
    return _resolved(written, roots)[0]


def real_directory(written: str, roots: Sequence[Path]) -> Path:
    """Return where the directory that `written` means really lies; raises PathRefusedError.

    Whatever was opened below it lies inside, whichever link was changed since.
    """
    return _resolved(written, roots)[1]


def _resolved(written: str, roots: Sequence[Path]) -> tuple[Path, Path]:
    """Return a directory as it was written and where it really lies."""
    if not written.strip() or "\0" in written:
        raise PathRefusedError(_("An experiment needs the path of its directory."))
    if ".." in PurePosixPath(written).parts:
        raise PathRefusedError(
            _("The path {path} climbs with “..”; write it without.").format(path=written)
        )
    expanded = Path(os.path.expanduser(written))
    if not expanded.is_absolute():
        return _placed(_checked_length(_below_a_root(expanded, roots)), roots)
    normal = Path(os.path.normpath(expanded))
    if not any(root in normal.parents for root in _spellings(roots)):
        raise PathRefusedError(
            _(
                "The path {path} lies outside every root ({roots}). Move the directory below one "
                "of them, or add its folder to GUARDIANFLOW_ROOTS."
            ).format(path=written, roots=_listed(roots))
        )
    return _placed(_checked_length(normal), roots)


def experiment_directory(experiment: Experiment) -> Path:
    """Return the directory of an experiment; raises PathRefusedError."""
    return resolve_directory(experiment.path, settings.GUARDIANFLOW_ROOTS)


def experiment_place(experiment: Experiment) -> Path:
    """Return where the directory of an experiment really lies; raises PathRefusedError."""
    return real_directory(experiment.path, settings.GUARDIANFLOW_ROOTS)


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


def _placed(directory: Path, roots: Sequence[Path]) -> tuple[Path, Path]:
    """Return a directory below a root and its real place; refuse it where a link leads out."""
    place = Path(os.path.realpath(directory))
    above = [root for root in _spellings(roots) if root in directory.parents]
    allowed = [Path(os.path.realpath(root)) for root in roots]
    for root in above:
        child = root / directory.relative_to(root).parts[0]
        allowed.append(Path(os.path.realpath(child)))
    if not any(place.is_relative_to(one) for one in allowed):
        raise PathRefusedError(
            _(
                "The path {path} leads by a link to {place}, outside of every root. Put the link "
                "directly into a root ({roots}), or add the folder it leads to to "
                "GUARDIANFLOW_ROOTS."
            ).format(path=directory, place=place, roots=_listed(roots))
        )
    return directory, place


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
