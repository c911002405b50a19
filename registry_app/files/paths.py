"""Where experiments and their scripts may be.

An experiment is below one of the roots, a script inside its experiment. Both the written path and
the target of its links are checked. A direct child of a root may be a link to anywhere, because a
user with write access to the root created it; no other link may lead out. Paths are checked again
at every start and read, because a link may have changed since a scan.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Sequence
from pathlib import Path, PurePosixPath

from django.conf import settings

from registry_app.exceptions import PathRefusedError
from registry_app.files.link_targets import LinkRule
from registry_app.messages import Message
from registry_app.models import Experiment
from registry_app.texts import paths as texts


def resolve_directory(written: str, roots: Sequence[Path]) -> Path:
    """Return the directory that `written` in a registry file means; it need not exist.

    `~` is the home directory; a relative path is below the first root that has it, or else below
    the first root. The path is returned as it was written, with its links.
    Raises PathRefusedError outside every root, including by a link.
    """
    return _resolved(written, roots)[0]


def real_directory(written: str, roots: Sequence[Path]) -> Path:
    """Return the real path of the directory that `written` means; raises PathRefusedError.

    Files opened below it are inside, even if a link was changed since.
    """
    return _resolved(written, roots)[1]


def _resolved(written: str, roots: Sequence[Path]) -> tuple[Path, Path]:
    """Return a directory as it was written, and its real path."""
    if not written.strip() or "\0" in written:
        raise PathRefusedError(texts.NO_PATH())
    if ".." in PurePosixPath(written).parts:
        raise PathRefusedError(texts.CLIMBS(path=written))
    expanded = Path(os.path.expanduser(written))
    if not expanded.is_absolute():
        return _placed(_checked_length(_below_a_root(expanded, roots)), roots)
    normal = Path(os.path.normpath(expanded))
    if not any(root in normal.parents for root in _spellings(roots)):
        raise PathRefusedError(texts.OUTSIDE(path=written, roots=_listed(roots)))
    return _placed(_checked_length(normal), roots)


def experiment_directory(experiment: Experiment) -> Path:
    """Return the directory of an experiment; raises PathRefusedError."""
    return resolve_directory(experiment.path, settings.GUARDIANFLOW_ROOTS)


def experiment_place(experiment: Experiment) -> Path:
    """Return the real path of an experiment's directory; raises PathRefusedError."""
    return real_directory(experiment.path, settings.GUARDIANFLOW_ROOTS)


def script_inside(directory: Path, script: str) -> Path:
    """Return the path of `script` in `directory`; it need not exist.

    It may be a link to a script inside a root, which several directories share; see
    `link_targets`. Raises PathRefusedError if it is absolute, has `..`, or leads out otherwise.
    """
    written = PurePosixPath(script)
    if not script.strip() or "\0" in script or written.is_absolute() or ".." in written.parts:
        raise PathRefusedError(texts.SCRIPT_OUTSIDE(script=script))
    path = directory / written
    inside = Path(os.path.realpath(directory))
    target = Path(os.path.realpath(path))
    if target.is_relative_to(inside):
        return path
    folder = Path(os.path.realpath(path.parent))
    if not folder.is_relative_to(inside) or not link_rule().allows(script, str(target)):
        raise PathRefusedError(texts.SCRIPT_LEADS_OUT(script=script, directory=directory))
    return path


def link_rule() -> LinkRule:
    """Return the rule for links of scripts, from the settings."""
    return LinkRule.of(settings.GUARDIANFLOW_ROOTS, [str(settings.GUARDIANFLOW_HOME)])


def folder_inside(directory: Path, written: str) -> str:
    """Return a working directory in its stored form: a path below `directory`, '' for itself.

    It need not exist. Raises PathRefusedError if it is absolute, has `..`, or leads out by a link.
    """
    folder = PurePosixPath(written.strip())
    if "\0" in written or folder.is_absolute() or ".." in folder.parts:
        raise PathRefusedError(texts.FOLDER_OUTSIDE(folder=written))
    if not Path(os.path.realpath(directory / folder)).is_relative_to(os.path.realpath(directory)):
        raise PathRefusedError(texts.FOLDER_LEADS_OUT(folder=written, directory=directory))
    return "" if folder == PurePosixPath() else str(folder)


def leads_out(pattern: str) -> bool:
    """Whether a pattern of scripts could match outside of its experiment."""
    return pattern.startswith("/") or ".." in pattern.split("/")


def _below_a_root(relative: Path, roots: Sequence[Path]) -> Path:
    if not roots:
        raise PathRefusedError(texts.NO_ROOT_FOR(path=relative))
    candidates = [Path(os.path.normpath(root / relative)) for root in roots]
    if candidates[0] == roots[0]:
        raise PathRefusedError(texts.IS_ROOT(path=relative))
    return next((path for path in candidates if os.path.isdir(path)), candidates[0])


def _placed(directory: Path, roots: Sequence[Path]) -> tuple[Path, Path]:
    """Return a directory below a root and its real path; refuse it if a link leads out."""
    place = Path(os.path.realpath(directory))
    above = [root for root in _spellings(roots) if root in directory.parents]
    allowed = [Path(os.path.realpath(root)) for root in roots]
    for root in above:
        child = root / directory.relative_to(root).parts[0]
        allowed.append(Path(os.path.realpath(child)))
    if not any(place.is_relative_to(path) for path in allowed):
        raise PathRefusedError(texts.LEADS_OUT(path=directory, place=place, roots=_listed(roots)))
    return directory, place


def _checked_length(path: Path) -> Path:
    """Refuse a path that is too long for any file system, before it causes an OSError."""
    try:
        os.lstat(path)
    except OSError as error:
        if error.errno == errno.ENAMETOOLONG:
            raise PathRefusedError(texts.TOO_LONG()) from error
    return path


def _spellings(roots: Sequence[Path]) -> set[Path]:
    """Return the roots as written and with their links resolved: users write either."""
    return {*roots, *(Path(os.path.realpath(root)) for root in roots)}


def _listed(roots: Sequence[Path]) -> list[str] | Message:
    return [str(root) for root in roots] or texts.NO_ROOTS()
